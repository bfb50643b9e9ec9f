"""The change log on SQLite: its triggers, and what is asked of it.

Triggers use plain SQL only, since another process's connection has none of our functions. SQLite has one writer, so
that the ids of the log are in the order of commits, and the last row of the log is one's own as long as one writes.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from catalog.changes.definitions import FILM, KEPT, LOGGED, PERSON, PREFIX, Link, Logged, Name, Root, Shown
from catalog.changes.dialect import Stamp, changed, one
from catalog.changes.surrogates import Changed

NOW = "replace(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000', '.000000', '')"
"""The time as Django writes it, so that equal times are equal texts."""

MILLISECONDS = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"

LOUD = "NOT EXISTS (SELECT 1 FROM catalog_bulkguard)"

NEVER = 0
"""The id of the change that never is: SQLite's AUTOINCREMENT begins at 1."""

TRIGGERS = f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB '{PREFIX}*'"

INSERT_RESET = (
    "INSERT INTO catalog_change (xid, entity, entity_id, kind, at) "
    f"VALUES ({MILLISECONDS}, 'catalogue', '', 'reset', {NOW})"
)

REMEMBERED = (
    "log.epoch = %(epoch)s AND log.pruned <= %(id)s"
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

Tables = tuple[tuple[str, tuple[str, ...]], ...]
"""The logged tables that there are, each with its columns but for the generated ones."""


@lru_cache(maxsize=4)
def triggers(tables: Tables) -> dict[str, str]:
    """Every CREATE TRIGGER by its name."""
    columns = dict(tables)
    there = (logged for logged in LOGGED if logged.table in columns)
    return dict(chain.from_iterable(of_table(logged, columns[logged.table]) for logged in there))


def of_table(logged: Logged, columns: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The triggers of one table, each with its name."""
    if isinstance(logged, Root):
        return of_root(logged, columns)
    return of_link(logged, columns) if isinstance(logged, Link) else of_name(logged, columns)


def trigger(logged: Logged, what: str, event: str, when: str, *body: str) -> tuple[str, str]:
    """A trigger's name and text."""
    name = f"{PREFIX}{logged.entity}_{what}"
    condition = f"{LOUD} AND ({when})" if when else LOUD
    steps = "".join(f"\n  {statement};" for statement in body)
    return name, f"CREATE TRIGGER {name} AFTER {event} ON {logged.table}\nWHEN {condition}\nBEGIN{steps}\nEND"


def row(
    entity: str, key: str, kind: str, *, film: str = "NULL", version: str = "NULL",
    before: str = "NULL", after: str = "NULL",
) -> str:  # fmt: skip
    """The statement that writes one row of the log; all but `entity` are SQL."""
    return (
        "INSERT INTO catalog_change (xid, entity, entity_id, film_id, kind, version, before, after, at) "
        f"VALUES ({MILLISECONDS}, '{entity}', {key}, {film}, {kind}, {version}, {before}, {after}, {NOW})"
    )


def of(record: str, column: str) -> str:
    """A column of OLD or NEW; `order` is a word of SQL, hence the quotes."""
    return f'{record}."{column}"'


def whole(record: str, columns: Iterable[str]) -> str:
    """The row as JSON."""
    return "json_object(" + ", ".join(f"'{name}', {of(record, name)}" for name in columns) + ")"


def difference(record: str, other: str, columns: Iterable[str]) -> str:
    """What of the row is not the same in the other one, as JSON."""
    arms = (
        f"SELECT '{name}' AS name, {of(record, name)} AS value WHERE {of(record, name)} IS NOT {of(other, name)}"
        for name in columns
    )
    return f"(SELECT json_group_object(name, value) FROM ({' UNION ALL '.join(arms)}))"


def differs(columns: Iterable[str]) -> str:
    return " OR ".join(f"{of('OLD', name)} IS NOT {of('NEW', name)}" for name in columns)


def touch(table: str, condition: str) -> str:
    """The statement that raises the versions of those films or people."""
    return f"UPDATE {table} SET version = version + 1, updated = {NOW} WHERE {condition}"


def touch_films(shown: Iterable[Shown], key: str) -> str:
    """The statement that raises the versions of all films that show a name; each of them logs that itself."""
    films = " UNION ".join(f"SELECT {each.film} FROM {each.table} WHERE {each.column} = {key}" for each in shown)
    return touch(FILM, f"id IN ({films})")


def of_root(root: Root, columns: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """A film's or person's own changes.

    An update of what answers show writes its row and raises the version. An update of version or time of change alone
    is either the second half of such a step, of which the log's last row tells already, or somebody's own.
    """
    own = [name for name in columns if name not in KEPT]
    kinds = kinds_of(root)
    new_film, old_film = ("NEW.id", "OLD.id") if root.entity == "film" else ("NULL", "NULL")
    raised = "max(OLD.version + 1, NEW.version)"
    raise_it = (
        f"UPDATE {root.table} SET version = {raised}, "
        f"updated = CASE WHEN NEW.updated IS OLD.updated THEN {NOW} ELSE NEW.updated END WHERE id = NEW.id"
    )
    told = (
        "NEW.version IS NOT OLD.version AND EXISTS (SELECT 1 FROM catalog_change last WHERE"
        " last.id = (SELECT max(id) FROM catalog_change)"
        f" AND {'last.film_id' if root.entity == 'film' else 'last.entity_id'} = NEW.id AND last.version = NEW.version"
        + ("" if root.entity == "film" else f" AND last.entity = '{root.entity}'")
        + ")"
    )
    changed = row(
        root.entity, "NEW.id", kinds["update"], film=new_film, version=raised,
        before=difference("OLD", "NEW", own), after=difference("NEW", "OLD", own),
    )  # fmt: skip
    created = row(root.entity, "NEW.id", kinds["insert"], film=new_film, version="NEW.version", after=whole("NEW", own))
    deleted = row(
        root.entity, "OLD.id", kinds["delete"], film=old_film, version="OLD.version + 1", before=whole("OLD", own)
    )
    touched = f"({differs(KEPT)}) AND NOT ({differs(own)}) AND NOT ({told})"
    yield trigger(root, "created", "INSERT", "", created)
    yield trigger(root, "updated", "UPDATE", differs(own), changed, raise_it)
    yield trigger(root, "touched", "UPDATE", touched, changed, raise_it)
    yield trigger(root, "deleted", "DELETE", "", deleted)
    if root.names:
        yield trigger(root, "renamed", "UPDATE", differs(root.names), touch_films(root.shown, "NEW.id"))


def kinds_of(root: Root) -> dict[str, str]:
    """The kind of each event, as SQL: publishing a draft is `created`, taking it back `deleted`."""
    if root.published is None:
        return {"insert": "'created'", "update": "'updated'", "delete": "'deleted'"}
    old, new = f"OLD.{root.published}", f"NEW.{root.published}"
    return {
        "insert": f"CASE WHEN {new} THEN 'created' ELSE 'draft' END",
        "update": f"CASE WHEN {old} AND {new} THEN 'updated' WHEN {new} THEN 'created'"
        f" WHEN {old} THEN 'deleted' ELSE 'draft' END",
        "delete": f"CASE WHEN {old} THEN 'deleted' ELSE 'draft' END",
    }


def of_link(link: Link, columns: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Changes of what belongs to a film or person; one that moves leaves its old owner and comes to its new one."""
    owner = link.owner
    own = [name for name in columns if name != "id"]
    moves = differs([owner])
    came = link_step(link, "NEW", "created", after=whole("NEW", own))
    went = link_step(link, "OLD", "deleted", before=whole("OLD", own))
    changed = link_step(
        link, "NEW", "updated", before=difference("OLD", "NEW", own), after=difference("NEW", "OLD", own)
    )
    yield trigger(link, "created", "INSERT", "", *came)
    yield trigger(link, "updated", "UPDATE", f"NOT ({moves}) AND ({differs(own)})", *changed)
    yield trigger(link, "moved", "UPDATE", moves, *went, *came)
    yield trigger(link, "deleted", "DELETE", "", *went)


def link_step(link: Link, record: str, kind: str, *, before: str = "NULL", after: str = "NULL") -> tuple[str, str]:
    """The log's row, then the owner's new version: in this order, so that the owner sees that it has been told."""
    table = FILM if link.of_film else PERSON
    owner = f"{record}.{link.owner}"
    version = f"(SELECT version + 1 FROM {table} WHERE id = {owner})"
    told = {"version": version, "before": before, "after": after}
    bump = touch(table, f"id = {owner}")
    if not link.of_film:
        return row("person", owner, "'updated'", **told), bump
    kind_or_draft = f"CASE WHEN (SELECT published FROM {FILM} WHERE id = {owner}) THEN '{kind}' ELSE 'draft' END"
    return row(link.entity, f"{record}.id", kind_or_draft, film=owner, **told), bump


def of_name(name: Name, columns: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Changes of a name, and the new versions of the films that show it.

    A new one is shown by films at once when it replaces another (INSERT OR REPLACE without recursive triggers).
    """
    new, old = f"NEW.{name.key}", f"OLD.{name.key}"
    changed = {"before": difference("OLD", "NEW", columns), "after": difference("NEW", "OLD", columns)}
    films = touch_films(name.shown, new)
    created = row(name.entity, new, "'created'", after=whole("NEW", columns))
    deleted = row(name.entity, old, "'deleted'", before=whole("OLD", columns))
    yield trigger(name, "created", "INSERT", "", created, films)
    yield trigger(name, "updated", "UPDATE", differs(columns), row(name.entity, new, "'updated'", **changed), films)
    yield trigger(name, "deleted", "DELETE", "", deleted)


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

    def position(self, connection: BaseDatabaseWrapper) -> tuple[str, str] | None:
        found = one(
            connection,
            "SELECT log.epoch, last.id, last.xid FROM catalog_changelog log LEFT JOIN catalog_change last"
            " ON last.id = (SELECT max(id) FROM catalog_change) WHERE log.open",
        )
        return None if found is None else (found[0], f"{found[1] or 0}.{found[2] or 0}")

    def since(self, connection: BaseDatabaseWrapper, epoch: str, place: str, limit: int) -> Sequence[Changed] | None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT entity, entity_id, film_id, kind, before, after FROM catalog_changelog log"
                " LEFT JOIN catalog_change ON catalog_change.id > %(id)s AND kind <> 'draft'"
                f" WHERE log.open AND {REMEMBERED} ORDER BY catalog_change.id LIMIT %(limit)s",
                {**values_of(epoch, place), "limit": limit},
            )
            rows = cursor.fetchall()
        return changed(rows) if rows else None

    def remembers(self, connection: BaseDatabaseWrapper, epoch: str, place: str) -> bool:
        query = f"SELECT 1 FROM catalog_changelog log WHERE {REMEMBERED}"
        return one(connection, query, values_of(epoch, place)) is not None

    def prune(self, connection: BaseDatabaseWrapper, before: datetime, limit: int) -> int:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            number, last = one(connection, OLD, [before, limit]) or (0, None)
            if number:
                cursor.execute("DELETE FROM catalog_change WHERE id <= %s", [last])
                cursor.execute("UPDATE catalog_changelog SET pruned = %s", [last])
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
