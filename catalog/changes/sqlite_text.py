"""Parts of the change log's triggers on SQLite, as text: rows of the log, and new versions.

They use plain SQL only, since another process's connection has none of our functions. SQLite has one writer, so that
the last row of the log is one's own as long as one writes.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.changes.definitions import FILM, PREFIX, Logged, Shown

NOW = "replace(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000', '.000000', '')"
"""The time as Django writes it, so that equal times are equal texts."""

CHANGED = f"max({NOW}, created)"
"""The time of a row's change: SQLite's clock has milliseconds, the row's own time of making has more."""

MILLISECONDS = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"

LOUD = "NOT EXISTS (SELECT 1 FROM catalog_bulkguard)"

INSERT_RESET = (
    "INSERT INTO catalog_change (xid, entity, entity_id, kind, at) "
    f"SELECT {MILLISECONDS}, 'catalogue', '', 'reset', {NOW}"
)

TOLD = "entity, entity_id, film_id, kind, version, before"

LOG = f"INSERT INTO catalog_change (xid, {TOLD}, after, at)"


def trigger(logged: Logged, what: str, event: str, when: str, *body: str) -> tuple[str, str]:
    """A trigger's name and text; the event is as `AFTER INSERT`."""
    name = f"{PREFIX}{logged.entity}_{what}"
    condition = f"{LOUD} AND ({when})" if when else LOUD
    steps = "".join(f"\n  {statement};" for statement in body)
    return name, f"CREATE TRIGGER {name} {event} ON {logged.table}\nWHEN {condition}\nBEGIN{steps}\nEND"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row of the log: all but `entity` are SQL."""

    entity: str
    key: str
    kind: str
    film: str = "NULL"
    version: str = "NULL"
    before: str = "NULL"
    after: str = "NULL"

    @property
    def insert(self) -> str:
        """The statement that writes it."""
        return f"{LOG} VALUES ({MILLISECONDS}, {self.told}, {self.after}, {NOW})"

    @property
    def told(self) -> str:
        """Its values from `entity` to `before`."""
        return f"'{self.entity}', {self.key}, {self.film}, {self.kind}, {self.version}, {self.before}"


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
    return f"UPDATE {table} SET version = version + 1, updated = {CHANGED} WHERE {condition}"


def touch_films(shown: Iterable[Shown], key: str) -> str:
    """The statement that raises the versions of all films that show a name; each of them logs that itself."""
    films = " UNION ".join(f"SELECT {each.film} FROM {each.table} WHERE {each.column} IN ({key})" for each in shown)
    return touch(FILM, f"id IN ({films})")
