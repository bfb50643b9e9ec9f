"""The environment, read in one table: name, default, what it should be, what it is for.

`README.md` prints this table and a test holds the two equal. `read` names every missing or bad value at once.
"""

import os
import re
import secrets
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url


class SettingsError(Exception):
    """One or more environment variables are missing or make no sense; the text has a line for each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True)
class Setting:
    """One variable: `parse` raises ValueError with a text that completes "NAME should be …"."""

    name: str
    parse: Callable[[str], Any]
    default: str | None
    help: str
    required_in_production: bool = False


def text(value: str) -> str:
    return value


def flag(value: str) -> bool:
    """`true`/`false`, `1`/`0`, `yes`/`no`, `on`/`off`, in any case."""
    if value.lower() in {"true", "1", "yes", "on"}:
        return True
    if value.lower() in {"false", "0", "no", "off"}:
        return False
    raise ValueError("true or false")


def whole(low: int, high: int) -> Callable[[str], int]:
    """A parser of whole numbers from `low` to `high`, both included."""

    def parse(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(value)

    return parse


def seconds(value: str) -> float:
    """A time in seconds, more than 0 and at most an hour."""
    expected = "a number of seconds, more than 0 and at most 3600"
    try:
        number = float(value)
    except ValueError as error:
        raise ValueError(expected) from error
    if not 0 < number <= 3600:
        raise ValueError(expected)
    return number


def rate(value: str) -> tuple[int, int]:
    """`600/1m`: so many requests in so many seconds."""
    found = re.fullmatch(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,3})([smh])", value)
    if not found:
        raise ValueError("requests/time such as 600/1m, with s, m or h")
    return int(found[1]), int(found[2]) * {"s": 1, "m": 60, "h": 3600}[found[3]]


def names(value: str) -> list[str]:
    """A comma-separated list; blanks around names are dropped."""
    return [name.strip() for name in value.split(",") if name.strip()]


def origins(value: str) -> list[str]:
    """Origins as Django's CSRF_TRUSTED_ORIGINS wants them: scheme and host."""
    found = names(value)
    for origin in found:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path:
            raise ValueError("origins such as https://films.example.org, separated by commas")
    return found


def hosts(value: str) -> list[str]:
    """Host names as Django's ALLOWED_HOSTS has them: exact, or with a leading dot for all subdomains."""
    found = names(value)
    for host in found:
        if not re.fullmatch(r"\*|\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\]", host):
            raise ValueError("host names without scheme or port, separated by commas, such as films.example.org")
    return found


def proxies(value: str) -> list[str]:
    """Addresses or networks of proxies; `*` would believe anybody's X-Forwarded-For."""
    found = names(value)
    if "*" in found:
        raise ValueError("addresses or networks such as 10.0.0.0/8, separated by commas; never *")
    return found


def database(value: str) -> dict[str, Any]:
    """A `DATABASE_URL`, as Django's `DATABASES` has it: SQLite or PostgreSQL, no other."""
    expected = "sqlite:///path/to/file.sqlite3 or postgres://user:password@host:5432/name"
    scheme, _, rest = value.partition("://")
    if scheme not in {"sqlite", "postgres", "postgresql"} or not rest.strip("/"):
        raise ValueError(expected)
    try:
        parsed = dict(dj_database_url.parse(value))
    except (ValueError, KeyError) as error:
        raise ValueError(expected) from error
    if not parsed.get("NAME"):
        raise ValueError(expected)
    return parsed


def log_level(value: str) -> str:
    if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("DEBUG, INFO, WARNING or ERROR")
    return value.upper()


def secret(value: str) -> str:
    if len(value) < 32:
        raise ValueError("a random text of at least 32 characters")
    return value


def token(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._~+/=-]{16,}", value):
        raise ValueError("a random text of at least 16 characters without blanks")
    return value


SETTINGS: tuple[Setting, ...] = (
    Setting("SECRET_KEY", secret, None, "Signs sessions. In development one is made and kept in `DATA_DIR`.", True),
    Setting("ALLOWED_HOSTS", hosts, "localhost,127.0.0.1,[::1]", "Names that requests may be addressed to.", True),
    Setting("DATABASE_URL", database, None, "Default: `moviedb.sqlite3` in `DATA_DIR`. `postgres://…` for PostgreSQL."),
    Setting(
        "PREPARED_STATEMENTS", flag, "true", "PostgreSQL plans a query once a connection. PgBouncer < 1.21: false."
    ),
    Setting("DATA_DIR", Path, "var", "Where SQLite, uploaded posters and the development key are kept."),
    Setting("HOST", text, "127.0.0.1", "Address that `moviedb serve` listens on."),
    Setting("PORT", whole(0, 65535), "8000", "Port that `moviedb serve` listens on; 0 takes a free one."),
    Setting("TRUSTED_PROXIES", proxies, "127.0.0.1", "Proxies whose `X-Forwarded-For` and `-Proto` are believed."),
    Setting("HTTPS", flag, "true", "Whether browsers come by https: cookies then need it. Development: false."),
    Setting("CSRF_TRUSTED_ORIGINS", origins, "", "Further origins whose forms the admin takes."),
    Setting("API_PUBLIC_READ", flag, "true", "Whether the API is read without a token. Changes need one always."),
    Setting("REQUIRE_IF_MATCH", flag, "false", "Whether changes must say in `If-Match` which version they change."),
    Setting("RATE_LIMIT", rate, None, "Reads for one address, such as `600/1m`; answers from the cache are free."),
    Setting("WRITE_RATE_LIMIT", rate, "60/1m", "Writes that one token may make."),
    Setting("API_THREADS", whole(1, 64), "4", "Threads, and so database connections, that serve the API."),
    Setting("API_QUEUE", whole(1, 100_000), "1000", "Requests that may wait for a thread; above it the answer is 503."),
    Setting("REQUEST_SECONDS", seconds, "10", "Longest time for a request; after it the answer is 504. Streams apart."),
    Setting("BODY_MB", whole(1, 64), "2", "Megabytes that a body may have; above it the answer is 413."),
    Setting("BULK_MB", whole(1, 1024), "64", "Megabytes that the body of a bulk write may have."),
    Setting("BULK_SECONDS", seconds, "300", "Longest time for a bulk write; after it the answer is 408."),
    Setting("API_QUEUE_SECONDS", seconds, "5", "Longest wait for a thread; after it the answer is 503."),
    Setting("STATISTICS_SECONDS", seconds, "3", "Longest that statistics and similar films are worked out."),
    Setting("CACHE_MB", whole(0, 65_536), "64", "Megabytes that kept answers of the API may take; 0 keeps none."),
    Setting(
        "HEAD_SECONDS", seconds, "10", "Longest time in which a request's head must come; after it the answer is 408."
    ),
    Setting(
        "HEAD_KB", whole(1, 64), "64", "Kilobytes that the headers of a request may have; above it the answer is 431."
    ),
    Setting("ADDRESS_KB", whole(1, 64), "8", "Kilobytes that path and query may have; above it the answer is 414."),
    Setting("IDLE_SECONDS", whole(1, 3600), "60", "How long a connection may wait for its next request."),
    Setting("CHANGES_DAYS", whole(30, 36_500), "30", "Days that `/api/changes` and the history go back: 30 or more."),
    Setting("WEBHOOKS_ANYWHERE", flag, "false", "Whether webhooks may go to addresses inside private networks too."),
    Setting("SHUTDOWN_SECONDS", seconds, "15", "Time that running requests have when the process is asked to stop."),
    Setting(
        "METRICS_TOKEN", token, None, "Bearer token that Prometheus shows for `/metrics`; without one it is not there."
    ),
    Setting("LOG_LEVEL", log_level, "INFO", "DEBUG, INFO, WARNING or ERROR."),
    Setting("ACCESS_LOG", flag, "true", "A line for each request on standard output."),
)


def read(*, production: bool, environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """All settings by name, parsed.

    Raises SettingsError that names each variable which is missing (in production) or bad, and what it should be.
    An empty variable counts as absent, since that is how most platforms unset one.
    """
    values: dict[str, Any] = {}
    faults: list[str] = []
    for setting in SETTINGS:
        given = environ.get(setting.name, "").strip()
        if not given and production and setting.required_in_production:
            faults.append(f"{setting.name} is missing: {setting.help}")
            continue
        raw = given or setting.default
        try:
            values[setting.name] = None if raw is None else setting.parse(raw)
        except ValueError as error:
            faults.append(f"{setting.name} should be {error}; it is {shown(setting, given)}")
    if faults:
        raise SettingsError(faults)
    return values


def shown(setting: Setting, value: str) -> str:
    """The value for an error text, with secrets kept out of logs."""
    if setting.name in {"SECRET_KEY", "METRICS_TOKEN"}:
        return f"{len(value)} characters long"
    return repr(re.sub(r"(://[^:/@]*):[^@]*@", r"\1:…@", value))


def kept_secret_key(data_dir: Path) -> str:
    """The development key of `data_dir`, made at first use and readable by its owner only."""
    path = data_dir / "secret_key"
    data_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Linked when it is whole: of two processes that start at once, neither reads a part of the other's.
        with tempfile.NamedTemporaryFile("w", dir=data_dir, encoding="ascii") as file:
            file.write(secrets.token_urlsafe(50))
            file.flush()
            with suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_text(encoding="ascii")
