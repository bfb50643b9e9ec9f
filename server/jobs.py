"""Background work: a loop that takes due jobs from a queue, does each, and says what became of it.

The queue is the application's, in its database, and several processes may share it. A job is taken for a time, its
lease: who dies with it leaves it to be taken again when that is over. So a job may be done twice, and never by two at
once as long as each ends within its lease, which is held to.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
PAUSE_SECONDS = 15.0
"""After the queue could not be asked."""

LEASE_SECONDS = 120.0
DEADLINE_PART = 0.8
"""Of the lease: whoever takes longer is stopped before another may begin."""

AT_ONCE = 8
"""Jobs that one process does at the same time."""


class Job(Protocol):
    """What has been taken."""

    @property
    def kind(self) -> str: ...

    @property
    def key(self) -> str: ...


class Queue(Protocol):
    """Plain functions of the application, run in the executor; a module can be one."""

    def begin(self) -> None:
        """Called once, before anything is taken."""

    def is_due(self) -> bool:
        """Whether there is anything to take; reads only."""

    def take(self, limit: int, lease_seconds: float) -> Sequence[Any]:
        """Up to `limit` due jobs, which are ours for so long."""

    def settle(self, job: Any, again_seconds: float | None) -> None:
        """It is done, and due again after so many seconds, or never."""

    def fail(self, job: Any, error: str) -> None:
        """It has failed, and is to be tried again when the queue thinks so."""

    def give_back(self, job: Any) -> None:
        """It was not done, through no fault of its own: due at once."""


Handler = Callable[[Any], Awaitable[float | None]]
"""Does a job; gives the seconds after which it is due again, or None. Whatever it raises is a failure."""

Run = Callable[..., Awaitable[Any]]
"""Runs a unit in the executor; `write=True` where it changes anything, `alone=True` where it makes its transactions."""


@dataclass(frozen=True)
class Chore:
    """What any process may do at any time, any number of times, so that it needs no lease."""

    is_needed: Callable[[], bool]
    do: Callable[[], object]


class Worker:
    """Takes jobs and does them, for as long as `working` lasts."""

    def __init__(
        self, queue: Queue, handlers: Mapping[str, Handler], run: Run, *, chores: Sequence[Chore] = ()
    ) -> None:
        self.queue = queue
        self.handlers = handlers
        self.chores = chores
        self._run = run
        self._begun = False
        self._running: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def working(self, *, grace_seconds: float = 5.0) -> AsyncIterator[None]:
        """At the end no job is taken any more; those that are being done have so long, and are given back after it."""
        loop = asyncio.create_task(self._work())
        try:
            yield
        finally:
            loop.cancel()
            with suppress(asyncio.CancelledError):
                await loop
            await self._end(grace_seconds)

    async def _end(self, grace_seconds: float) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=grace_seconds)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001  the loop must outlive whatever befalls the database
                logger.warning("the jobs can't be looked at: %s", error)
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                await asyncio.sleep(POLL_SECONDS)

    async def during(self, _: object) -> AsyncIterator[None]:
        """`working` as what aiohttp calls a clean-up context."""
        async with self.working():
            yield

    async def look(self) -> None:
        """Do the chores that are needed, and begin what is due, as far as there is room. One read where nothing is."""
        if not self._begun:
            await self._run(self.queue.begin, write=True)
            self._begun = True
        needed, due = await self._run(self._needed)
        for chore in needed:
            await self._run(chore.do, write=True)
        room = AT_ONCE - len(self._running)
        if not due or not room:
            return
        for job in await self._run(partial(self.queue.take, room, LEASE_SECONDS), write=True):
            task = asyncio.create_task(self._do(job))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    def _needed(self) -> tuple[list[Chore], bool]:
        return [chore for chore in self.chores if chore.is_needed()], self.queue.is_due()

    async def _do(self, job: Job) -> None:
        """Do one job and say what became of it. What can't be said is done again after the lease."""
        try:
            outcome = await self._outcome(job)
        except asyncio.CancelledError:
            outcome = partial(self.queue.give_back, job)
        try:
            await asyncio.shield(asyncio.ensure_future(self._run(outcome, write=True)))
        except Exception as error:  # noqa: BLE001  the queue is away, and the lease will tell
            logger.warning("what became of the job %s %s is not written: %s", job.kind, job.key, error)

    async def _outcome(self, job: Job) -> Callable[[], None]:
        try:
            handler = self.handlers[job.kind]
            async with asyncio.timeout(LEASE_SECONDS * DEADLINE_PART):
                again = await handler(job)
        except Exception as error:  # noqa: BLE001  a job's failure is the queue's affair
            logger.warning("the job %s %s failed: %s", job.kind, job.key, error or type(error).__name__)
            return partial(self.queue.fail, job, f"{type(error).__name__}: {error}")
        return partial(self.queue.settle, job, again)
