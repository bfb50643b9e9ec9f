"""What a database must know to keep the change log; SQLite and PostgreSQL each do."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import msgspec
from django.db.backends.base.base import BaseDatabaseWrapper

from catalog.changes.surrogates import Changed


@dataclass(frozen=True)
class Stamp:
    """On whose behalf, and in which request, changes are made."""

    actor: str | None
    request_id: str | None


class News(NamedTuple):
    """What the log has told since a place, and its `cut`: the last of its rows that was deleted for its age."""

    cut: str
    rows: Sequence[Changed]


class Dialect(Protocol):
    """The log on one kind of database; each method takes the connection that it works on."""

    def position(self, connection: BaseDatabaseWrapper) -> tuple[str, str, str] | None:
        """Epoch, cut and place of the log's present end; None while the log is closed."""

    def node(self, connection: BaseDatabaseWrapper) -> str:
        """Names the server that answers, where a database has several."""

    def since(self, connection: BaseDatabaseWrapper, epoch: str, place: str, limit: int) -> News | None:
        """Up to `limit` rows, but for drafts, that were not visible at that place, and maybe some that were.

        None while the log is closed, or where it does not remember the place. Raises ValueError or DataError for what
        is no place.
        """

    def remembers(self, connection: BaseDatabaseWrapper, epoch: str, place: str) -> bool:
        """Whether every row that was not visible at that place is still there. Raises as `since` does."""

    def prune(self, connection: BaseDatabaseWrapper, before: datetime, limit: int) -> int:
        """Delete up to `limit` of the oldest rows, all from before that time; how many they were."""

    def standing(self, connection: BaseDatabaseWrapper) -> list[str]:
        """The names of the triggers that are missing, differ, or should not be there."""

    def drop(self, connection: BaseDatabaseWrapper) -> None:
        """Take all triggers away."""

    def make(self, connection: BaseDatabaseWrapper) -> None:
        """Make the triggers of the tables that there are."""

    def adopt(self, connection: BaseDatabaseWrapper) -> bool:
        """Make rows that another server has logged older than every place here; whether there were any."""

    def reset(self, connection: BaseDatabaseWrapper) -> None:
        """Write the row that says: anything may have changed."""

    def is_silent(self, connection: BaseDatabaseWrapper) -> bool:
        """Whether this transaction has silenced the triggers."""

    def silence(self, connection: BaseDatabaseWrapper) -> AbstractContextManager[None]:
        """Silence the triggers for this transaction; one reset row at the end, if anything was written."""

    def stamped(self, connection: BaseDatabaseWrapper, stamp: Stamp) -> AbstractContextManager[None]:
        """In a transaction, put the stamp on the rows that it adds to the log."""


def one(connection: BaseDatabaseWrapper, query: str, values: Any = None) -> tuple[Any, ...] | None:
    """The first row of a query's result, if there is one."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found: tuple[Any, ...] | None = cursor.fetchone()
        return found


def changed(rows: Iterable[tuple[Any, ...]]) -> list[Changed]:
    """What rows of the log say, the last two columns being JSON; a row of NULLs, as outer joins make, is left out."""
    there = (row for row in rows if row[0] is not None)
    return [Changed(row[0], row[1], row[2], row[3], side(row[4]), side(row[5])) for row in there]


def side(text: str | None) -> Mapping[str, Any]:
    """One side of a change; empty where there is none."""
    return {} if text is None else msgspec.json.decode(text, type=dict[str, Any])
