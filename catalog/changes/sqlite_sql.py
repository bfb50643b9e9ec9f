"""The change log's triggers on SQLite: which there are, and what each does."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import chain

from catalog.changes.definitions import FILM, KEPT, LOGGED, PREFIX, Link, Logged, Name, Root
from catalog.changes.sqlite_replaced import THERE, key_of, noting, owners, replaced, unnoted
from catalog.changes.sqlite_text import (
    CHANGED,
    INSERT_RESET,
    Entry,
    difference,
    differs,
    of,
    touch,
    touch_films,
    trigger,
    whole,
)

RENUMBERED = f"{INSERT_RESET} WHERE OLD.id IS NOT NEW.id"
"""Nobody changes a primary key in earnest: under its new one a row may have taken the place of another."""

CUT = f"{PREFIX}cut"
CUT_DEFINITION = f"""CREATE TRIGGER {CUT} AFTER DELETE ON catalog_change
BEGIN
  UPDATE catalog_changelog SET pruned = max(pruned, OLD.id);
  {INSERT_RESET} WHERE NOT EXISTS (SELECT 1 FROM catalog_change WHERE id > OLD.id);
END"""
"""Whoever deletes rows of the log, who has not read them learns that they are gone.

The last row is the place of those who have read all; where it goes, another takes its part.
"""

Tables = tuple[tuple[str, tuple[str, ...]], ...]
"""The logged tables that there are, each with its columns but for the generated ones."""


@lru_cache(maxsize=4)
def triggers(tables: Tables) -> dict[str, str]:
    """Every CREATE TRIGGER by its name."""
    columns = dict(tables)
    there = (logged for logged in LOGGED if logged.table in columns)
    of_tables = chain.from_iterable(of_table(logged, columns[logged.table]) for logged in there)
    return dict((*of_tables, (CUT, CUT_DEFINITION)))


def of_table(logged: Logged, columns: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The triggers of one table, each with its name."""
    if isinstance(logged, Root):
        return of_root(logged, columns)
    return of_link(logged, columns) if isinstance(logged, Link) else of_name(logged, columns)


def of_root(root: Root, columns: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """A film's or person's own changes.

    An update of what answers show writes its row and raises the version. An update of version or time of change alone
    is either the second half of such a step, of which the log's last row tells already, or somebody's own.
    """
    own = [name for name in columns if name not in KEPT]
    raised = "max(OLD.version + 1, NEW.version)"
    created = entry_of_root(root, "NEW", kind_or_draft(root, "NEW", "created"), version="NEW.version", after=own)
    deleted = deletion_of_root(root, "OLD", own)
    updated = replace(
        entry_of_root(root, "NEW", kind_of_update(root), version=raised),
        before=difference("OLD", "NEW", own),
        after=difference("NEW", "OLD", own),
    )
    raise_it = (
        f"UPDATE {root.table} SET version = {raised}, "
        f"updated = CASE WHEN NEW.updated IS OLD.updated THEN {CHANGED} ELSE NEW.updated END WHERE id = NEW.id"
    )
    touched = f"({differs(KEPT)}) AND NOT ({differs(own)}) AND NOT ({is_told(root)})"
    yield from noting(root, deletion_of_root(root, THERE, own))
    yield trigger(root, "created", "AFTER INSERT", "", *replaced(root), created.insert, *films_showing(root, "NEW"))
    yield trigger(root, "updated", "AFTER UPDATE", differs(own), updated.insert, raise_it, RENUMBERED)
    yield trigger(root, "touched", "AFTER UPDATE", touched, updated.insert, raise_it)
    yield trigger(root, "deleted", "AFTER DELETE", "", *unnoted(root), deleted.insert, *films_showing(root, "OLD"))
    if root.names:
        yield trigger(root, "renamed", "AFTER UPDATE", differs(root.names), *films_showing(root, "NEW"))


def entry_of_root(
    root: Root, record: str, kind: str, *, version: str, before: Iterable[str] = (), after: Iterable[str] = ()
) -> Entry:
    """A film's or person's row in the log, with the columns that it is to tell."""
    key = f"{record}.id"
    return Entry(
        entity=root.entity,
        key=key,
        kind=kind,
        film=key if root.entity == "film" else "NULL",
        version=version,
        before=whole(record, before) if before else "NULL",
        after=whole(record, after) if after else "NULL",
    )


def deletion_of_root(root: Root, record: str, own: Iterable[str]) -> Entry:
    return entry_of_root(
        root, record, kind_or_draft(root, record, "deleted"), version=f"{record}.version + 1", before=own
    )


def is_told(root: Root) -> str:
    """Whether the log's last row tells of NEW's version."""
    which = "last.film_id" if root.entity == "film" else f"last.entity = '{root.entity}' AND last.entity_id"
    return (
        "NEW.version IS NOT OLD.version AND EXISTS (SELECT 1 FROM catalog_change last WHERE"
        " last.id = (SELECT max(id) FROM catalog_change)"
        f" AND {which} = NEW.id AND last.version = NEW.version)"
    )


def kind_or_draft(root: Root, record: str, kind: str) -> str:
    """The kind of an event, as SQL."""
    if root.published is None:
        return f"'{kind}'"
    return f"CASE WHEN {record}.{root.published} THEN '{kind}' ELSE 'draft' END"


def kind_of_update(root: Root) -> str:
    """Publishing a draft is `created`, taking it back `deleted`."""
    if root.published is None:
        return "'updated'"
    old, new = f"OLD.{root.published}", f"NEW.{root.published}"
    return (
        f"CASE WHEN {old} AND {new} THEN 'updated' WHEN {new} THEN 'created' WHEN {old} THEN 'deleted' ELSE 'draft' END"
    )


def films_showing(named: Root | Name, record: str) -> Iterator[str]:
    """The statement that raises the versions of the films that show a name.

    Also where the name itself comes or goes: no other program's connection has foreign keys that forbid it.
    """
    if named.shown:
        yield touch_films(named.shown, of(record, key_of(named)))


def of_link(link: Link, columns: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Changes of what belongs to a film or person; one that moves leaves its old owner and comes to its new one."""
    moves = differs([link.owner])
    came = link_step(link, entry_of_link(link, "NEW", "created", after=side(link, "NEW", columns)))
    went = link_step(link, entry_of_link(link, "OLD", "deleted", before=side(link, "OLD", columns)))
    before, after = side(link, "OLD", columns, other="NEW"), side(link, "NEW", columns, other="OLD")
    changed = link_step(link, entry_of_link(link, "NEW", "updated", before=before, after=after))
    yield from noting(link, entry_of_link(link, THERE, "deleted", before=side(link, THERE, columns)))
    yield trigger(link, "created", "AFTER INSERT", "", *replaced(link), *came)
    yield trigger(link, "updated", "AFTER UPDATE", f"NOT ({moves}) AND ({differs(columns)})", *changed, RENUMBERED)
    yield trigger(link, "moved", "AFTER UPDATE", moves, *went, *came, RENUMBERED)
    yield trigger(link, "deleted", "AFTER DELETE", "", *unnoted(link), *went)


def side(link: Link, record: str, columns: Iterable[str], *, other: str | None = None) -> str:
    """What is told of a link, or of what differs from the other side.

    A person's is told in the person's own row: under its entity, whole and with its id, since nothing else names it.
    """
    if not link.of_film:
        return f"json_object('{link.entity}', {whole(record, columns)})"
    own = [name for name in columns if name != "id"]
    return whole(record, own) if other is None else difference(record, other, own)


def entry_of_link(link: Link, record: str, kind: str, *, before: str = "NULL", after: str = "NULL") -> Entry:
    """A link's row in the log, with its owner's new version."""
    owner = of(record, link.owner)
    version = f"(SELECT version + 1 FROM {owners(link)} WHERE id = {owner})"
    if not link.of_film:
        return Entry(entity="person", key=owner, kind="'updated'", version=version, before=before, after=after)
    kind_or_draft = f"CASE WHEN (SELECT published FROM {FILM} WHERE id = {owner}) THEN '{kind}' ELSE 'draft' END"
    return Entry(
        entity=link.entity,
        key=f"{record}.id",
        kind=kind_or_draft,
        film=owner,
        version=version,
        before=before,
        after=after,
    )


def link_step(link: Link, entry: Entry) -> tuple[str, str]:
    """The log's row, then the owner's new version: in this order, so that the owner sees that it has been told."""
    return entry.insert, touch(owners(link), f"id = {entry.film if link.of_film else entry.key}")


def of_name(name: Name, columns: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Changes of a name, and the new versions of the films that show it."""
    new = of("NEW", name.key)
    changed = Entry(
        entity=name.entity,
        key=new,
        kind="'updated'",
        before=difference("OLD", "NEW", columns),
        after=difference("NEW", "OLD", columns),
    )
    created = Entry(entity=name.entity, key=new, kind="'created'", after=whole("NEW", columns))
    deleted, displaced = (
        Entry(entity=name.entity, key=of(record, name.key), kind="'deleted'", before=whole(record, columns))
        for record in ("OLD", THERE)
    )
    yield from noting(name, displaced)
    yield trigger(name, "created", "AFTER INSERT", "", *replaced(name), created.insert, *films_showing(name, "NEW"))
    yield trigger(name, "updated", "AFTER UPDATE", differs(columns), changed.insert, *films_showing(name, "NEW"))
    yield trigger(name, "deleted", "AFTER DELETE", "", *unnoted(name), deleted.insert, *films_showing(name, "OLD"))
