"""The loop of background work, over a queue in memory."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from server import jobs
from server.jobs import Chore, Worker


@dataclass
class Taken:
    kind: str
    key: str = ""


@dataclass
class Memory:
    """A queue that a test fills, and what it was told."""

    waiting: list[Taken] = field(default_factory=list)
    told: list[tuple[str, Any]] = field(default_factory=list)
    begun: int = 0
    away: bool = False

    def begin(self) -> None:
        self.begun += 1

    def is_due(self) -> bool:
        if self.away:
            raise ConnectionError("away")
        return bool(self.waiting)

    def take(self, limit: int, lease_seconds: float) -> list[Taken]:
        assert lease_seconds > 0
        taken, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return taken

    def settle(self, job: Taken, again_seconds: float | None) -> None:
        self.told.append((job.kind, again_seconds))

    def fail(self, job: Taken, error: str) -> None:
        self.told.append((job.kind, error))

    def give_back(self, job: Taken) -> None:
        self.told.append((job.kind, "given back"))


async def run(unit: Callable[[], Any], *, write: bool = False, alone: bool = False) -> Any:
    await asyncio.sleep(0)
    return unit()


async def do(job: Taken) -> float | None:
    return 60.0 if job.kind == "regular" else None


async def fail(job: Taken) -> float | None:
    raise ValueError(f"no {job.kind}")


async def hang(job: Taken) -> float | None:
    await asyncio.sleep(3600)
    return None


HANDLERS = {"once": do, "regular": do, "bad": fail, "slow": hang}


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running


async def worked(queue: Memory, *, until: Callable[[], bool], grace: float = 1.0, **more: Any) -> None:
    """A worker at work until something is so, at most for five seconds."""
    async with asyncio.timeout(5), Worker(queue, HANDLERS, run, **more).working(grace_seconds=grace):
        while not until():  # noqa: ASYNC110  the queue wakes nobody
            await asyncio.sleep(0.001)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(jobs, "PAUSE_SECONDS", 0.001)


def test_a_job_is_done_and_told_when_it_is_due_again(runner: asyncio.Runner) -> None:
    queue = Memory([Taken("once"), Taken("regular")])
    runner.run(worked(queue, until=lambda: len(queue.told) == 2))
    assert (sorted(queue.told), queue.begun) == ([("once", None), ("regular", 60.0)], 1)


def test_a_failure_is_told_with_its_error(runner: asyncio.Runner) -> None:
    queue = Memory([Taken("bad"), Taken("unheard of")])
    runner.run(worked(queue, until=lambda: len(queue.told) == 2))
    assert sorted(queue.told) == [("bad", "ValueError: no bad"), ("unheard of", "KeyError: 'unheard of'")]


def test_who_takes_longer_than_the_lease_is_stopped(runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "LEASE_SECONDS", 0.01)
    queue = Memory([Taken("slow")])
    runner.run(worked(queue, until=lambda: bool(queue.told)))
    assert queue.told == [("slow", "TimeoutError: ")]


def test_what_is_not_done_at_the_end_is_given_back(runner: asyncio.Runner) -> None:
    queue = Memory([Taken("slow")])
    runner.run(worked(queue, until=lambda: not queue.waiting, grace=0.01))
    assert queue.told == [("slow", "given back")]


def test_no_more_are_taken_than_there_is_room_for(runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 2)
    queue = Memory([Taken("slow")] * 3)

    async def scene() -> None:
        worker = Worker(queue, HANDLERS, run)
        async with worker.working(grace_seconds=0.01):
            for _ in range(20):
                await asyncio.sleep(0.001)
            assert len(queue.waiting) == 1

    runner.run(scene())


def test_the_loop_outlives_a_queue_that_is_away(runner: asyncio.Runner, caplog: pytest.LogCaptureFixture) -> None:
    queue = Memory([Taken("once")], away=True)

    def back() -> bool:
        queue.away = "away" not in caplog.text
        return bool(queue.told)

    runner.run(worked(queue, until=back))
    assert queue.told == [("once", None)]


def test_an_outcome_that_cannot_be_written_is_only_logged(
    runner: asyncio.Runner, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Memory([Taken("once")])
    monkeypatch.setattr(queue, "settle", lambda *_: 1 / 0)
    runner.run(worked(queue, until=lambda: "is not written" in caplog.text))
    assert queue.told == []


def test_a_chore_is_done_when_it_is_needed(runner: asyncio.Runner) -> None:
    needed, done = [True], []

    def do_it() -> None:
        needed.clear()
        done.append(1)

    chore = Chore(lambda: bool(needed), do_it)
    runner.run(worked(Memory(), until=lambda: bool(done), chores=[chore]))
    assert done == [1]
