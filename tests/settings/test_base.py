"""Django's settings as they are made of the environment's values."""

from pathlib import Path
from typing import Any

import pytest

from settings.base import SQLITE_PRAGMAS, configure, databases
from settings.environment import database, read

POSTGRESQL = database("postgres://ann:secret@db.example.org/films?connect_timeout=9")


def configured(**environ: str) -> dict[str, Any]:
    return configure(read(production=False, environ=environ))


def test_the_embedded_database_lies_in_the_data_directory(tmp_path: Path) -> None:
    assert databases(None, tmp_path)["default"]["NAME"] == str(tmp_path / "moviedb.sqlite3")


def test_every_sqlite_connection_sets_all_pragmas(tmp_path: Path) -> None:
    command = databases(None, tmp_path)["default"]["OPTIONS"]["init_command"]
    assert command.split(";") == [f"PRAGMA {name}={value}" for name, value in SQLITE_PRAGMAS.items()]


def test_sqlite_transactions_take_the_lock_at_begin(tmp_path: Path) -> None:
    """With Django's default, one that reads before it writes fails at once when another one writes."""
    assert databases(None, tmp_path)["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_what_is_acknowledged_on_sqlite_outlives_a_power_loss() -> None:
    assert (SQLITE_PRAGMAS["journal_mode"], SQLITE_PRAGMAS["synchronous"]) == ("wal", 2)


@pytest.mark.parametrize("url", [None, database("sqlite:////srv/films.sqlite3"), POSTGRESQL])
def test_no_connection_outlives_its_admin_request(url: dict[str, Any] | None, tmp_path: Path) -> None:
    assert databases(url, tmp_path)["default"]["CONN_MAX_AGE"] == 0


def test_an_address_may_set_its_own_connect_timeout(tmp_path: Path) -> None:
    assert int(databases(POSTGRESQL, tmp_path)["default"]["OPTIONS"]["connect_timeout"]) == 9


def test_a_postgresql_that_does_not_answer_is_given_up_soon(tmp_path: Path) -> None:
    plain = database("postgres://ann:secret@db.example.org/films")
    assert databases(plain, tmp_path)["default"]["OPTIONS"]["connect_timeout"] == 5


def test_postgresql_plans_what_asks_for_it_once(tmp_path: Path) -> None:
    """Psycopg prepares on request while there is a threshold, however high; Django's default is none."""
    options = databases(POSTGRESQL, tmp_path)["default"]["OPTIONS"]
    assert options["prepare_threshold"] > 10**9
    assert options["options"] == "-c plan_cache_mode=force_generic_plan"


def test_behind_an_old_pool_nothing_is_prepared() -> None:
    """PgBouncer before 1.21 hands each transaction to another server connection, which knows no statement of ours."""
    url = "postgres://ann:secret@db.example.org/films"
    found = configured(DATABASE_URL=url, PREPARED_STATEMENTS="false")
    assert found["DATABASES"]["default"]["OPTIONS"] == {"connect_timeout": 5}


def test_paths_are_absolute_wherever_the_process_stands() -> None:
    assert configured(DATA_DIR="films")["MEDIA_ROOT"] == Path.cwd() / "films" / "media"


def test_the_log_takes_its_level_from_the_environment() -> None:
    assert configured(LOG_LEVEL="error")["LOGGING"]["root"]["level"] == "ERROR"


@pytest.mark.parametrize("https", [True, False])
def test_cookies_need_https_where_browsers_come_by_it(https: bool) -> None:
    found = configured(HTTPS=str(https))
    assert found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is https
