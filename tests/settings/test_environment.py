"""The table of settings: bad values are named with what they should be, all at once, and secrets stay secret."""

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from settings import environment
from settings.environment import SETTINGS, SettingsError, kept_secret_key, read

KEY = "k" * 50
REQUIRED = {"SECRET_KEY": KEY, "ALLOWED_HOSTS": "films.example.org"}


def faults(environ: Mapping[str, str], *, production: bool = False) -> list[str]:
    """What `read` complains of."""
    with pytest.raises(SettingsError) as raised:
        read(production=production, environ=environ)
    return raised.value.faults


def value(name: str, text: str) -> Any:
    """A setting as `read` parses it."""
    return read(production=False, environ={name: text})[name]


def test_nothing_is_required_in_development() -> None:
    assert set(read(production=False, environ={})) == {setting.name for setting in SETTINGS}


def test_defaults_are_parsed_like_values() -> None:
    found = read(production=True, environ=REQUIRED)
    assert (found["PORT"], found["ACCESS_LOG"], found["API_QUEUE_SECONDS"]) == (8000, True, 5.0)


@pytest.mark.contract("limits.read", "limits.write", "limits.body", "limits.address", "limits.deadline")
@pytest.mark.contract("writes.open", "changes.pruned", "lists.partial")
def test_what_is_not_set_is_what_the_contract_says() -> None:
    found = read(production=True, environ=REQUIRED)
    assert (found["RATE_LIMIT"], found["WRITE_RATE_LIMIT"]) == (None, (60, 60))
    assert (found["BODY_MB"], found["BULK_MB"], found["ADDRESS_KB"], found["HEAD_KB"]) == (2, 64, 8, 64)
    assert (found["REQUEST_SECONDS"], found["BULK_SECONDS"], found["STATISTICS_SECONDS"]) == (10, 300, 3)
    assert (found["API_PUBLIC_READ"], found["REQUIRE_IF_MATCH"], found["CHANGES_DAYS"]) == (True, False, 30)


@pytest.mark.parametrize("environ", [{}, {"SECRET_KEY": "", "ALLOWED_HOSTS": "  "}])
def test_all_that_production_misses_is_named_at_once(environ: dict[str, str]) -> None:
    """An empty variable counts as absent."""
    first, second = faults(environ, production=True)
    assert first.startswith("SECRET_KEY is missing: ")
    assert second.startswith("ALLOWED_HOSTS is missing: ")


def test_missing_and_bad_values_are_named_together() -> None:
    found = faults({"PORT": "many", "ACCESS_LOG": "maybe", "SECRET_KEY": KEY}, production=True)
    assert [fault.split()[0] for fault in found] == ["ALLOWED_HOSTS", "PORT", "ACCESS_LOG"]


def test_an_empty_value_takes_the_default() -> None:
    assert value("PORT", "") == 8000


@pytest.mark.parametrize(
    "name, text, expected",
    [
        ("SECRET_KEY", "short", "a random text of at least 32 characters"),
        ("ALLOWED_HOSTS", "https://films.example.org", "host names without scheme or port"),
        ("ALLOWED_HOSTS", "films.example.org:443", "host names without scheme or port"),
        ("ALLOWED_HOSTS", "a b", "host names without scheme or port"),
        ("DATABASE_URL", "mysql://a:b@c/d", "sqlite:///path/to/file.sqlite3 or postgres://"),
        ("DATABASE_URL", "postgres://", "sqlite:///path/to/file.sqlite3 or postgres://"),
        ("DATABASE_URL", "postgres://host", "sqlite:///path/to/file.sqlite3 or postgres://"),
        ("DATABASE_URL", "postgres://host:port/films", "sqlite:///path/to/file.sqlite3 or postgres://"),
        ("DATABASE_URL", "sqlite:///", "sqlite:///path/to/file.sqlite3 or postgres://"),
        ("DATABASE_URL", "films.sqlite3", "sqlite:///path/to/file.sqlite3 or postgres://"),
        ("PORT", "65536", "a whole number from 0 to 65535"),
        ("PORT", "-1", "a whole number from 0 to 65535"),
        ("PORT", "８０", "a whole number from 0 to 65535"),
        ("PORT", "80.0", "a whole number from 0 to 65535"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,*", "never *"),
        ("CSRF_TRUSTED_ORIGINS", "films.example.org", "origins such as https://films.example.org"),
        ("CSRF_TRUSTED_ORIGINS", "https://films.example.org/x", "origins such as https://films.example.org"),
        ("API_THREADS", "0", "a whole number from 1 to 64"),
        ("API_THREADS", "65", "a whole number from 1 to 64"),
        ("API_QUEUE", "1e3", "a whole number from 1 to 100000"),
        ("API_QUEUE_SECONDS", "0", "a number of seconds, more than 0 and at most 3600"),
        ("API_QUEUE_SECONDS", "nan", "a number of seconds, more than 0 and at most 3600"),
        ("API_QUEUE_SECONDS", "soon", "a number of seconds, more than 0 and at most 3600"),
        ("SHUTDOWN_SECONDS", "3601", "a number of seconds, more than 0 and at most 3600"),
        ("LOG_LEVEL", "loud", "DEBUG, INFO, WARNING or ERROR"),
        ("ACCESS_LOG", "2", "true or false"),
    ],
)
def test_a_bad_value_is_named_with_what_it_should_be(name: str, text: str, expected: str) -> None:
    (fault,) = faults({name: text})
    assert fault.startswith(f"{name} should be ")
    assert expected in fault


@pytest.mark.parametrize(
    "name, text, parsed",
    [
        (
            "ALLOWED_HOSTS",
            " a.example.org , .b.example.org,[::1],* ",
            ["a.example.org", ".b.example.org", "[::1]", "*"],
        ),
        ("CSRF_TRUSTED_ORIGINS", "https://a.example.org:8443,", ["https://a.example.org:8443"]),
        ("TRUSTED_PROXIES", "10.0.0.0/8,::1", ["10.0.0.0/8", "::1"]),
        ("PORT", "0", 0),
        ("PORT", "65535", 65535),
        ("API_QUEUE_SECONDS", "0.5", 0.5),
        ("SHUTDOWN_SECONDS", "3600", 3600.0),
        ("LOG_LEVEL", "debug", "DEBUG"),
        ("ACCESS_LOG", "Off", False),
        ("ACCESS_LOG", "YES", True),
        ("DATA_DIR", "films", Path("films")),
    ],
)
def test_a_good_value_is_parsed(name: str, text: str, parsed: object) -> None:
    assert value(name, text) == parsed


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_a_postgresql_address_is_parsed(scheme: str) -> None:
    found = value("DATABASE_URL", f"{scheme}://ann:s%40cret@db.example.org:5433/films?sslmode=require")
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["NAME"], found["USER"], found["PASSWORD"]) == ("films", "ann", "s@cret")
    assert (found["HOST"], found["PORT"], found["OPTIONS"]) == ("db.example.org", 5433, {"sslmode": "require"})


def test_a_sqlite_address_is_parsed() -> None:
    assert value("DATABASE_URL", "sqlite:////srv/films.sqlite3")["NAME"] == "/srv/films.sqlite3"


def test_a_bad_key_is_not_shown() -> None:
    (fault,) = faults({"SECRET_KEY": "hunter2"})
    assert fault.endswith("it is 7 characters long")


@pytest.mark.parametrize("address", ["mysql://ann:hunter2@db/films", "postgres://:hunter2@", "postgres://a:hunter2@h"])
def test_a_password_in_an_address_is_not_shown(address: str) -> None:
    (fault,) = faults({"DATABASE_URL": address})
    assert "hunter2" not in fault


def test_every_setting_says_what_it_is_for() -> None:
    assert all(setting.help.endswith(".") for setting in SETTINGS)


def test_the_development_key_is_made_once_and_is_strong(tmp_path: Path) -> None:
    key = kept_secret_key(tmp_path / "new")
    assert len(key) >= 50
    assert kept_secret_key(tmp_path / "new") == key


def test_the_development_key_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    kept_secret_key(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_another_directory_has_another_key(tmp_path: Path) -> None:
    assert kept_secret_key(tmp_path / "a") != kept_secret_key(tmp_path / "b")


def test_the_table_names_each_setting_once() -> None:
    names = [setting.name for setting in environment.SETTINGS]
    assert len(names) == len(set(names))
