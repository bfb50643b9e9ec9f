"""Reads of real replicas that bring the position of a write: it is waited for or refused, and never left out."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import psycopg
import pytest
from aiohttp.test_utils import TestClient
from django.db import connection

from catalog.api.http.write_positions import NAME, decoded, encoded
from catalog.api.keys import Policy
from catalog.changes import replay
from catalog.models import Film
from catalog.values.replication import WritePosition
from server.executor import Executor
from settings.environment import database
from tests.catalog.api.client import Client, started
from tests.catalog.changes.own_database import django_at
from tests.catalog.changes.standby import Standby
from tests.conftest import SERVER
from tests.postgres import Server, Unavailable

pytestmark = pytest.mark.django_db(transaction=True)

READS = ("/api/movies", "/api/stats", "/api/movies.jsonl", "/api/changes/stream")
PATIENT, HASTY = Policy(), Policy(request_seconds=0.2)


@contextmanager
def standby_of(primary: Server) -> Iterator[Standby]:
    server = Standby(primary)
    try:
        server.start()
    except Unavailable as error:
        pytest.skip(str(error))
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def standby(request: pytest.FixtureRequest) -> Iterator[Standby]:
    if SERVER not in request.config.stash:
        pytest.skip("only PostgreSQL has replicas")
    with standby_of(request.config.stash[SERVER]) as server:
        yield server


@contextmanager
def api_at(server: Server, policy: Policy) -> Iterator[Client]:
    """The API over one thread whose connection leads to that server."""
    with django_at(server.folder, dict(database(server.url(connection.settings_dict["NAME"])))):
        executor = Executor(threads=1, queue_limit=50, wait_seconds=5)
        with asyncio.Runner() as runner:
            client = runner.run(begun(executor, policy))
            yield Client(runner, client, executor)
            runner.run(client.close())
            assert runner.run(executor.close(grace_seconds=5))


async def begun(executor: Executor, policy: Policy) -> "TestClient[Any, Any]":
    executor.start()
    return await started(executor, policy)


@contextmanager
def paused(standby: Standby) -> Iterator[Callable[[], None]]:
    """A time in which the standby replays nothing; gives what ends it earlier."""
    with psycopg.connect(standby.url("postgres"), autocommit=True) as session:
        standby.catch_up()
        session.execute("SELECT pg_wal_replay_pause()")
        while session.execute("SELECT pg_get_wal_replay_pause_state()").fetchone() != ("paused",):
            time.sleep(0.005)
        try:
            yield lambda: resumed(standby)
        finally:
            resumed(standby)


def resumed(standby: Standby) -> None:
    with psycopg.connect(standby.url("postgres"), autocommit=True) as session:
        session.execute("SELECT pg_wal_replay_resume()")


def written(title: str) -> dict[str, str]:
    """The header after a film of that title has been made on the primary."""
    Film.objects.create(title=title, published=True)
    return position_now()


def position_now() -> dict[str, str]:
    position = replay.written("")
    assert position is not None
    return {NAME: encoded(position)}


def titles(client: Client, **headers: Any) -> list[str]:
    return [film["title"] for film in client.get("/api/movies?fields=title", **headers).json["data"]]


@pytest.mark.contract("fresh.own", "fresh.own_wait")
def test_a_standby_waits_for_the_write(standby: Standby) -> None:
    with paused(standby) as resume:
        headers = written("Own")
        with api_at(standby, PATIENT) as client:
            assert titles(client) == []
            threading.Timer(0.05, resume).start()
            assert titles(client, headers=headers) == ["Own"]


@pytest.mark.contract("fresh.own_wait", "errors.503")
def test_a_standby_that_does_not_come_so_far_says_so(standby: Standby) -> None:
    with paused(standby):
        headers = written("Own")
        with api_at(standby, HASTY) as client:
            answers = [client.get(path, headers=headers) for path in READS]
    assert [(answer.status, answer.headers["Retry-After"]) for answer in answers] == [(503, "1")] * len(READS)
    assert all(NAME in answer.json["detail"] for answer in answers)


@pytest.mark.contract("fresh.own_wait")
def test_no_thread_waits_meanwhile(standby: Standby) -> None:
    async def both() -> tuple[int, bool, int]:
        waiting = asyncio.ensure_future(reader.get("/api/movies", headers=headers))
        await asyncio.sleep(0.02)
        plain = await reader.get("/api/movies?limit=1")
        return plain.status, waiting.done(), (await waiting).status

    with paused(standby), asyncio.Runner() as runner:
        headers = written("Own")
        with django_at(standby.folder, dict(database(standby.url(connection.settings_dict["NAME"])))):
            executor = Executor(threads=1, queue_limit=50, wait_seconds=5)
            reader = runner.run(begun(executor, HASTY))
            assert runner.run(both()) == (200, False, 503)
            runner.run(reader.close())
            assert runner.run(executor.close(grace_seconds=5))


def test_what_is_there_already_is_answered(standby: Standby) -> None:
    """Also where the standby replays nothing just now."""
    headers = written("Own")
    with paused(standby), api_at(standby, HASTY) as client:
        assert titles(client, headers=headers) == ["Own"]


class Failover:
    """A standby that was promoted while its primary went on: what was written before, and what was lost."""

    def __init__(self, server: Standby, kept: dict[str, str], lost: dict[str, str]) -> None:
        self.server = server
        self.kept = kept
        self.lost = lost


@pytest.fixture
def failover(standby: Standby) -> Iterator[Failover]:
    with standby_of(standby.primary) as server:
        kept = written("Kept")
        server.catch_up()
        with psycopg.connect(server.url("postgres"), autocommit=True) as session:
            session.execute("SELECT pg_promote()")
        yield Failover(server, kept, written("Lost"))


def moved_on(server: Server, position: WritePosition) -> None:
    """Let a server write until it is past a position."""
    with psycopg.connect(server.url(connection.settings_dict["NAME"]), autocommit=True) as session:
        past = False
        while not past:
            session.execute("INSERT INTO catalog_genre (name, slug) VALUES ('d', 'd'); DELETE FROM catalog_genre")
            session.execute("SELECT pg_switch_wal()")
            row = session.execute("SELECT pg_current_wal_insert_lsn() - '0/0' > %s", [position.lsn]).fetchone()
            past = row == (True,)


@pytest.mark.contract("fresh.own", "fresh.own_lost")
def test_a_promoted_standby_tells_what_it_has_from_what_was_lost(failover: Failover) -> None:
    with api_at(failover.server, HASTY) as client:
        assert titles(client, headers=failover.kept) == ["Kept"]
        assert client.get("/api/movies", headers=failover.lost).status == 412
        moved_on(failover.server, decoded(failover.lost[NAME]))
        assert client.get("/api/movies", headers=failover.lost).status == 412
        assert titles(client, headers=failover.kept) == ["Kept"]


@pytest.mark.contract("fresh.own_lost")
def test_the_replica_of_a_promoted_one_waits_for_no_write_that_was_lost(failover: Failover) -> None:
    far = msgspec.structs.replace(decoded(failover.lost[NAME]), lsn=2**62)
    with standby_of(failover.server) as follower, api_at(follower, HASTY) as client:
        assert client.get("/api/movies", headers={NAME: encoded(far)}).status == 412
        assert titles(client, headers=failover.kept) == ["Kept"]
