"""The change log: what has changed of all that an answer can show, whoever changed it.

Triggers write it, in the transaction of each change. Here is what the rest of the house asks of it: where it ends now,
what has changed since, whether the triggers stand, two ways to write under it, and how its beginning is cut off.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import chain

from django.db import DataError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from catalog.changes import surrogates
from catalog.changes.dialect import Dialect, Stamp
from catalog.changes.postgresql import Postgresql
from catalog.changes.sqlite import Sqlite

CLOSED = ""
"""The position of a log that a migration has closed: everything counts as changed since."""

ROWS_MAX = 1000
"""Of more changes than this nobody asks one by one what they concern."""

PRUNED_ROWS = 5000
"""Rows that are deleted in one transaction: others' writes wait no longer than for these."""

ALL = frozenset((surrogates.EVERYTHING,))

ACTOR_LENGTH, REQUEST_ID_LENGTH = 200, 64


def dialect(database: BaseDatabaseWrapper) -> Dialect:
    """The log's ways on that kind of database."""
    return Postgresql() if database.vendor == "postgresql" else Sqlite()


def position() -> str:
    """The log's present end, as opaque text: what is visible now is before it.

    One query, two on a standby. Raises DatabaseError.
    """
    found = dialect(connection).position(connection)
    return CLOSED if found is None else "~".join(found)


def node() -> str:
    """Which of a replicated database's servers is asked here: when it was started. Empty on SQLite. One query."""
    return dialect(connection).node(connection)


def changed_since(token: str) -> surrogates.Keys:
    """The keys (surrogates.py) of all that has become visible since `position` gave the token; none of drafts.

    LOG_CUT where the log's beginning has been cut off since: what it tells of the past is less, the catalogue the same.
    EVERYTHING where that cannot be told: the token is expired, or is none, the log is closed, or has grown by more
    than ROWS_MAX rows. One query. Raises DatabaseError when the database is away.
    """
    try:
        epoch, cut, place = token.split("~")
        found = dialect(connection).since(connection, epoch, place, ROWS_MAX + 1)
    except (ValueError, DataError):
        return ALL
    if found is None or len(found.rows) > ROWS_MAX:
        return ALL
    keys = frozenset(chain.from_iterable(map(surrogates.of_change, found.rows)))
    return keys if found.cut == cut else keys | {surrogates.LOG_CUT}


def expired(token: str) -> bool:
    """Whether the log can't tell all that came after a position: it is of another life, or what followed is pruned.

    Who has an expired position must read everything again. One query. Raises ValueError for what is no position, which
    the one of a closed log is too.
    """
    epoch, _, place = token.split("~")
    try:
        return not dialect(connection).remembers(connection, epoch, place)
    except DataError as error:
        raise ValueError(token) from error


def prune(older_than: timedelta) -> int:
    """Delete the rows that are older, and say how many: positions from before their end are expired from then on.

    In transactions of PRUNED_ROWS; none of them needs to be the last for the log to be whole.
    """
    before = timezone.now() - older_than
    return sum(iter(lambda: dialect(connection).prune(connection, before, PRUNED_ROWS), 0))


def standing() -> list[str]:
    """The names of the log's triggers that are missing, differ or are disabled; none when all stand.

    While there is any, nothing may be remembered. Two or three queries of the database's own catalogue.
    """
    return dialect(connection).standing(connection)


@contextmanager
def bulk() -> Iterator[None]:
    """A transaction in which the triggers keep silent: the log gets one row, `reset`, if anything was written.

    Versions are then raised by nobody but the caller, and so is `updated`. Within another bulk it is a part of that.
    """
    ways = dialect(connection)
    with transaction.atomic():
        if ways.is_silent(connection):
            yield
            return
        with ways.silence(connection):
            yield


@contextmanager
def stamped(*, actor: str | None = None, request_id: str | None = None) -> Iterator[None]:
    """A transaction whose rows in the log say who made the changes, and in which request. Longer text is cut."""
    stamp = Stamp(actor and actor[:ACTOR_LENGTH], request_id and request_id[:REQUEST_ID_LENGTH])
    with dialect(connection).stamped(connection, stamp):
        yield


__all__ = ["bulk", "changed_since", "expired", "node", "position", "prune", "stamped", "standing"]
