"""The ORM executor: blocking units of work, run on a fixed number of threads that own their database connections.

An event loop must not wait for a database, and a Django connection belongs to one thread. So handlers pass a function
(a *unit*) to `Executor.run`; a thread runs it on its own connection, with the hygiene that Django's request signals
would have done, and the loop is woken once for all results that are ready by then.
"""

import asyncio
import contextvars
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, ProgrammingError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

T = TypeVar("T")

logger = logging.getLogger(__name__)

CONNECTION_AGE_SECONDS = 300.0
"""An idle connection older than this is replaced, so that a moved or demoted server is noticed in time."""

ANSWERED_ERRORS = (IntegrityError, DataError, ProgrammingError)
"""Database errors that are about the statement; any other says that the database itself is in trouble."""


class _Opened(threading.local):
    """When each of this thread's connections was first seen open, and which one it was."""

    def __init__(self) -> None:
        self.by_alias: dict[str, tuple[Any, float]] = {}


_opened = _Opened()


class Overloaded(asyncio.QueueFull):
    """No thread could take the unit in time; it has not run. Ask again in a second."""


class DatabaseAway(ConnectionError):
    """The database could not be reached, or failed under the unit. Ask again in a few seconds."""


class Job(Generic[T]):
    """One unit on its way: where it came from, when it must have started, and where its result goes."""

    __slots__ = ("context", "deadline", "error", "future", "result", "unit", "write")

    def __init__(self, unit: Callable[[], T], future: asyncio.Future[T], *, deadline: float, write: bool) -> None:
        self.unit = unit
        self.future = future
        self.deadline = deadline
        self.write = write
        self.context = contextvars.copy_context()
        self.result: T | None = None
        self.error: BaseException | None = None

    def settle(self) -> None:
        """Hand over what came out; on the loop's thread."""
        if self.future.done():
            return  # whoever asked has gone
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(cast(T, self.result))


class Executor:
    """A fixed pool of threads with one queue, bounded in length and in time.

    threads: how many, and so how many database connections (1 or more).
    queue_limit: units that may wait for a thread; one more raises Overloaded at once.
    wait_seconds: the longest that a unit may wait for its thread; after it, Overloaded.
    """

    def __init__(self, *, threads: int, queue_limit: int, wait_seconds: float) -> None:
        self.thread_count = threads
        self.queue_limit = queue_limit
        self.wait_seconds = wait_seconds
        self._waiting: deque[Job[Any]] = deque()
        self._tokens: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._finished: deque[Job[Any]] = deque()
        self._threads: list[threading.Thread] = []
        self._unsettled = 0
        self._idle = asyncio.Event()
        self._open = False
        self._sweeping = False
        self._waking = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Start the threads; call it on the loop that will call `run`. A closed executor may be started again."""
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._idle.set()
        self._threads = [
            threading.Thread(target=self._work, name=f"orm-{number}", daemon=True)
            for number in range(self.thread_count)
        ]
        for thread in self._threads:
            thread.start()

    async def run(self, unit: Callable[[], T], *, write: bool = False) -> T:
        """Run `unit` on one of the threads and give back what it returns, or raise what it raises.

        A read that meets a dead connection is tried once more on a new one; a write (`write=True`) never, since it may
        have been done. Whoever stops waiting (cancellation) does not stop a unit that has begun.

        Raises Overloaded when the queue is full, the wait too long or the executor closed; DatabaseAway.
        """
        loop = self._loop
        if loop is None or not self._open or len(self._waiting) >= self.queue_limit:
            raise Overloaded("closed" if not self._open else f"{self.queue_limit} units are waiting")
        future: asyncio.Future[T] = loop.create_future()
        job = Job(unit, future, deadline=loop.time() + self.wait_seconds, write=write)
        self._unsettled += 1
        self._idle.clear()
        self._waiting.append(job)
        self._tokens.put(True)
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
        for _ in self._threads:
            self._tokens.put(False)
        while any(thread.is_alive() for thread in self._threads) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.005)  # a thread's end wakes no loop
        return not any(thread.is_alive() for thread in self._threads)

    @property
    def waiting(self) -> int:
        """Units that no thread has taken yet."""
        return len(self._waiting)

    def _sweep(self) -> None:
        """Refuse the units that have waited too long; on the loop. The queue is in the order of deadlines."""
        assert self._loop is not None  # noqa: S101  only `run` schedules this
        now = self._loop.time()
        while self._waiting and self._waiting[0].deadline <= now:
            try:
                job = self._waiting.popleft()
            except IndexError:
                break  # a thread was quicker
            job.error = Overloaded(f"no thread was free within {self.wait_seconds:g} s")
            self._settle(job)
        try:
            self._loop.call_at(self._waiting[0].deadline, self._sweep)
        except IndexError:
            self._sweeping = False

    def _settle(self, job: Job[Any]) -> None:
        job.settle()
        self._unsettled -= 1
        if not self._unsettled:
            self._idle.set()

    def _settle_finished(self) -> None:
        """Hand over all that is ready by now; on the loop, once for each wake-up."""
        self._waking = False
        while self._finished:
            self._settle(self._finished.popleft())

    def _work(self) -> None:
        """A thread's life: until it is told to end."""
        try:
            while self._tokens.get():
                try:
                    job = self._waiting.popleft()
                except IndexError:
                    continue  # the sweep refused it
                if not job.future.cancelled():
                    job.context.run(perform, job)
                self._report(job)
        finally:
            connections.close_all()

    def _report(self, job: Job[Any]) -> None:
        self._finished.append(job)
        # Set before the loop is woken and cleared before it reads: a job that is added in between wakes it again.
        if not self._waking:
            self._waking = True
            try:
                self._loop.call_soon_threadsafe(self._settle_finished)  # type: ignore[union-attr]
            except RuntimeError:
                logger.warning("a unit ended after the event loop had been closed")


def ask_for_a_constant() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT 1")


def perform(job: Job[Any]) -> None:
    """Run a job's unit on this thread's connections, clean before and after, and keep what came out."""
    try:
        drop_stale_connections()
        job.result = attempt(job)
    except BaseException as error:  # noqa: BLE001  it is raised again where the unit was asked for
        job.error = error
    finally:
        tidy_connections()


def attempt(job: Job[Any]) -> Any:
    """The unit's result; a read that broke a connection is tried once more. Raises DatabaseAway."""
    try:
        return job.unit()
    except (DatabaseError, InterfaceError) as error:
        if isinstance(error, ANSWERED_ERRORS):
            raise
        if job.write or not drop_broken_connections():
            raise DatabaseAway(str(error)) from error
    try:
        return job.unit()
    except (DatabaseError, InterfaceError) as error:
        if isinstance(error, ANSWERED_ERRORS):
            raise
        raise DatabaseAway(str(error)) from error


def open_connections() -> list[BaseDatabaseWrapper]:
    """This thread's connections that are open now."""
    return [each for each in connections.all(initialized_only=True) if each.connection is not None]


def drop_stale_connections() -> None:
    """Close the connections that are too old; before a unit, outside any transaction."""
    now = time.monotonic()
    for connection in open_connections():
        raw, opened = _opened.by_alias.get(connection.alias, (None, now))
        if raw is not connection.connection:
            _opened.by_alias[connection.alias] = (connection.connection, now)
        elif now - opened > CONNECTION_AGE_SECONDS:
            connection.close()


def drop_broken_connections() -> bool:
    """Close the connections that an error has made unusable; whether there was one."""
    broken = [each for each in open_connections() if each.errors_occurred and not each.is_usable()]
    for connection in broken:
        connection.close()
    return bool(broken)


def tidy_connections() -> None:
    """After a unit: no open transaction, no broken connection and no log of queries stays behind."""
    for connection in open_connections():
        if connection.in_atomic_block or not connection.get_autocommit():
            logger.error("a unit left a transaction open; it is rolled back and its connection dropped")
            abandon(connection)
            continue
        connection.queries_log.clear()
        if connection.errors_occurred:
            if connection.is_usable():
                connection.errors_occurred = False
            else:
                connection.close()


def abandon(connection: BaseDatabaseWrapper) -> None:
    """Close the connection under an open transaction; Django makes a new wrapper at next use."""
    raw, alias = connection.connection, connection.alias
    del connections[alias]
    raw.close()
