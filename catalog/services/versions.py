"""Which version of a row a change is meant for, asked in the transaction that makes it."""

from datetime import datetime
from typing import Protocol, TypeVar

from django.db.models import Model

from catalog.errors import Stale
from catalog.values import Condition


class Versioned(Protocol):
    """A row whose version the triggers keep."""

    version: int
    updated: datetime


M = TypeVar("M", bound=Model)

ANY = Condition()


def locked(model: type[M], row_id: int) -> M | None:
    """The row as it is now, which nobody else can change before this transaction ends; None where there is none.

    On SQLite the transaction itself is the lock; on PostgreSQL the row is locked, and read after whoever held it.
    """
    return model._default_manager.select_for_update().filter(pk=row_id).first()


def hold_to(condition: Condition, row: Versioned) -> None:
    """Raises Stale where the row is not what the caller wants to change (RFC 9110, 13.2.2)."""
    if condition.versions is not None and row.version not in condition.versions:
        raise Stale(f"It is version {row.version} by now, which If-Match does not name.")
    if condition.unmodified_since is not None and int(row.updated.timestamp()) > condition.unmodified_since:
        raise Stale(f"It has changed since, at {row.updated:%Y-%m-%dT%H:%M:%SZ}.")
    if condition.absent or row.version in condition.other_than:
        raise Stale("It is there already, and If-None-Match asks for something else.")
