"""What no answer shows is committed without any answer leaving the cache."""

import sqlite3

import psycopg
import pytest

from tests.live.site import Place, Site
from tests.live.test_cache import kept

pytestmark = pytest.mark.live

LIST = "/api/movies?limit=10"


def write(place: Place, statement: str) -> None:
    """Run a statement in the site's database, in a session of its own."""
    if place.database_url is None:
        connection = sqlite3.connect(place.folder / "moviedb.sqlite3", timeout=30)
        with connection:
            connection.execute(statement)
        connection.close()
    else:
        with psycopg.connect(place.database_url) as session:
            session.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE auth_user SET last_login = CURRENT_TIMESTAMP",
        "UPDATE catalog_token SET last_used = CURRENT_TIMESTAMP",
        "INSERT INTO django_session (session_key, session_data, expire_date) VALUES ('one', '', CURRENT_TIMESTAMP)",
    ],
)
def test_a_write_that_no_answer_shows_costs_no_kept_answer(site: Site, filled_place: Place, statement: str) -> None:
    kept(site)
    write(filled_place, statement)
    assert site.ask(LIST).headers["cache-status"] == "revision; hit"


def test_a_write_to_another_database_costs_no_kept_answer(site: Site, filled_place: Place) -> None:
    if filled_place.database_url is None:
        pytest.skip("a SQLite file is a server's only database")
    kept(site)
    with psycopg.connect(filled_place.database_url.rpartition("/")[0] + "/postgres", autocommit=True) as session:
        session.execute("CREATE TABLE IF NOT EXISTS somebodys_own (id integer)")
        session.execute("INSERT INTO somebodys_own VALUES (1)")
    assert site.ask(LIST).headers["cache-status"] == "revision; hit"
