"""Our system checks: silent on our own settings, loud on what each guards against."""

from typing import Any

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.test import override_settings

from moviedb import checks
from settings.base import databases


def own() -> list[str]:
    return sorted(message.id or "" for message in run_checks() if (message.id or "").startswith("moviedb."))


def test_our_own_settings_pass() -> None:
    assert own() == []


def changed(**changes: Any) -> dict[str, Any]:
    """DATABASES with the embedded database changed."""
    database = databases(None, settings.DATA_DIR)["default"]
    return {"default": database | {"CONN_MAX_AGE": 0} | changes}


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({"CONN_MAX_AGE": 60}, ["moviedb.E001"]),
        ({"CONN_MAX_AGE": None}, ["moviedb.E001"]),
        ({"OPTIONS": {}}, ["moviedb.E002", "moviedb.E003"]),
        ({"ENGINE": "django.db.backends.postgresql", "OPTIONS": {}}, []),
        ({"ENGINE": "django.db.backends.postgresql", "OPTIONS": {"pool": True}, "CONN_MAX_AGE": 60}, []),
    ],
)
def test_a_database_that_is_set_up_otherwise_is_seen(
    changes: dict[str, Any], expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DATABASES", changed(**changes))
    assert own() == expected


def test_the_pragmas_that_miss_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=wal;PRAGMA busy_timeout=5000"}
    monkeypatch.setattr(settings, "DATABASES", changed(OPTIONS=options))
    (message,) = checks.sqlite_has_its_pragmas()
    assert "do not set synchronous, foreign_keys, recursive_triggers" in message.msg


def test_no_host_at_all_is_seen() -> None:
    with override_settings(ALLOWED_HOSTS=[]):
        assert own() == ["moviedb.E004"]
