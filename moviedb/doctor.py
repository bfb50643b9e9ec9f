"""What is wrong with this set-up, in plain words: findings, each made by one small examination.

Nothing here needs models, so that it works, as far as each examination can, when the settings or the database do not.
"""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, connection
from rich.console import Console
from rich.text import Text

from catalog import changes
from moviedb import database

FREE_BYTES_LOW = 500 * 1024**2
FREE_BYTES_NONE = 50 * 1024**2
OLDEST_POSTGRESQL = 140000
CLOCK_SECONDS = 5.0
KEY_CHARACTERS, KEY_VARIETY = 50, 5
"""What Django's own deployment check asks of a SECRET_KEY."""

REACHES_UVICORN = ("WEB_CONCURRENCY", "FORWARDED_ALLOW_IPS")


class Level(Enum):
    """How much a finding matters; the value is its colour on a terminal."""

    OK = "green"
    WARNING = "yellow"
    ERROR = "red"


@dataclass(frozen=True)
class Finding:
    """One line of the report; of a warning or an error it says what to do."""

    level: Level
    text: str


def ok(text: str) -> Finding:
    return Finding(Level.OK, text)


def warning(text: str) -> Finding:
    return Finding(Level.WARNING, text)


def error(text: str) -> Finding:
    return Finding(Level.ERROR, text)


def examine() -> Iterator[Finding]:
    """All findings, for settings that could be loaded. Raises nothing that a broken set-up can cause."""
    yield ok(f"settings: {os.environ.get('DJANGO_SETTINGS_MODULE')} is complete")
    yield from environment()
    yield from guarded(EXAMINATIONS)
    reached = list(guarded([reachable]))
    yield from reached
    if all(finding.level is Level.OK for finding in reached):
        yield from guarded(DATABASE_EXAMINATIONS)


def without_settings(faults: Iterable[str]) -> Iterator[Finding]:
    """What can be said when the settings could not be loaded, for the reasons in `faults`."""
    yield from (error(f"settings: {fault}") for fault in faults)
    yield from environment()
    yield warning("the data directory, the database and the rest were not examined: mend the settings first")


def guarded(examinations: Iterable[Callable[[], Iterable[Finding]]]) -> Iterator[Finding]:
    """The findings of each examination; a database or a system that refuses to answer is a finding too."""
    for examination in examinations:
        try:
            yield from examination()
        except (DatabaseError, InterfaceError, ImproperlyConfigured) as fault:
            yield error(database.plain(fault))
        except OSError as fault:
            yield error(f"{examination.__name__.replace('_', ' ')}: {fault.filename}: {fault.strerror}")


def show(findings: Iterable[Finding]) -> int:
    """Print a line for each finding, coloured on a terminal; returns the exit code, 1 when any is an error."""
    console = Console(file=sys.stdout, soft_wrap=True, highlight=False)
    levels = set()
    for finding in findings:
        levels.add(finding.level)
        label = Text(f"{finding.level.name.lower():<8}", style=finding.level.value)
        console.print(label.append(finding.text, style="default"))
    return 1 if Level.ERROR in levels else 0


def environment() -> Iterator[Finding]:
    """Variables that uvicorn's own command reads past the Procfile's options, or that would be read if it could."""
    found = sorted(name for name in os.environ if name in REACHES_UVICORN or name.startswith("UVICORN_"))
    for name in found:
        yield warning(f"environment: {name} is set; uvicorn reads it beside the Procfile's options: unset it")
    if not found:
        yield ok("environment: no variable reaches into uvicorn")


def data_directory() -> Iterator[Finding]:
    directory: Path = settings.DATA_DIR
    nearest = next(path for path in (directory, *directory.parents) if path.exists())
    if not nearest.is_dir():
        yield error(f"data directory: {nearest} is no directory: move it away, or change DATA_DIR")
    elif not os.access(nearest, os.W_OK | os.X_OK):
        yield error(f"data directory: {nearest} can't be written by this user: give it to them, or change DATA_DIR")
    elif nearest != directory:
        yield ok(f"data directory: {directory} will be made at the first start")
    else:
        yield ok(f"data directory: {directory} can be written")
    yield disk_space(nearest)


def disk_space(directory: Path) -> Finding:
    free = shutil.disk_usage(directory).free
    text = f"disk: {free / 1024**2:,.0f} MB are free at {directory}"
    if free < FREE_BYTES_NONE:
        return error(f"{text}: writes will fail soon; make room")
    if free < FREE_BYTES_LOW:
        return warning(f"{text}: make room")
    return ok(text)


def secret_key() -> Iterator[Finding]:
    key = settings.SECRET_KEY
    if len(key) < KEY_CHARACTERS or len(set(key)) < KEY_VARIETY:
        yield warning(f"SECRET_KEY: make it {KEY_CHARACTERS} random characters or more: `openssl rand -base64 48`")
    else:
        yield ok("SECRET_KEY: long enough")


def debug() -> Iterator[Finding]:
    production = os.environ.get("DJANGO_SETTINGS_MODULE") == "settings.production"
    if settings.DEBUG and production:
        yield error("DEBUG: on in production, where it shows settings to strangers: turn it off")
    elif settings.DEBUG:
        yield warning("DEBUG: on; never serve the public so: DJANGO_SETTINGS_MODULE=settings.production turns it off")
    else:
        yield ok("DEBUG: off")


def allowed_hosts() -> Iterator[Finding]:
    hosts = settings.ALLOWED_HOSTS
    if "*" in hosts:
        yield warning("ALLOWED_HOSTS: * takes any name, so that links can be forged: list the names")
    elif not hosts:
        yield error("ALLOWED_HOSTS: empty, every request would be refused: list the names")
    else:
        yield ok(f"ALLOWED_HOSTS: {', '.join(hosts)}")


def proxies() -> Iterator[Finding]:
    wide = [proxy for proxy in settings.TRUSTED_PROXIES if proxy.endswith("/0")]
    if wide:
        yield error(f"TRUSTED_PROXIES: {', '.join(wide)} believes anybody's X-Forwarded-For: list the proxies only")
    else:
        yield ok(f"TRUSTED_PROXIES: {', '.join(settings.TRUSTED_PROXIES) or 'none'}")


def system_checks() -> Iterator[Finding]:
    """Django's own checks and ours; those of the deployment are covered, in plainer words, by the rest."""
    messages = run_checks()
    for message in messages:
        level = Level.ERROR if message.is_serious() else Level.WARNING
        yield Finding(level, f"checks: {message.msg} {message.hint or ''} ({message.id})".replace("\n", " "))
    if not messages:
        yield ok("checks: Django's and our own pass")


def static_files() -> Iterator[Finding]:
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if manifest.exists():
        yield ok(f"static files: collected in {settings.STATIC_ROOT}")
    elif os.access(manifest.parent if manifest.parent.exists() else manifest.parent.parent, os.W_OK):
        yield ok("static files: will be collected at the first start")
    else:
        yield error(f"static files: not collected, and {settings.STATIC_ROOT} can't be written by this user")


def reachable() -> Iterator[Finding]:
    file = database.sqlite_file()
    if file is not None and not file.exists():
        # Asking would make an empty file.
        yield warning(f"database: {file} is not there yet; the first start makes it")
        return
    database.answers()
    yield ok(f"database: {connection.vendor} answers")


def migrations() -> Iterator[Finding]:
    state = database.migrations()
    if state.unknown:
        yield error(f"migrations: the database is newer than this version, it has {database.names(state.unknown)}")
    elif state.unapplied:
        yield error(f"migrations: {database.names(state.unapplied)} not applied: run `moviedb migrate`")
    else:
        yield ok("migrations: all applied")


def pragmas() -> Iterator[Finding]:
    broken = database.broken_pragmas()
    yield from (error(f"SQLite: {fault}; is the file on a disk of this machine?") for fault in broken)
    if not broken and connection.vendor == "sqlite":
        yield ok("SQLite: all pragmas hold")


def integrity() -> Iterator[Finding]:
    """SQLite's own quick check of the whole file: too slow for a start, right for a doctor."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA quick_check(3)")
        rows = [row[0] for row in cursor.fetchall()]
    if rows == ["ok"]:
        yield ok("SQLite: the file is sound")
    else:
        yield error(f"SQLite: the file is damaged ({'; '.join(rows)}): restore a backup")


def postgresql_version() -> Iterator[Finding]:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_version')")
        number, text = cursor.fetchone()
    if number < OLDEST_POSTGRESQL:
        yield error(f"PostgreSQL: {text} is too old: moviedb needs {OLDEST_POSTGRESQL // 10000} or later")
    else:
        yield ok(f"PostgreSQL: {text}")


def change_log() -> Iterator[Finding]:
    missing = changes.standing()
    if missing:
        yield error(f"change log: {len(missing)} triggers do not stand ({missing[0]} …): run `moviedb migrate`")
    else:
        yield ok("change log: all triggers stand")


def clock() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT strftime('%s', 'now')" if connection.vendor == "sqlite" else "SELECT extract(epoch FROM now())"
        )
        apart = abs(float(cursor.fetchone()[0]) - time.time())
    if apart > CLOCK_SECONDS:
        yield warning(f"clock: {apart:.0f} s apart from the database's: let both keep time by NTP")
    else:
        yield ok("clock: agrees with the database's")


def superuser() -> Iterator[Finding]:
    if get_user_model().objects.filter(is_superuser=True, is_active=True).exists():
        yield ok("superuser: there is one")
    else:
        yield warning("superuser: none: run `moviedb createadmin`, or open the link that the server prints at start")


EXAMINATIONS = (
    data_directory, secret_key, debug, allowed_hosts, proxies, static_files, system_checks,
)  # fmt: skip
DATABASE_EXAMINATIONS = (migrations, pragmas, integrity, postgresql_version, change_log, clock, superuser)
