"""Writes on SQLite: one thread, one transaction for all that wait, a savepoint for each."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, connection, transaction

from server.executor import Executor, Overloaded
from server.executor_units import DatabaseAway
from tests.server.running_executor import begin, running

pytestmark = [pytest.mark.anyio, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def on_sqlite() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("on PostgreSQL writes are ordinary units")


def create(name: str) -> str:
    return Group.objects.create(name=name).name


def create_and_fail(name: str) -> None:
    create(name)
    raise LookupError(name)


def names() -> list[str]:
    return sorted(Group.objects.values_list("name", flat=True))


async def together(executor: Executor, *units: Callable[[], Any]) -> list[Any]:
    """What came of units that waited while the writer was busy, and so were taken at once."""
    release = threading.Event()
    busy = await begin(executor, release.wait, write=True)
    tasks = [asyncio.ensure_future(executor.run(unit, write=True)) for unit in units]
    await asyncio.sleep(0)
    release.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert await busy
    return results


async def test_writes_have_a_thread_of_their_own() -> None:
    async with running(threads=4) as executor:
        found = {await executor.run(lambda: threading.current_thread().name, write=True) for _ in range(8)}
        assert found == {"orm-writer"}
        assert await executor.run(lambda: threading.current_thread().name) != "orm-writer"


async def test_writes_that_wait_share_one_transaction() -> None:
    begun: list[str] = []

    def unit(name: str) -> None:
        create(name)
        connection.connection.set_trace_callback(begun.append)

    async with running() as executor:
        await together(executor, partial(unit, "a"), partial(unit, "b"), partial(unit, "c"))
        assert begun.count("COMMIT") == 1
        assert await executor.run(names) == ["a", "b", "c"]


async def test_a_failure_undoes_its_own_unit_alone() -> None:
    async with running() as executor:
        results = await together(executor, partial(create, "a"), partial(create_and_fail, "b"), partial(create, "c"))
        assert [results[0], results[2]] == ["a", "c"]
        assert isinstance(results[1], LookupError)
        assert await executor.run(names) == ["a", "c"]


async def test_a_broken_rule_undoes_its_own_unit_alone() -> None:
    async with running() as executor:
        results = await together(executor, partial(create, "a"), partial(create, "a"), partial(create, "b"))
        assert isinstance(results[1], IntegrityError)
        assert await executor.run(names) == ["a", "b"]


async def test_nobody_is_told_of_success_before_the_commit() -> None:
    """Each is told when another connection sees all of its transaction; in the middle of it nobody sees anything."""
    committed: list[int] = []
    in_the_middle: list[int] = []

    def count_elsewhere(counts: list[int], *_: object) -> None:
        with closing(sqlite3.connect(f"file:{connection.settings_dict['NAME']}?mode=ro", uri=True)) as other:
            counts.append(other.execute("SELECT count(*) FROM auth_group").fetchone()[0])

    async def told(unit: Callable[[], Any]) -> None:
        await executor.run(unit, write=True)
        count_elsewhere(committed)

    async with running() as executor:
        release = threading.Event()
        busy = await begin(executor, release.wait, write=True)
        units: list[Callable[[], Any]] = [
            partial(create, "a"),
            partial(count_elsewhere, in_the_middle),
            partial(create, "b"),
        ]
        tasks = [asyncio.ensure_future(told(unit)) for unit in units]
        await asyncio.sleep(0)
        release.set()
        await asyncio.gather(busy, *tasks)
    assert (in_the_middle, committed) == ([0], [2, 2, 2])


def test_what_was_acknowledged_is_there_after_the_process_was_killed(tmp_path: Path) -> None:
    """Writers that never pause, so that the end comes in the middle of a transaction."""
    path = tmp_path / "killed.sqlite3"
    words = [sys.executable, "-m", "tests.server.acknowledging", str(path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline() for _ in range(200)]
        writer.kill()
        acknowledged += writer.stdout.read().splitlines(keepends=True)
    with closing(sqlite3.connect(path)) as left:
        found = {name for (name,) in left.execute("SELECT name FROM written")}
        assert left.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert {line.decode().strip() for line in acknowledged if line.endswith(b"\n")} <= found


async def test_when_the_commit_fails_all_are_told_and_nothing_is_written() -> None:
    def orphan() -> None:
        Permission.objects.create(name="orphan", codename="orphan", content_type_id=987_654)  # checked at COMMIT

    async with running() as executor:
        results = await together(executor, partial(create, "a"), orphan, partial(create, "b"))
        assert [type(result) for result in results] == [DatabaseAway] * 3
        assert await executor.run(names) == []
        with pytest.raises(IntegrityError):
            await executor.run(orphan, write=True)
        assert await executor.run(partial(create, "a"), write=True) == "a"


async def test_a_unit_that_ends_the_transaction_fails_all_and_the_next_ones_work() -> None:
    def roll_back() -> None:
        connection.connection.rollback()

    async with running() as executor:
        results = await together(executor, partial(create, "a"), roll_back)
        assert [type(result) for result in results] == [DatabaseAway] * 2
        assert await executor.run(partial(create, "b"), write=True) == "b"
        assert await executor.run(names) == ["b"]


async def test_a_block_left_open_fails_all_and_the_next_ones_work() -> None:
    blocks: list[object] = []

    def leave_open() -> None:
        blocks.append(transaction.atomic())
        blocks[-1].__enter__()  # type: ignore[attr-defined]

    async with running() as executor:
        results = await together(executor, partial(create, "a"), leave_open)
        assert [type(result) for result in results] == [DatabaseAway] * 2
        assert await executor.run(partial(create, "b"), write=True) == "b"
        assert await executor.run(names) == ["b"]


async def test_what_fails_after_the_commit_does_not_deny_it(caplog: pytest.LogCaptureFixture) -> None:
    def unit() -> str:
        transaction.on_commit(lambda: 1 // 0)
        return create("a")

    async with running() as executor:
        assert await executor.run(unit, write=True) == "a"
        assert await executor.run(names) == ["a"]
    assert "ZeroDivisionError" in caplog.text


async def test_a_locked_database_is_away_and_the_unit_has_not_run() -> None:
    def impatient() -> None:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout=1")

    async with running() as executor:
        await executor.run(impatient, write=True)
        other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseAway, match="locked"):
            await executor.run(partial(create, "a"), write=True)
        other.execute("ROLLBACK")
        other.close()
        assert await executor.run(names) == []


async def test_a_write_alone_is_in_no_transaction() -> None:
    async with running() as executor:
        assert await executor.run(lambda: connection.in_atomic_block, write=True)
        assert not await executor.run(lambda: connection.in_atomic_block, write=True, alone=True)


async def test_a_write_that_waits_past_the_deadline_is_refused_and_never_runs() -> None:
    release = threading.Event()
    async with running(wait_seconds=0.05) as executor:
        first = await begin(executor, release.wait, write=True)
        with pytest.raises(Overloaded, match="no thread was free"):
            await executor.run(partial(create, "late"), write=True)
        release.set()
        assert await first
        assert await executor.run(names) == []
