"""When the process says that it should be sent no requests."""

import json
import sqlite3
from collections.abc import Iterator

import psycopg
import pytest

from tests.live.site import Place, Site
from tests.live.test_unlogged import write

pytestmark = pytest.mark.live

OF_SQLITE = """SELECT name, 'DROP TRIGGER ' || name, sql
    FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'changes%'"""
OF_POSTGRESQL = """SELECT tgname, format('DROP TRIGGER %s ON %s', tgname, tgrelid::regclass), format(
    '%s; ALTER TABLE %s ENABLE ALWAYS TRIGGER %s', pg_get_triggerdef(oid), tgrelid::regclass, tgname)
    FROM pg_trigger WHERE tgname LIKE 'changes%'"""


def a_trigger(place: Place) -> tuple[str, str, str]:
    """The name of one of the change log's triggers, the statement that drops it and the one that makes it again."""
    if place.database_url is None:
        connection = sqlite3.connect(place.folder / "moviedb.sqlite3")
        found = connection.execute(OF_SQLITE).fetchone()
        connection.close()
    else:
        with psycopg.connect(place.database_url) as session:
            found = session.execute(OF_POSTGRESQL).fetchone()
    name, drop, make = found
    return name, drop, make


@pytest.fixture
def dropped(filled_place: Place) -> Iterator[str]:
    """The name of a trigger that is missing meanwhile."""
    name, drop, make = a_trigger(filled_place)
    write(filled_place, drop)
    yield name
    write(filled_place, make)


def test_a_trigger_that_was_dropped_is_a_reason_to_send_no_requests(site: Site, dropped: str) -> None:
    answer = site.ask("/readyz")
    assert (answer.status, json.loads(answer.body)["faults"]) == (503, {"change log": f"lacks {dropped}"})


def test_once_all_triggers_are_there_again_requests_are_welcome(site: Site) -> None:
    assert site.ask("/readyz").status == 200
