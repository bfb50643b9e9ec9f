"""The change log's triggers on SQLite, as text.

They use plain SQL only, since another process's connection has none of our functions. SQLite has one writer, so that
the last row of the log is one's own as long as one writes.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

from catalog.changes.definitions import FILM, KEPT, LOGGED, PERSON, PREFIX, Link, Logged, Name, Root, Shown

NOW = "replace(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000', '.000000', '')"
"""The time as Django writes it, so that equal times are equal texts."""

CHANGED = f"max({NOW}, created)"
"""The time of a row's change: SQLite's clock has milliseconds, the row's own time of making has more."""

MILLISECONDS = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"

LOUD = "NOT EXISTS (SELECT 1 FROM catalog_bulkguard)"

INSERT_RESET = (
    "INSERT INTO catalog_change (xid, entity, entity_id, kind, at) "
    f"VALUES ({MILLISECONDS}, 'catalogue', '', 'reset', {NOW})"
)

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
    return f"UPDATE {table} SET version = version + 1, updated = {CHANGED} WHERE {condition}"


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
        f"updated = CASE WHEN NEW.updated IS OLD.updated THEN {CHANGED} ELSE NEW.updated END WHERE id = NEW.id"
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
