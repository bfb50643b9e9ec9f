"""What has changed since a position: each film and person once a portion, for mirrors that must miss nothing.

A position here is a client's, who keeps it for as long as it likes: it names the life of the log and a place in it, and
is refused when it belongs to another life, or when what followed it has been pruned. It comes again as it was where
nothing at all has been written since.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from django.db import DataError, connection
from django.db.models import Max

from catalog.changes.models import Change
from catalog.changes.places import OPENERS, Key, Opened, Row
from catalog.errors import Fault, Invalid
from catalog.values import ChangeKind

SCAN_ROWS = (1_000, 20_000)
"""Rows of the log that a portion is made of: at least, at most; between them four for each entity asked for."""

LOOKUP_SIZE = 1_000

ROOTS = ("film", "person")


class Portion(NamedTuple):
    """What has changed, up to a position.

    changed: each film or person once, with whether it has come into sight within the portion, and its highest version.
    more: whether something follows that was there already. reset: anything may have changed, and nothing is listed.
    """

    changed: dict[Key, tuple[bool, int]]
    position: str
    more: bool = False
    reset: bool = False


def end() -> str:
    """The present end of the log: what is visible now is before it. One query. Raises ConnectionError."""
    return OPENERS[connection.vendor](connection, None).end


def since(position: str, limit: int) -> Portion:
    """What has changed since `position`, at most `limit` (1 or more) films and people. Two queries.

    Raises Invalid for what is no position, Gone for one from which there is no way on, ConnectionError while a
    migration has closed the log.
    """
    try:
        opened = OPENERS[connection.vendor](connection, position)
        scan = min(max(4 * limit, SCAN_ROWS[0]), SCAN_ROWS[1])
        rows = opened.place.rows(scan)
    except (ValueError, OverflowError, DataError) as error:
        raise Invalid([Fault("#/since", "bad_position", "since is no position of this service.")]) from error
    if not rows and not opened.place.walking:
        return Portion({}, position)
    return portion_of(opened, rows, limit=limit, all_read=len(rows) < scan)


def deleted_versions(keys: Iterable[Key]) -> dict[Key, int]:
    """The version of the latest deletion of each of `keys`, where the log has one. One query for a thousand of each."""
    wanted = list(keys)
    return {
        Key(entity, int(entity_id)): version
        for entity in ROOTS
        for ids in portions([str(key.id) for key in wanted if key.entity == entity])
        for entity_id, version in Change.objects.filter(
            kind=ChangeKind.DELETED, entity=entity, entity_id__in=ids
        ).order_by().values_list("entity_id").annotate(Max("version"))
    }  # fmt: skip


def portions(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + LOOKUP_SIZE] for start in range(0, len(values), LOOKUP_SIZE))


def portion_of(opened: Opened, rows: Sequence[Row], *, limit: int, all_read: bool) -> Portion:
    """The rows by what they tell of, up to the first that would be one too many."""
    changed: dict[Key, tuple[bool, int]] = {}
    last: Row | None = None
    for row in rows:
        if row.kind == ChangeKind.RESET:
            # Whoever reads the whole again from here on needs nothing of what was before.
            return Portion({}, opened.end, reset=True)
        key = row.key
        if key is not None:
            if key not in changed and len(changed) == limit:
                return Portion(changed, opened.after(last or row), more=True)
            appeared, version = changed.get(key, (False, 0))
            appeared |= row.entity in ROOTS and row.kind == ChangeKind.CREATED
            changed[key] = appeared, max(version, row.version or 0)
        last = row
    if all_read or last is None:
        return Portion(changed, opened.end, more=opened.place.behind)
    return Portion(changed, opened.after(last), more=True)
