"""The ORM executor: blocking units of work, run on a fixed number of threads that own their database connections.

An event loop must not wait for a database, and a Django connection belongs to one thread. So handlers pass a function
(a *unit*) to `Executor.run`; a thread runs it on its own connection, with the hygiene that Django's request signals
would have done, and the loop is woken once for all results that are ready by then.
"""

import asyncio
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connections

from server.executor_units import Job, perform, perform_joined, perform_together
from server.histogram import Histogram
from server.nodes import Nodes

T = TypeVar("T")

logger = logging.getLogger(__name__)

JOINED = 16
"""Units that ask the database together at most: on PostgreSQL sixteen of the smallest questions in one trip take less
than a fifth of what they take one by one (`python -m bench.executor`). They wait for the slowest of them."""

COMMITTED = 32
"""Writes that share a transaction at most, on SQLite."""


class Overloaded(asyncio.QueueFull):
    """No thread could take the unit in time; it has not run. Ask again in a second."""


class Lane:
    """Units that wait for the same threads, in the order in which they were asked for.

    at_once: how many a thread takes at most, of neighbours that are of one kind (`kind`); of no kind (None) one, or
    quick ones would wait behind a slow one while other threads are free.
    """

    def __init__(self, threads: int, at_once: int, kind: Callable[[Job[Any]], object]) -> None:
        self.threads = threads
        self.at_once = at_once
        self.kind = kind
        self.waiting: deque[Job[Any]] = deque()
        self._tokens: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def put(self, job: Job[Any]) -> None:
        self.waiting.append(job)
        self._tokens.put(True)

    def put_back(self, jobs: Sequence[Job[Any]]) -> None:
        """Let units that have been taken be taken again, before all that wait, each by itself."""
        for job in reversed(jobs):
            job.together = None
            self._return(job)

    def end(self) -> None:
        """Tell the threads to end, once they have done what stands before."""
        for _ in range(self.threads):
            self._tokens.put(False)

    def take(self) -> list[Job[Any]] | None:
        """Wait for work and take it; None: it is time to end."""
        while not self._tokens.get():
            if not self.waiting:
                return None
            self._tokens.put(False)  # first what a trip that failed has given back
        jobs: list[Job[Any]] = []
        while True:
            # Fewer units than tokens: the sweep has refused some.
            with suppress(IndexError):
                jobs.append(self.waiting.popleft())
            if len(jobs) > 1 and self.kind(jobs[-1]) is not self.kind(jobs[0]):
                self._return(jobs.pop())
                return jobs
            if len(jobs) >= self.at_once or not jobs or self.kind(jobs[0]) is None:
                return jobs
            try:
                if not self._tokens.get_nowait():
                    self._tokens.put(False)
                    return jobs
            except queue.Empty:
                return jobs

    def refuse(self, now: float) -> list[Job[Any]]:
        """Take out those whose deadline has passed."""
        late: list[Job[Any]] = []
        with suppress(IndexError):
            while self.waiting[0].deadline <= now:
                late.append(self.waiting.popleft())
                if late[-1].deadline > now:  # a thread was quicker, and this is the one behind
                    self._return(late.pop())
                    break
        return late

    def _return(self, job: Job[Any]) -> None:
        self.waiting.appendleft(job)
        self._tokens.put(True)


class Executor:
    """A fixed pool of threads with one queue, bounded in length and in time; on SQLite one more does the writing.

    SQLite has one writer at a time. Many threads that write would wait for each other's locks; one takes all writes
    that wait, and commits them together.

    threads: how many, and so how many database connections (1 or more), the writer not counted.
    queue_limit: units that may wait for a thread; one more raises Overloaded at once.
    wait_seconds: the longest that a unit may wait for its thread; after it, Overloaded.
    nodes: learns which server each thread is connected to, before what was read there is handed over.
    """

    def __init__(self, *, threads: int, queue_limit: int, wait_seconds: float, nodes: Nodes | None = None) -> None:
        self.nodes = nodes or Nodes()
        self.queue_limit = queue_limit
        self.wait_seconds = wait_seconds
        self.waits = Histogram()
        self._common = Lane(threads, JOINED, attrgetter("together"))
        self._writes = Lane(1, COMMITTED, attrgetter("write"))
        self._threads: list[threading.Thread] = []
        self._finished: deque[Job[Any]] = deque()
        self._unsettled = 0
        self._idle = asyncio.Event()
        self._open = False
        self._one_writer = False
        self._sweeping = False
        self._waking = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Start the threads; call it on the loop that will call `run`. A closed executor may be started again."""
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._idle.set()
        self._one_writer = connections["default"].vendor == "sqlite"
        self._threads = [
            threading.Thread(target=self._work, args=(self._common, self._reading), name=f"orm-{number}", daemon=True)
            for number in range(self._common.threads)
        ]
        writer = threading.Thread(target=self._work, args=(self._writes, self._writing), name="orm-writer", daemon=True)
        self._threads += [writer] if self._one_writer else []
        for thread in self._threads:
            thread.start()

    async def run(self, unit: Callable[[], T], *, write: bool = False, alone: bool = False) -> T:
        """Run `unit` on one of the threads and give back what it returns, or raise what it raises.

        A read that meets a dead connection is tried once more on a new one; a write (`write=True`) never, since it may
        have been done. Whoever stops waiting (cancellation) does not stop a unit that has begun.

        On SQLite a write runs in a transaction that it may share with others, in a savepoint of its own: what it raises
        undoes it alone, and it is told of success when all is committed. `alone` is for a write that begins and ends
        its own transactions (migrations, VACUUM): it runs on a common thread, outside of any.

        Raises Overloaded when the queue is full, the wait too long or the executor closed; DatabaseAway.
        """
        loop = self._loop
        lane = self._writes if write and self._one_writer and not alone else self._common
        if loop is None or not self._open or len(lane.waiting) >= self.queue_limit:
            raise Overloaded("closed" if not self._open else f"{self.queue_limit} units are waiting")
        future: asyncio.Future[T] = loop.create_future()
        if not self._unsettled:
            self._idle.clear()
        self._unsettled += 1
        lane.put(Job(unit, future, deadline=time.monotonic() + self.wait_seconds, write=write))
        if not self._sweeping:
            self._sweeping = True
            loop.call_later(self.wait_seconds, self._sweep)
        return await future

    async def ping(self) -> None:
        """Ask the database for a constant, through the queue: raises what `run` raises."""
        await self.run(ask_for_a_constant)

    async def close(self, *, grace_seconds: float) -> bool:
        """Take no further unit, let those that are here end, and end the threads and their connections.

        Returns whether all ended within `grace_seconds`; a unit that did not keeps its (daemon) thread.
        """
        self._open = False
        deadline = time.monotonic() + grace_seconds
        try:
            await asyncio.wait_for(self._idle.wait(), grace_seconds)
        except TimeoutError:
            logger.warning("%d units had not ended after %.1f s", self._unsettled, grace_seconds)
        self._common.end()
        if self._one_writer:
            self._writes.end()
        while any(thread.is_alive() for thread in self._threads) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.005)  # a thread's end wakes no loop
        return not any(thread.is_alive() for thread in self._threads)

    @property
    def waiting(self) -> int:
        """Units that no thread has taken yet."""
        return len(self._common.waiting) + len(self._writes.waiting)

    @property
    def running(self) -> int:
        """Units that a thread has taken and whose results nobody has been given."""
        return self._unsettled - self.waiting

    def _sweep(self) -> None:
        """Refuse the units that have waited too long; on the loop. Each lane is in the order of deadlines."""
        assert self._loop is not None  # noqa: S101  only `run` schedules this
        now = time.monotonic()
        following: list[float] = []
        for lane in (self._common, self._writes):
            for job in lane.refuse(now):
                job.error = Overloaded(f"no thread was free within {self.wait_seconds:g} s")
                self._settle(job)
            with suppress(IndexError):
                following.append(lane.waiting[0].deadline)
        if self._unsettled:  # what has been taken may come back (`put_back`)
            following.append(now + self.wait_seconds)
        self._sweeping = bool(following)
        if following:
            self._loop.call_later(max(0.0, min(following) - now), self._sweep)

    def _settle(self, job: Job[Any]) -> None:
        job.settle()
        if job.begun:
            self.waits.observe(job.begun - job.deadline + self.wait_seconds)
        self._unsettled -= 1
        if not self._unsettled:
            self._idle.set()

    def _settle_finished(self) -> None:
        """Hand over all that is ready by now; on the loop, once for each wake-up."""
        self._waking = False
        while self._finished:
            self._settle(self._finished.popleft())

    def _work(self, lane: Lane, do: Callable[[Sequence[Job[Any]]], None]) -> None:
        """A thread's life: until it is told to end."""
        try:
            while (jobs := lane.take()) is not None:
                do(jobs)
                self._wake()
        finally:
            connections.close_all()
            self.nodes.forget()

    def _reading(self, jobs: Sequence[Job[Any]]) -> None:
        """Run a unit, or several that ask together; those whose asker has gone before are left out."""
        unasked: list[Job[Any]] = []
        now = time.monotonic()
        for job in jobs:
            job.begun = now
        wanted = [job for job in jobs if not job.future.cancelled()]
        if len(wanted) == 1:
            self._note_node(opened=perform(wanted[0]))
        elif wanted:
            opened, unasked = perform_joined(wanted)
            self._note_node(opened=opened)
        self._finished.extend(job for job in jobs if job not in unasked)
        self._common.put_back(unasked)

    def _writing(self, jobs: Sequence[Job[Any]]) -> None:
        """Run writes in one transaction."""
        now = time.monotonic()
        for job in jobs:
            job.begun = now
        if wanted := [job for job in jobs if not job.future.cancelled()]:
            self._note_node(opened=perform_together(wanted))
        self._finished.extend(jobs)

    def _note_node(self, *, opened: bool) -> None:
        """Before anything that this thread has read is handed over."""
        if opened or not self.nodes.known():
            self.nodes.note()

    def _wake(self) -> None:
        # Set before the loop is woken and cleared before it reads: a job that is added in between wakes it again.
        if self._finished and not self._waking:
            self._waking = True
            try:
                self._loop.call_soon_threadsafe(self._settle_finished)  # type: ignore[union-attr]
            except RuntimeError:
                logger.warning("a unit ended after the event loop had been closed")


def ask_for_a_constant() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT 1")
