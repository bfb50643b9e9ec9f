"""The change log on SQLite: what is asked of it.

SQLite has one writer, so that the ids of the log are in the order of commits: a place in the log is its last row.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from catalog.changes.definitions import LOGGED, PREFIX
from catalog.changes.dialect import News, Stamp, changed, one
from catalog.changes.sqlite_sql import Tables, triggers
from catalog.changes.sqlite_text import INSERT_RESET

NEVER = 0
"""The id of the change that never is: SQLite's AUTOINCREMENT begins at 1."""

TRIGGERS = f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB '{PREFIX}*'"

LIFE = "log.epoch || '-' || (SELECT schema_version FROM pragma_schema_version)"
"""The log's epoch and the file's form: while a trigger was away, or a table was rebuilt, nobody told what changed."""

REMEMBERED = (
    f"{LIFE} = %(epoch)s AND log.pruned <= %(id)s"
    " AND (%(id)s = 0 OR EXISTS (SELECT 1 FROM catalog_change WHERE id = %(id)s AND xid = %(milliseconds)s))"
)
"""The row that a place names is there: neither pruned nor, its id taken anew, lost with a file that was put back."""

OLD = (
    "SELECT count(*), max(id) FROM (SELECT id FROM catalog_change WHERE id <"
    " (SELECT max(id) FROM catalog_change WHERE id <"
    " coalesce((SELECT id FROM catalog_change WHERE at >= %s ORDER BY id LIMIT 1), 9223372036854775807))"
    " ORDER BY id LIMIT %s)"
)
"""The newest of the old rows stays: it is the place of all who have read so far."""


def tables(connection: BaseDatabaseWrapper) -> Tables:
    """What the file holds of the tables that are logged."""
    names = ", ".join(f"'{logged.table}'" for logged in LOGGED)
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c "
            f"WHERE t.type = 'table' AND t.name IN ({names})"
        )
        for table, column in cursor.fetchall():
            found.setdefault(table, []).append(column)
    return tuple((table, tuple(columns)) for table, columns in found.items())


def values_of(epoch: str, place: str) -> dict[str, Any]:
    """What REMEMBERED asks for. Raises ValueError for what is no place."""
    last_id, milliseconds = (int(part) for part in place.split("."))
    return {"epoch": epoch, "id": last_id, "milliseconds": milliseconds}


class Sqlite:
    """The log on SQLite; each method takes the connection that it works on."""

    def position(self, connection: BaseDatabaseWrapper) -> tuple[str, str, str] | None:
        found = one(
            connection,
            f"SELECT {LIFE}, log.pruned, last.id, last.xid FROM catalog_changelog log LEFT JOIN catalog_change last"
            " ON last.id = (SELECT max(id) FROM catalog_change) WHERE log.open",
        )
        return None if found is None else (found[0], str(found[1]), f"{found[2] or 0}.{found[3] or 0}")

    def node(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002  there is one
        return ""

    def since(self, connection: BaseDatabaseWrapper, epoch: str, place: str, limit: int) -> News | None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT log.pruned, entity, entity_id, film_id, kind, before, after FROM catalog_changelog log"
                " LEFT JOIN catalog_change ON catalog_change.id > %(id)s AND kind <> 'draft'"
                f" WHERE log.open AND {REMEMBERED} ORDER BY catalog_change.id LIMIT %(limit)s",
                {**values_of(epoch, place), "limit": limit},
            )
            rows = cursor.fetchall()
        return News(str(rows[0][0]), changed(row for _, *row in rows)) if rows else None

    def remembers(self, connection: BaseDatabaseWrapper, epoch: str, place: str) -> bool:
        query = f"SELECT 1 FROM catalog_changelog log WHERE {REMEMBERED}"
        return one(connection, query, values_of(epoch, place)) is not None

    def prune(self, connection: BaseDatabaseWrapper, before: datetime, limit: int) -> int:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            number, last = one(connection, OLD, [before, limit]) or (0, None)
            if number:
                cursor.execute("DELETE FROM catalog_change WHERE id <= %s", [last])
        return int(number)

    def standing(self, connection: BaseDatabaseWrapper) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(TRIGGERS)
            there = dict(cursor.fetchall())
        wanted = triggers(tables(connection))
        return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))

    def drop(self, connection: BaseDatabaseWrapper) -> None:
        with connection.cursor() as cursor:
            cursor.execute(TRIGGERS)
            for name, _ in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")

    def make(self, connection: BaseDatabaseWrapper) -> None:
        with connection.cursor() as cursor:
            for statement in triggers(tables(connection)).values():
                cursor.execute(statement)

    def adopt(self, connection: BaseDatabaseWrapper) -> bool:  # noqa: ARG002  a file brings its ids along
        return False

    def reset(self, connection: BaseDatabaseWrapper) -> None:
        with connection.cursor() as cursor:
            cursor.execute(INSERT_RESET)

    def is_silent(self, connection: BaseDatabaseWrapper) -> bool:
        return one(connection, "SELECT 1 FROM catalog_bulkguard") is not None

    @contextmanager
    def silence(self, connection: BaseDatabaseWrapper) -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO catalog_bulkguard (change_id) VALUES (%s)", [NEVER])
            before = one(connection, "SELECT total_changes()")
            yield
            changed = one(connection, "SELECT total_changes()") != before
            cursor.execute("DELETE FROM catalog_bulkguard")
        if changed:
            self.reset(connection)

    @contextmanager
    def stamped(self, connection: BaseDatabaseWrapper, stamp: Stamp) -> Iterator[None]:
        with transaction.atomic(using=connection.alias):
            before = one(connection, "SELECT coalesce(max(id), 0) FROM catalog_change")
            yield
            with connection.cursor() as cursor:
                # SQLite has one writer: what was added since the transaction began is its own.
                cursor.execute(
                    "UPDATE catalog_change SET actor = %s, request_id = %s"
                    " WHERE id > %s AND actor IS NULL AND request_id IS NULL",
                    [stamp.actor, stamp.request_id, before and before[0]],
                )
