"""What a thread of the executor does with units: they run on its own connections, which are clean before and after.

API threads never see Django's request signals, which would drop dead connections and open transactions elsewhere.
"""

import asyncio
import contextvars
import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, Protocol, TypeVar, cast

from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
    connection,
    connections,
    transaction,
)
from django.db.backends.base.base import BaseDatabaseWrapper

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

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
NOT_SEEN: tuple[Any, float] = (None, 0.0)


class DatabaseAway(ConnectionError):
    """The database could not be reached, or failed under the unit. Ask again in a few seconds."""


class Joinable(Protocol[T_co]):
    """A unit of two halves around a single question, which can go to the database together with others'.

    Called, it is a unit as any. A read, which may be run twice, and quick: those that ask together wait for the slowest
    of their questions.
    """

    def __call__(self) -> T_co: ...

    def ask(self) -> tuple[Any, Callable[[Any], T_co]]:
        """The question, and what makes the result of its answer; both without the database."""

    @staticmethod
    def together(questions: Sequence[Any]) -> Sequence[Any]:
        """The answer to each of several such questions, in one trip. Units with the same function may be joined."""


class Job(Generic[T]):
    """One unit on its way: where it came from, when it must have started, and where its result goes."""

    __slots__ = ("begun", "context", "deadline", "error", "future", "result", "together", "unit", "write")

    def __init__(self, unit: Callable[[], T], future: asyncio.Future[T], *, deadline: float, write: bool) -> None:
        self.unit = unit
        self.future = future
        self.deadline = deadline
        self.write = write
        self.together: Callable[..., Any] | None = getattr(unit, "together", None)
        self.context = contextvars.copy_context()
        self.begun = 0.0
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


def perform(job: Job[Any]) -> bool:
    """Run a job's unit on this thread's connections, clean before and after, and keep what came out.

    Whether a connection is there that was not before.
    """
    try:
        drop_stale_connections()
        job.result = job.context.run(attempt, job)
    except BaseException as error:  # noqa: BLE001  it is raised again where the unit was asked for
        job.error = error
    return tidy_connections()


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


def perform_joined(jobs: Sequence[Job[Any]]) -> tuple[bool, list[Job[Any]]]:
    """Run the units of several jobs that may be joined around one trip to the database, and keep what came out.

    Whether a connection is there that was not before, and the jobs that are not done since the trip has failed:
    whosever fault that is, each is to be run by itself.
    """
    unasked: list[Job[Any]] = []
    try:
        drop_stale_connections()
        asked = [(job, half) for job in jobs if (half := half_of(job, cast("Joinable[Any]", job.unit).ask)) is not None]
        answers = cast("Joinable[Any]", jobs[0].unit).together([question for _, (question, _) in asked])
        for (job, (_, finish)), answer in zip(asked, answers, strict=True):
            job.result = half_of(job, partial(finish, answer))
    except BaseException as error:  # noqa: BLE001  it is met again by the unit whose fault it is
        logger.info("%d units that asked together are run one by one: %s", len(jobs), error)
        unasked = [job for job in jobs if job.error is None]
    return tidy_connections(), unasked


def half_of(job: Job[Any], half: Callable[[], Any]) -> Any:
    """What one half of a job's unit gives back; None where it raises, which is kept."""
    try:
        return job.context.run(half)
    except BaseException as error:  # noqa: BLE001  it is raised again where the unit was asked for
        job.error = error
        return None


def perform_together(jobs: Sequence[Job[Any]]) -> bool:
    """Run writes in one transaction, each in a savepoint of its own, so that one fsync acknowledges all of them.

    A unit that fails undoes only what it did itself. When the transaction fails, every unit has: nothing was written.
    Whether a connection is there that was not before.
    """
    committed = threading.Event()
    try:
        drop_stale_connections()
        with transaction.atomic():
            transaction.on_commit(committed.set)
            for job in jobs:
                perform_within(job)
    except BaseException as error:  # it is raised again where the units were asked for
        if committed.is_set():
            logger.exception("what a unit had left to do after its commit has failed")
        else:
            fail_together(jobs, error)
    return tidy_connections()


def perform_within(job: Job[Any]) -> None:
    """Run a unit in a savepoint, and keep what came out. Raises LeftOpen when the transaction can't go on."""
    blocks = len(connection.atomic_blocks)
    try:
        with transaction.atomic():
            job.result = job.context.run(job.unit)
    except (DatabaseError, InterfaceError) as error:
        job.error = error if isinstance(error, ANSWERED_ERRORS) else away(error)
    except BaseException as error:  # noqa: BLE001  it is raised again where the unit was asked for
        job.error = error
    if len(connection.atomic_blocks) != blocks or connection.needs_rollback:
        raise LeftOpen("a unit left the transaction in disorder")


class LeftOpen(RuntimeError):
    """A unit has not ended a block that it began, or what it did can't be undone alone."""


def fail_together(jobs: Sequence[Job[Any]], error: BaseException) -> None:
    """Tell all units that nothing was written; one that was alone, or had failed before, gets its own error.

    Whose fault a failing COMMIT is (a foreign key that is checked only there) can't be told among several: each may ask
    again and be heard alone.
    """
    is_away = isinstance(error, DatabaseError | InterfaceError | LeftOpen) and not (
        len(jobs) == 1 and isinstance(error, ANSWERED_ERRORS)
    )
    for job in jobs:
        if job.error is None:
            job.error = away(error) if is_away else error


def away(error: BaseException) -> DatabaseAway:
    """What a unit is told of an error of the database; the error itself is its cause."""
    told = DatabaseAway(str(error))
    told.__cause__ = error
    return told


def open_connections() -> list[BaseDatabaseWrapper]:
    """This thread's connections that are open now."""
    return [each for each in connections.all(initialized_only=True) if each.connection is not None]


def drop_stale_connections() -> None:
    """Close the connections that are too old; before a unit, outside any transaction."""
    now = time.monotonic()
    # By far the most units find none that old, and need not ask Django which ones there are.
    if all(now - opened <= CONNECTION_AGE_SECONDS for _, opened in _opened.by_alias.values()):
        return
    for each in open_connections():
        raw, opened = _opened.by_alias.get(each.alias, (None, now))
        if raw is each.connection and now - opened > CONNECTION_AGE_SECONDS:
            each.close()


def drop_broken_connections() -> bool:
    """Close the connections that an error has made unusable; whether there was one."""
    broken = [each for each in open_connections() if each.errors_occurred and not each.is_usable()]
    for each in broken:
        each.close()
    return bool(broken)


def tidy_connections() -> bool:
    """After a unit: no open transaction, no broken connection and no log of queries stays behind.

    Whether the unit has opened a connection.
    """
    new = False
    for each in open_connections():
        if _opened.by_alias.get(each.alias, NOT_SEEN)[0] is not each.connection:
            _opened.by_alias[each.alias] = (each.connection, time.monotonic())
            new = True
        if each.in_atomic_block or not each.get_autocommit():
            logger.error("a unit left a transaction open; it is rolled back and its connection dropped")
            abandon(each)
            continue
        each.queries_log.clear()
        if each.errors_occurred:
            if each.is_usable():
                each.errors_occurred = False
            else:
                each.close()
    return new


def abandon(connection: BaseDatabaseWrapper) -> None:
    """Close the connection under an open transaction; Django makes a new wrapper at next use."""
    raw, alias = connection.connection, connection.alias
    del connections[alias]
    raw.close()
