"""The executor: real threads, each with its own connection to a real database."""

import asyncio
import contextvars
import threading
import time

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.test.utils import override_settings

from server import executor_units as module
from server.executor import Executor, Overloaded
from server.executor_units import DatabaseAway
from tests.server.running_executor import begin, break_connection, running

pytestmark = pytest.mark.anyio


async def test_a_unit_runs_on_one_of_the_threads_and_its_result_comes_back() -> None:
    async with running() as executor:
        name = await executor.run(lambda: threading.current_thread().name)
    assert name.startswith("orm-")


async def test_what_a_unit_raises_comes_through_unchanged() -> None:
    async with running() as executor:
        with pytest.raises(ZeroDivisionError):
            await executor.run(lambda: 1 // 0)


async def test_a_thousand_units_at_once_each_get_their_own_result() -> None:
    async with running(threads=4, queue_limit=1000) as executor:
        results = await asyncio.gather(*(executor.run(lambda n=n: n * n) for n in range(1000)))  # type: ignore[misc]
    assert results == [n * n for n in range(1000)]


async def test_context_variables_of_the_caller_are_seen_by_the_unit() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    variable.set("the caller's")
    async with running() as executor:
        assert await executor.run(variable.get) == "the caller's"


@pytest.mark.contract("errors.503")
async def test_a_full_queue_refuses_at_once() -> None:
    release = threading.Event()
    async with running(threads=1, queue_limit=1) as executor:
        first = await begin(executor, release.wait)
        second = asyncio.ensure_future(executor.run(release.wait))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded, match="1 units"):
            await executor.run(release.wait)
        release.set()
        assert await first
        assert await second


async def test_a_unit_that_waits_past_the_deadline_is_refused_and_never_runs() -> None:
    release, ran = threading.Event(), threading.Event()
    async with running(threads=1, wait_seconds=0.05) as executor:
        first = await begin(executor, release.wait)
        with pytest.raises(Overloaded, match="no thread was free"):
            await executor.run(ran.set)
        release.set()
        assert await first
        assert await executor.run(lambda: "works again") == "works again"
    assert not ran.is_set()


async def test_a_cancelled_unit_that_has_not_begun_never_runs() -> None:
    release, ran = threading.Event(), threading.Event()
    async with running(threads=1) as executor:
        first = await begin(executor, release.wait)
        second = asyncio.ensure_future(executor.run(ran.set))
        await asyncio.sleep(0)
        second.cancel()
        release.set()
        assert await first
    assert not ran.is_set()


async def test_cancelling_the_wait_does_not_stop_a_unit_that_has_begun() -> None:
    release, ended = threading.Event(), threading.Event()

    def unit() -> bool:
        release.wait()
        ended.set()
        return True

    async with running() as executor:
        task = await begin(executor, unit)
        task.cancel()
        release.set()
    assert ended.is_set()


@pytest.mark.contract("errors.503")
async def test_a_closed_executor_refuses_and_can_be_started_again() -> None:
    executor = Executor(threads=1, queue_limit=1, wait_seconds=1)
    executor.start()
    await executor.close(grace_seconds=5)
    with pytest.raises(Overloaded, match="closed"):
        await executor.run(int)
    executor.start()
    assert await executor.run(int) == 0
    await executor.close(grace_seconds=5)


async def test_closing_waits_for_units_and_says_when_one_did_not_end() -> None:
    release = threading.Event()
    executor = Executor(threads=1, queue_limit=1, wait_seconds=1)
    executor.start()
    task = await begin(executor, release.wait)
    assert not await executor.close(grace_seconds=0.05)
    release.set()
    assert await task


@pytest.mark.django_db(transaction=True)
async def test_each_thread_keeps_its_connection_from_unit_to_unit() -> None:
    def raw() -> int:
        connection.ensure_connection()
        return id(connection.connection)

    async with running(threads=1) as executor:
        assert len({await executor.run(raw) for _ in range(5)}) == 1


@pytest.mark.django_db(transaction=True)
async def test_threads_end_with_their_connections_closed() -> None:
    kept: list[object] = []

    def unit() -> None:
        connection.ensure_connection()
        kept.append(connections["default"])

    async with running(threads=1) as executor:
        await executor.run(unit)
    assert kept[0].connection is None  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
async def test_a_transaction_left_open_is_rolled_back_and_not_given_to_the_next_unit() -> None:
    def leave_open() -> None:
        transaction.set_autocommit(False)
        Group.objects.create(name="never committed")

    async with running(threads=1) as executor:
        await executor.run(leave_open, write=True, alone=True)
        assert await executor.run(Group.objects.count) == 0


@pytest.mark.django_db(transaction=True)
async def test_an_open_atomic_block_is_abandoned_with_its_connection() -> None:
    blocks: list[object] = []

    def leave_open() -> None:
        block = transaction.atomic()
        block.__enter__()
        blocks.append(block)
        Group.objects.create(name="never committed")

    async with running(threads=1) as executor:
        await executor.run(leave_open, write=True, alone=True)
        assert await executor.run(Group.objects.count) == 0
        assert not await executor.run(lambda: connection.in_atomic_block)


@pytest.mark.django_db(transaction=True)
async def test_a_read_on_a_dead_connection_is_tried_once_more() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connection that can die")
    async with running(threads=1) as executor:
        await executor.run(break_connection)
        assert await executor.run(Group.objects.count) == 0


@pytest.mark.django_db(transaction=True)
async def test_a_write_on_a_dead_connection_is_never_tried_again() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connection that can die")
    async with running(threads=1) as executor:
        await executor.run(break_connection)
        with pytest.raises(DatabaseAway):
            await executor.run(lambda: Group.objects.create(name="once"), write=True)
        assert await executor.run(Group.objects.count) == 0


@pytest.mark.django_db(transaction=True)
async def test_a_database_that_fails_twice_is_away() -> None:
    def fail() -> None:
        raise OperationalError("disk I/O error")

    async with running() as executor:
        with pytest.raises(DatabaseAway, match="disk I/O error"):
            await executor.run(fail)


@pytest.mark.django_db(transaction=True)
async def test_a_broken_rule_is_not_mistaken_for_a_database_that_is_away() -> None:
    def twice() -> None:
        Group.objects.create(name="one")
        Group.objects.create(name="one")

    async with running() as executor:
        with pytest.raises(IntegrityError):
            await executor.run(twice, write=True)
        await executor.ping()


@pytest.mark.django_db(transaction=True)
async def test_a_connection_past_its_age_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONNECTION_AGE_SECONDS", 0.0)

    def raw() -> object:
        connection.ensure_connection()
        return connection.connection

    async with running(threads=1) as executor:
        await executor.run(raw)
        first = await executor.run(raw)
        time.sleep(0.002)  # noqa: ASYNC251  the clock must move
        assert await executor.run(raw) is not first


@pytest.mark.django_db(transaction=True)
async def test_the_log_of_queries_does_not_grow_in_debug_mode() -> None:
    with override_settings(DEBUG=True):
        async with running(threads=1) as executor:
            await executor.ping()
            assert await executor.run(lambda: len(connection.queries_log)) == 0
