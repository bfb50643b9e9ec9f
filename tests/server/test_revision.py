"""The revision: it moves with every commit, of whomever, and is told only to who had arrived before it was read."""

# ruff: noqa: ASYNC110, ASYNC221, ASYNC240  nobody else is on these loops, which may wait and block

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from server import revision
from server.revision import PostgresRevision, Reading, SQLiteRevision, of_default_database
from tests.postgres import Server

pytestmark = pytest.mark.anyio


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "films #1.sqlite3"
    write(path, "PRAGMA journal_mode=wal; CREATE TABLE film (title)")
    return path


def write(path: Path, script: str) -> None:
    """Run SQL on a connection that is then closed."""
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()


@pytest.fixture
async def of_file(file: Path) -> AsyncIterator[SQLiteRevision]:
    asked = SQLiteRevision(file)
    yield asked
    await asked.close()


async def told(asked: SQLiteRevision | PostgresRevision) -> Reading:
    """The reading of a request that arrives now."""
    await asyncio.sleep(0)
    reading = await asked.now()
    assert reading is not None
    return reading


async def test_a_file_that_nobody_writes_stays_where_it_is(of_file: SQLiteRevision) -> None:
    first, second = await told(of_file), await told(of_file)
    assert (first.state, first.generation) == (second.state, second.generation)
    assert first.number < second.number


async def test_a_commit_of_another_connection_moves_it(of_file: SQLiteRevision, file: Path) -> None:
    before = await told(of_file)
    write(file, "INSERT INTO film VALUES ('Alien')")
    assert (await told(of_file)).state != before.state


async def test_a_commit_of_another_process_moves_it(of_file: SQLiteRevision, file: Path) -> None:
    before = await told(of_file)
    script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('DELETE FROM film'); c.commit()"
    write(file, "INSERT INTO film VALUES ('Alien')")
    between = await told(of_file)
    subprocess.run([sys.executable, "-c", script, str(file)], check=True)
    assert len({before.state, between.state, (await told(of_file)).state}) == 3


async def test_what_is_not_committed_does_not_move_it(of_file: SQLiteRevision, file: Path) -> None:
    before = await told(of_file)
    connection = sqlite3.connect(file)
    connection.execute("INSERT INTO film VALUES ('Alien')")
    assert (await told(of_file)).state == before.state
    connection.rollback()
    connection.close()


async def test_a_writer_at_work_does_not_keep_it_waiting(of_file: SQLiteRevision, file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("BEGIN EXCLUSIVE")
    assert (await told(of_file)).number
    connection.close()


async def test_a_file_put_in_its_place_is_another_generation(of_file: SQLiteRevision, file: Path) -> None:
    before = await told(of_file)
    copy = file.with_name("copy")
    write(copy, "CREATE TABLE film (title)")
    copy.replace(file)
    assert (await told(of_file)).generation > before.generation


async def test_without_a_file_nothing_is_told_and_none_is_made(of_file: SQLiteRevision, file: Path) -> None:
    file.unlink()
    assert await of_file.now() is None
    assert not file.exists()


async def test_a_file_that_comes_back_is_told_again(of_file: SQLiteRevision, file: Path) -> None:
    before = await told(of_file)
    away = file.rename(file.with_name("away"))
    assert await fresh(of_file) is None
    away.rename(file)
    assert (await told(of_file)).generation > before.generation


async def fresh(asked: SQLiteRevision) -> Reading | None:
    await asyncio.sleep(0)
    return await asked.now()


async def test_a_file_that_is_no_database_tells_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"no database, only text " * 100)
    assert await SQLiteRevision(path).now() is None
    assert "can't be read" in caplog.text


async def test_all_that_wait_in_the_loops_queue_share_one_reading(of_file: SQLiteRevision) -> None:
    readings = await asyncio.gather(*(of_file.now() for _ in range(10)))
    assert len({reading and reading.number for reading in readings}) == 1


async def test_a_request_behind_the_reading_in_the_queue_gets_its_own(of_file: SQLiteRevision, file: Path) -> None:
    """It may have arrived after a commit that the reading has not seen."""
    loop = asyncio.get_running_loop()
    first = await told(of_file)
    late: asyncio.Future[asyncio.Task[Reading | None]] = loop.create_future()

    def arrive() -> None:
        write(file, "INSERT INTO film VALUES ('Alien')")
        late.set_result(loop.create_task(of_file.now()))

    loop.call_soon(arrive)
    second = await (await late)
    assert second is not None
    assert second.state != first.state


# PostgreSQL


@pytest.fixture
async def of_server(postgresql: Server) -> AsyncIterator[PostgresRevision]:
    asked = PostgresRevision(psycopg.conninfo.conninfo_to_dict(postgresql.create_database()))
    await connected(asked)
    yield asked
    await asked.close()


async def connected(asked: PostgresRevision) -> None:
    """Ask until there is a connection; nobody is kept waiting for one."""
    for _ in range(500):
        if await asked.now() is not None:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("no connection")


def execute(asked: PostgresRevision, statement: Any) -> Any:
    with psycopg.connect(**asked.parameters, autocommit=True) as connection:
        return connection.execute(statement)


async def test_a_server_that_nobody_writes_to_stays_where_it_is(of_server: PostgresRevision) -> None:
    assert (await told(of_server)).generation == 1
    states = {(await told(of_server)).state for _ in range(5)}
    assert len(states) <= 2  # autovacuum may commit


async def test_a_commit_on_the_server_moves_it(of_server: PostgresRevision) -> None:
    before = await told(of_server)
    execute(of_server, "CREATE TABLE film (title text)")
    assert (await told(of_server)).state != before.state


async def test_a_lower_transaction_that_commits_later_moves_it(of_server: PostgresRevision) -> None:
    execute(of_server, "CREATE TABLE film (title text)")
    with psycopg.connect(**of_server.parameters) as slow:
        slow.execute("INSERT INTO film VALUES ('Alien')")
        execute(of_server, "INSERT INTO film VALUES ('Aliens')")
        before = await told(of_server)
        slow.commit()
        assert (await told(of_server)).state != before.state


async def test_who_comes_while_a_question_is_in_flight_waits_for_the_next(of_server: PostgresRevision) -> None:
    first = [asyncio.create_task(of_server.now()) for _ in range(3)]
    while not of_server._asked:
        await asyncio.sleep(0)
    second = [asyncio.create_task(of_server.now()) for _ in range(3)]
    numbers = [reading and reading.number for reading in await asyncio.gather(*first, *second)]
    assert len(set(numbers[:3])) == len(set(numbers[3:])) == 1
    assert numbers[0] != numbers[3]


async def test_a_request_that_is_cancelled_takes_no_others_answer_along(of_server: PostgresRevision) -> None:
    leaving, staying = asyncio.create_task(of_server.now()), asyncio.create_task(of_server.now())
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying is not None
    assert leaving.cancelled()


async def test_a_lost_connection_tells_nothing_and_is_made_anew(
    of_server: PostgresRevision, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revision, "PAUSE_SECONDS", 0.0)
    before = await told(of_server)
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = "
    execute(of_server, f"{others} current_database()")
    assert await fresh_after_loss(of_server) is None
    await connected(of_server)
    assert (await told(of_server)).generation > before.generation


async def fresh_after_loss(asked: PostgresRevision) -> Reading | None:
    for _ in range(500):
        if (reading := await asked.now()) is None:
            return reading
        await asyncio.sleep(0.01)
    return reading


async def test_a_server_that_does_not_answer_in_time_is_passed_by(
    of_server: PostgresRevision, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revision, "ANSWER_SECONDS", 0.05)
    monkeypatch.setattr(of_server, "QUESTION", b"SELECT pg_sleep(5)")
    first = asyncio.create_task(of_server.now())
    while not of_server._asked:
        await asyncio.sleep(0)
    assert (await of_server.now(), await first) == (None, None)


async def test_a_question_that_the_server_refuses_tells_nothing(
    of_server: PostgresRevision, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(of_server, "QUESTION", b"SELECT no_such_function()")
    assert await of_server.now() is None
    assert "no_such_function" in caplog.text


async def test_nobody_waits_for_a_server_that_is_away(caplog: pytest.LogCaptureFixture) -> None:
    asked = PostgresRevision({"host": "127.0.0.1", "port": 1, "connect_timeout": 2})
    assert await asked.now() is None
    while asked._connecting:
        await asyncio.sleep(0.01)
    assert await asked.now() is None
    assert asked._connecting is None, "not before the pause is over"
    assert "can't be asked" in caplog.text
    await asked.close()


async def test_a_closed_one_waits_for_nobody(of_server: PostgresRevision) -> None:
    asking = asyncio.create_task(of_server.now())
    await asyncio.sleep(0)
    await of_server.close()
    assert await asking is None


@pytest.mark.django_db
async def test_the_default_database_has_the_revision_of_its_kind() -> None:
    asked = of_default_database()
    engine = settings.DATABASES["default"]["ENGINE"]
    assert isinstance(asked, SQLiteRevision if "sqlite" in engine else PostgresRevision)
    await asked.close()
