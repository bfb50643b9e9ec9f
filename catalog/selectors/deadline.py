"""Reads that the database gives up after a time, each statement by itself."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

STEPS_BETWEEN_LOOKS = 10_000
"""Instructions of SQLite's machine after which it asks whether to go on: about a millisecond."""

CANCELED = "57014"
"""PostgreSQL's code of a statement that has met its `statement_timeout` (query_canceled)."""


class OutOfTime(Exception):
    """The time was up before the rows had been read."""


class Deadline:
    """The time that the reads of one answer have together: `seconds`, or what the settings give."""

    def __init__(self, seconds: float | None = None) -> None:
        self.end = time.monotonic() + (settings.STATISTICS_SECONDS if seconds is None else seconds)

    @contextmanager
    def held(self) -> Iterator[None]:
        """A block whose statements end when the time is up. Raises OutOfTime, also where it was up before."""
        remaining = self.end - time.monotonic()
        if remaining <= 0:
            raise OutOfTime
        connection = connections[DEFAULT_DB_ALIAS]
        connection.ensure_connection()
        try:
            with LIMITED[connection.vendor](connection, remaining):
                yield
        except OperationalError as error:
            if not was_stopped(error):
                raise
            raise OutOfTime from error


@contextmanager
def on_sqlite(connection: BaseDatabaseWrapper, seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    raw = connection.connection
    raw.set_progress_handler(lambda: time.monotonic() > end, STEPS_BETWEEN_LOOKS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)


@contextmanager
def on_postgresql(connection: BaseDatabaseWrapper, seconds: float) -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {max(1, int(seconds * 1000))}")
        yield
        # Within another transaction LOCAL would outlast this block.
        cursor.execute("SET LOCAL statement_timeout = DEFAULT")


LIMITED = {"sqlite": on_sqlite, "postgresql": on_postgresql}


def was_stopped(error: OperationalError) -> bool:
    """Whether the database ended a statement because its time was up."""
    cause = error.__cause__
    return getattr(cause, "sqlstate", None) == CANCELED or getattr(cause, "sqlite_errorname", "") == "SQLITE_INTERRUPT"
