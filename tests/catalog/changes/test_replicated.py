"""What logical replication writes into our tables: its worker runs no triggers of statements, and has no path."""

import time
from collections.abc import Iterator

import psycopg
import pytest

from catalog import changes
from catalog.models import Genre
from tests.catalog.changes.log import execute
from tests.conftest import SERVER
from tests.postgres import START_SECONDS, Server, Unavailable

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = "CREATE TABLE catalog_genre (id bigint PRIMARY KEY, name varchar(200), slug varchar(50))"


class Publisher(Server):
    """A server whose changes can be subscribed to."""

    settings = ("wal_level=logical",)


@pytest.fixture(scope="module")
def publisher(request: pytest.FixtureRequest) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """A session on another server, which publishes its table of genres."""
    ours = request.config.stash.get(SERVER, None)
    if ours is None:
        pytest.skip("SQLite replicates nothing")
    server = Publisher(ours.binaries, user=ours.user)
    try:
        server.start()
    except Unavailable as error:
        pytest.skip(str(error))
    with psycopg.connect(server.url("postgres"), autocommit=True) as session:
        session.execute(TABLE)
        session.execute("CREATE PUBLICATION genres FOR TABLE catalog_genre")
        yield session
    server.stop()


@pytest.fixture
def subscribed(publisher: "psycopg.Connection[tuple[object, ...]]") -> Iterator[None]:
    """The tests' database as a subscriber, which copies what the other has."""
    publisher.execute("INSERT INTO catalog_genre VALUES (7, 'Drama', 'drama')")
    at = publisher.info
    address = f"host={at.host} port={at.port} user={at.user} password={at.password} dbname={at.dbname}"
    execute(f"CREATE SUBSCRIPTION ours CONNECTION '{address}' PUBLICATION genres")
    wait_for({"Drama"})
    yield
    execute("DROP SUBSCRIPTION ours")


def wait_for(names: set[str]) -> None:
    """Return once the genres have these names."""
    deadline = time.monotonic() + START_SECONDS
    while set(Genre.objects.values_list("name", flat=True)) != names:
        assert time.monotonic() < deadline, "nothing is replicated"
        time.sleep(0.01)


WRITES = {
    "INSERT INTO catalog_genre VALUES (8, 'War', 'war')": {"Drama", "War"},
    "UPDATE catalog_genre SET name = 'Dramas' WHERE id = 7": {"Dramas", "War"},
    "DELETE FROM catalog_genre WHERE id = 8": {"Dramas"},
}


@pytest.mark.usefixtures("subscribed")
def test_what_a_subscription_writes_may_be_anything(publisher: "psycopg.Connection[tuple[object, ...]]") -> None:
    for statement, names in WRITES.items():
        token = changes.position()
        publisher.execute(statement)
        wait_for(names)
        assert changes.changed_since(token) == changes.ALL, statement
        assert not changes.changed_since(changes.position())
