"""What REPLACE takes away on SQLite, as the change log sees it.

`REPLACE`, `INSERT OR REPLACE` and `UPDATE OR REPLACE` delete the rows whose unique keys the written row takes. Delete
triggers fire for those only where the connection has asked for it (`recursive_triggers`), which no other program does.
So a row whose place is about to be taken is noted before the insert, and is logged after it if it is gone. Where it
stayed (OR IGNORE, ON CONFLICT DO UPDATE) the note is thrown away.

No note is taken of what the written row's own entry in the log tells: that of its owner, or of its own key.
"""

from collections.abc import Iterable, Iterator
from itertools import chain

from catalog.changes.definitions import FILM, PERSON, Link, Logged, Name, Root
from catalog.changes.sqlite_text import (
    INSERT_RESET,
    LOG,
    MILLISECONDS,
    NOW,
    TOLD,
    Entry,
    differs,
    of,
    touch,
    touch_films,
    trigger,
)

Keys = tuple[tuple[str, ...], ...]

THERE = "there"
"""The name of the row in the way, in an entry that notes it."""


def noting(logged: Logged, entry: Entry) -> Iterator[tuple[str, str]]:
    """The triggers of one table that note a row before its place is taken; `entry` tells of its deletion.

    An update that takes a key of another row is too rare for notes: anything may have changed.
    """
    if inserted := taken_by_insert(logged):
        rows = f"FROM {logged.table} {THERE} WHERE {in_the_way(logged, inserted)}"
        note = (
            f"INSERT INTO catalog_displaced (origin, row_id, {TOLD}) "
            f"SELECT '{logged.entity}', {of(THERE, key_of(logged))}, {entry.told} {rows}"
        )
        yield trigger(logged, "replacing", "BEFORE INSERT", f"EXISTS (SELECT 1 {rows})", forget(logged), note)
    if not isinstance(logged, Root) and (updated := logged.keys):
        changed = differs(chain.from_iterable(updated))
        taken = f"SELECT 1 FROM {logged.table} {THERE} WHERE {in_the_way(logged, updated)}"
        yield trigger(logged, "taking", "BEFORE UPDATE", f"({changed}) AND EXISTS ({taken})", INSERT_RESET)


def replaced(logged: Logged) -> Iterator[str]:
    """The statements that log what was noted and is gone, after NEW was inserted."""
    if not taken_by_insert(logged):
        return
    there = f"SELECT 1 FROM {logged.table} WHERE {key_of(logged)} = row_id"
    gone = f"{noted(logged)} AND (row_id = NEW.id OR NOT EXISTS ({there}))"
    yield f"{LOG} SELECT {MILLISECONDS}, {TOLD}, NULL, {NOW} FROM {gone}"
    if isinstance(logged, Link):
        owner = "film_id" if logged.of_film else "entity_id"
        yield touch(owners(logged), f"id IN (SELECT {owner} FROM {gone})")
    elif isinstance(logged, Name):
        yield touch_films(logged.shown, f"SELECT row_id FROM {gone}")
    yield forget(logged)


def noted(logged: Logged) -> str:
    return f"catalog_displaced WHERE origin = '{logged.entity}'"


def forget(logged: Logged, condition: str = "") -> str:
    """The statement that throws away the notes of a table."""
    return f"DELETE FROM {noted(logged)}{condition}"


def unnoted(logged: Logged) -> Iterator[str]:
    """The statement that throws away the note of a row whose delete trigger has fired."""
    if taken_by_insert(logged):
        yield forget(logged, f" AND row_id = {of('OLD', key_of(logged))}")


def key_of(logged: Logged) -> str:
    """The column of the primary key."""
    return logged.key if isinstance(logged, Name) else "id"


def owners(link: Link) -> str:
    """The table of those whom a link belongs to."""
    return FILM if link.of_film else PERSON


def taken_by_insert(logged: Logged) -> Keys:
    """The keys by which an inserted row can displace what its own entry does not tell of.

    That entry names the row of the same key, and says of a film that it has come or changed; but for a draft.
    """
    if isinstance(logged, Name):
        return logged.keys
    if isinstance(logged, Root):
        return (("id",),) if logged.published else ()
    return (("id",), *logged.keys)


def in_the_way(logged: Logged, keys: Keys) -> str:
    """Whether a row has one of the keys of NEW, and is told of by no entry of NEW."""
    match = " OR ".join(f"({same(key)})" for key in keys)
    if isinstance(logged, Root):
        return match
    other = logged.owner if isinstance(logged, Link) else logged.key
    return f"({match}) AND {of(THERE, other)} IS NOT {of('NEW', other)}"


def same(key: Iterable[str]) -> str:
    return " AND ".join(f"{of(THERE, column)} = {of('NEW', column)}" for column in key)
