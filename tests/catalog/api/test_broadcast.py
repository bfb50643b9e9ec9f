"""One reader for all listeners: what they get, and when one is cut."""

import asyncio
from collections.abc import Iterator

import pytest

from catalog.api import broadcast
from catalog.api.broadcast import LAST_WORDS, Batch, Broadcaster, Listener


class Log:
    """A log that a test writes by hand; positions are the numbers of its events."""

    def __init__(self) -> None:
        self.events: list[bytes] = []
        self.reads = 0
        self.away = False

    async def read(self, position: str | None) -> Batch:
        self.reads += 1
        if self.away:
            raise ConnectionError("away")
        start = len(self.events) if position is None else int(position)
        return Batch(str(start), str(len(self.events)), b"".join(self.events[start:]))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcast, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(broadcast, "PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(broadcast, "COMMENT_SECONDS", 1e9)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running


async def next_event(listener: Listener) -> bytes:
    return await asyncio.wait_for(listener.next(), 5)


def test_a_listener_gets_what_comes_after_it(runner: asyncio.Runner) -> None:
    async def scene() -> None:
        log = Log()
        log.events = [b"old"]
        broadcaster = Broadcaster(log.read)
        task = asyncio.create_task(broadcaster.run())
        listener, position = await broadcaster.join()
        assert position == "1"
        log.events.append(b"new")
        assert await next_event(listener) == b"new"
        task.cancel()

    runner.run(scene())


def test_who_comes_again_is_told_from_memory(runner: asyncio.Runner) -> None:
    async def scene() -> None:
        log = Log()
        broadcaster = Broadcaster(log.read)
        task = asyncio.create_task(broadcaster.run())
        listener, _ = await broadcaster.join()
        for event in (b"a", b"b"):
            log.events.append(event)
            assert await next_event(listener) == event
        known = [broadcaster.recall(position) for position in "012"]
        assert [[batch.events for batch in each or ()] for each in known] == [[b"a", b"b"], [b"b"], []]
        assert broadcaster.recall("3") is None
        task.cancel()

    runner.run(scene())


def test_memory_is_bounded(runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcast, "KEPT_BYTES", 3)

    async def scene() -> None:
        log = Log()
        broadcaster = Broadcaster(log.read)
        task = asyncio.create_task(broadcaster.run())
        listener, _ = await broadcaster.join()
        for event in (b"aa", b"bb"):
            log.events.append(event)
            assert await next_event(listener) == event
        assert broadcaster.recall("0") is None
        task.cancel()

    runner.run(scene())


def test_streams_outlive_a_database_that_is_away(runner: asyncio.Runner, caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        log = Log()
        broadcaster = Broadcaster(log.read)
        task = asyncio.create_task(broadcaster.run())
        listener, _ = await broadcaster.join()
        log.away = True
        while "away" not in caplog.text:  # noqa: ASYNC110  a log wakes nobody
            await asyncio.sleep(0.001)
        log.away = False
        log.events.append(b"after")
        assert await next_event(listener) == b"after"
        task.cancel()

    runner.run(scene())


def test_nobody_asks_the_database_while_nobody_listens(runner: asyncio.Runner) -> None:
    async def scene() -> None:
        log = Log()
        broadcaster = Broadcaster(log.read)
        task = asyncio.create_task(broadcaster.run())
        await asyncio.sleep(0.02)
        assert log.reads == 0
        listener, _ = await broadcaster.join()
        broadcaster.leave(listener)
        await asyncio.sleep(0.02)
        reads = log.reads
        await asyncio.sleep(0.02)
        assert (log.reads, broadcaster.position) == (reads, None)
        task.cancel()

    runner.run(scene())


def test_a_listener_that_lags_behind_is_cut(runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcast, "WAITING_BYTES", 4)

    async def scene() -> None:
        listener = Listener()
        assert listener.push(b"four")
        assert not listener.push(b"5")
        assert await listener.next() == b""
        assert not listener.push(b"")

    runner.run(scene())


def test_who_leaves_while_the_beginning_is_awaited_is_forgotten(runner: asyncio.Runner) -> None:
    async def scene() -> None:
        broadcaster = Broadcaster(Log().read)
        joining = asyncio.create_task(broadcaster.join())
        await asyncio.sleep(0)
        joining.cancel()
        with pytest.raises(asyncio.CancelledError):
            await joining
        assert len(broadcaster) == 0

    runner.run(scene())


def test_draining_is_the_last_that_is_told(runner: asyncio.Runner) -> None:
    async def scene() -> None:
        broadcaster = Broadcaster(Log().read)
        task = asyncio.create_task(broadcaster.run())
        listener, _ = await broadcaster.join()
        broadcaster.drain()
        assert await next_event(listener) == LAST_WORDS
        assert await listener.next() == b""
        assert len(broadcaster) == 0
        task.cancel()

    runner.run(scene())
