"""What a database must know to keep the change log; SQLite and PostgreSQL each do."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True)
class Stamp:
    """On whose behalf, and in which request, changes are made."""

    actor: str | None
    request_id: str | None


class Dialect(Protocol):
    """The log on one kind of database; each method takes the connection that it works on."""

    def position(self, connection: BaseDatabaseWrapper) -> tuple[str, str] | None:
        """Epoch and place of the log's present end; None while the log is closed."""

    def changed_since(self, connection: BaseDatabaseWrapper, epoch: str, place: str) -> bool:
        """Whether there is a row that was not visible at that place. Raises ValueError or DataError for no place."""

    def standing(self, connection: BaseDatabaseWrapper) -> list[str]:
        """The names of the triggers that are missing, differ, or should not be there."""

    def drop(self, connection: BaseDatabaseWrapper) -> None:
        """Take all triggers away."""

    def make(self, connection: BaseDatabaseWrapper) -> None:
        """Make the triggers of the tables that there are."""

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
