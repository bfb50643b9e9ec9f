"""Which servers the executor's threads are connected to, as its real threads tell."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from django.db import connection

from server.executor import Executor
from server.nodes import UNKNOWN, Nodes

pytestmark = pytest.mark.anyio


class Servers:
    """A name for each connection in turn."""

    def __init__(self, *names: str) -> None:
        self.nodes = Nodes(self.name)
        self._names: Iterator[str] = iter(names)

    def name(self) -> str:
        if (name := next(self._names)) == "away":
            raise ConnectionError(name)
        return name


def ask() -> str:
    """Use this thread's connection; which thread it was."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return threading.current_thread().name


def hang_up() -> None:
    """Close this thread's connection."""
    connection.close()


async def asked_of(servers: Servers, units: int, *, threads: int = 1) -> Executor:
    executor = Executor(threads=threads, queue_limit=100, wait_seconds=5, nodes=servers.nodes)
    executor.start()
    for _ in range(units):
        await executor.run(ask)
    return executor


@pytest.mark.django_db(transaction=True)
async def test_a_connection_tells_its_server_once() -> None:
    servers = Servers("a", "b")
    executor = await asked_of(servers, 3)
    assert servers.nodes.present == {"a"}
    await executor.close(grace_seconds=5)


@pytest.mark.django_db(transaction=True)
async def test_a_new_connection_of_a_thread_replaces_the_one_before() -> None:
    servers = Servers("a", "b")
    executor = await asked_of(servers, 1)
    await executor.run(hang_up)
    await executor.run(ask)
    assert servers.nodes.present == {"b"}
    await executor.close(grace_seconds=5)


@pytest.mark.django_db(transaction=True)
async def test_threads_that_are_connected_to_several_servers_name_them_all() -> None:
    servers, both = Servers("a", "b"), threading.Barrier(2)
    executor = await asked_of(servers, 0, threads=2)
    await asyncio.gather(*(executor.run(lambda: (ask(), both.wait())) for _ in range(2)))
    assert servers.nodes.present == {"a", "b"}
    await executor.close(grace_seconds=5)


@pytest.mark.django_db(transaction=True)
async def test_a_server_that_does_not_tell_its_name_is_like_no_other(caplog: pytest.LogCaptureFixture) -> None:
    servers = Servers("away")
    executor = await asked_of(servers, 1)
    assert servers.nodes.present == {UNKNOWN}
    assert "does not tell its name" in caplog.text
    await executor.close(grace_seconds=5)


@pytest.mark.django_db(transaction=True)
async def test_who_is_asked_again_tells_with_the_next_unit() -> None:
    servers = Servers("a", "b")
    executor = await asked_of(servers, 1)
    servers.nodes.ask_again()
    assert not servers.nodes.present
    await executor.run(ask)
    assert servers.nodes.present == {"b"}
    await executor.close(grace_seconds=5)


@pytest.mark.django_db(transaction=True)
async def test_threads_that_have_ended_are_nowhere() -> None:
    servers = Servers("a", "b")
    executor = await asked_of(servers, 1)
    await executor.close(grace_seconds=5)
    assert not servers.nodes.present


@pytest.mark.django_db(transaction=True)
async def test_a_change_that_was_undone_is_another_state() -> None:
    servers = Servers("a", "b", "a")
    executor = await asked_of(servers, 1)
    before = servers.nodes.present
    for _ in range(2):
        await executor.run(hang_up)
        await executor.run(ask)
    assert servers.nodes.present == before
    assert servers.nodes.present is not before
    await executor.close(grace_seconds=5)
