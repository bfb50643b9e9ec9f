"""The change log: what has changed of all that an answer can show, whoever changed it.

Triggers write it, in the transaction of each change. Here is what the rest of the house asks of it: where it ends now,
whether it has grown since, whether the triggers stand, and two ways to write under it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DataError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from catalog.changes.dialect import Dialect, Stamp
from catalog.changes.postgresql import Postgresql
from catalog.changes.sqlite import Sqlite

CLOSED = ""
"""The position of a log that a migration has closed: everything counts as changed since."""

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


def changed_since(token: str) -> bool:
    """Whether anything that an answer could show, drafts aside, has become visible since `position` gave the token.

    True where that cannot be told: the token is of another life of the log, or is none, or the log is closed.
    One query. Raises DatabaseError when the database is away.
    """
    epoch, _, place = token.partition("~")
    if not place:
        return True
    try:
        return dialect(connection).changed_since(connection, epoch, place)
    except (ValueError, DataError):
        return True


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


__all__ = ["bulk", "changed_since", "position", "stamped", "standing"]
