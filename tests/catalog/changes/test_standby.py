"""The log on a real standby: its snapshots list no transactions in progress, and yet no commit is missed."""

from collections.abc import Iterator

import pytest
from django.db import connection

from catalog import changes
from settings.environment import database
from tests.catalog.changes.own_database import django_at
from tests.catalog.changes.sessions import postgresql_session
from tests.catalog.changes.standby import Standby
from tests.conftest import SERVER
from tests.postgres import Unavailable

pytestmark = pytest.mark.django_db(transaction=True)

NEW_GENRE = "INSERT INTO catalog_genre (name, slug) VALUES ('{0}', '{0}')"


@pytest.fixture(scope="module")
def standby(request: pytest.FixtureRequest) -> Iterator[Standby]:
    primary = request.config.stash.get(SERVER, None)
    if primary is None:
        pytest.skip("only PostgreSQL has standbys")
    server = Standby(primary)
    try:
        server.start()
    except Unavailable as error:
        pytest.skip(str(error))
    yield server
    server.stop()


def at(standby: Standby) -> dict[str, object]:
    """Django's settings for the tests' database as the standby has it."""
    standby.catch_up()
    return dict(database(standby.url(connection.settings_dict["NAME"])))


def position(standby: Standby) -> str:
    with django_at(standby.folder, at(standby)):
        return changes.position()


def changed_since(standby: Standby, token: str) -> bool:
    with django_at(standby.folder, at(standby)):
        return bool(changes.changed_since(token))


def test_nothing_has_changed_since_now(standby: Standby) -> None:
    token = position(standby)
    assert "/" in token
    assert not changed_since(standby, token)


def test_a_commit_of_a_transaction_that_was_in_progress_is_seen(standby: Standby) -> None:
    """The snapshot alone would miss it: there the slow transaction looks as if it were over already."""
    with postgresql_session() as slow, postgresql_session() as quick:
        slow.execute(NEW_GENRE.format("slow"))
        quick.execute(NEW_GENRE.format("quick"))
        quick.commit()
        token = position(standby)
        slow.commit()
    assert changed_since(standby, token)
    assert not changed_since(standby, token.rpartition("/")[0])


def test_a_position_of_the_primary_holds_on_its_standby(standby: Standby) -> None:
    token = changes.position()
    assert not changed_since(standby, token)
    with postgresql_session() as writer:
        writer.execute(NEW_GENRE.format("drama"))
    assert changed_since(standby, token)


def test_it_is_another_node_than_its_primary(standby: Standby) -> None:
    with django_at(standby.folder, at(standby)):
        there = changes.node()
    assert there != changes.node() == changes.node()


def test_all_triggers_stand_there_too(standby: Standby) -> None:
    with django_at(standby.folder, at(standby)):
        assert changes.standing() == []
