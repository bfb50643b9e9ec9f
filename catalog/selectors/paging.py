"""Pages of rows: how many are read, what becomes of them, and where the pages beside them begin."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import starmap
from typing import Any, Protocol

import msgspec
from django.core.files.storage import default_storage
from django.db.models import DateField, F

from catalog.drivers import Row
from catalog.prepared import Prepared
from catalog.selectors.keyset import value_field
from catalog.stored import Stored
from catalog.values import Position, RecordPage, Term


class ListQuery(Protocol):
    """What the queries of all lists say."""

    @property
    def limit(self) -> int: ...
    @property
    def order(self) -> tuple[Term, ...]: ...
    @property
    def fields(self) -> tuple[str, ...]: ...
    @property
    def position(self) -> Position | None: ...
    @property
    def offset(self) -> int: ...


def columns(names: Iterable[str]) -> list[Any]:
    """Arguments of `values_list`: dates and times are read by ourselves."""
    return [Stored(F(name)) if isinstance(value_field(name), DateField) else name for name in names]


def is_backward(query: ListQuery) -> bool:
    """Whether the page ends where its position is."""
    return query.position is not None and query.position.backward


def gathered(query: ListQuery, parts: Sequence[Callable[[], Prepared]], values: Mapping[str, Any]) -> list[Row]:
    """One row more than the limit where there are that many, from the parts of a list that follow one another."""
    if len(parts) == 1:
        return parts[0]().rows(values, limit=query.limit + 1, offset=query.offset)
    rows: list[Row] = []
    for part in parts:
        # How many rows a part has is known only when they have been read: those to be passed over too.
        missing = query.offset + query.limit + 1 - len(rows)
        if missing:
            rows += part().rows(values, limit=missing)
    return rows[query.offset :]


NOTHING: Mapping[str, list[Any]] = {}
Further = Callable[[Sequence[int]], Mapping[str, list[Any]]]
"""What rows show besides their own columns: by name, a value for each of the ids."""


def nothing_further(ids: Sequence[int]) -> Mapping[str, list[Any]]:  # noqa: ARG001
    """For rows that show their own columns only."""
    return NOTHING


def page_of(
    query: ListQuery, rows: list[Row], *, further: Further = nothing_further, count: int | None = None
) -> RecordPage:
    """The page of `gathered` rows: fields, sort columns, id."""
    backward = is_backward(query)
    more = len(rows) > query.limit
    del rows[query.limit :]
    if backward:
        rows.reverse()
    ids = tuple([row[-1] for row in rows])
    return RecordPage(
        records(query.fields, rows, further(ids)),
        ids,
        before=edge(query, rows, backward=True) if (more if backward else query.position) else None,
        after=edge(query, rows, backward=False) if (more or backward) else None,
        count=count,
    )


def edge(query: ListQuery, rows: list[Row], *, backward: bool) -> Position | None:
    """The position before the first of `rows` or after their last; of an emptied page, the way back from there."""
    if rows:
        *keys, row_id = rows[0 if backward else -1][len(query.fields) :]
        return Position(tuple(keys), row_id, backward=backward)
    return None if query.position is None else turned(query.position, query.order)


def turned(position: Position, order: tuple[Term, ...]) -> Position:
    """The position that looks the other way and at its own row too, hence from one id further on."""
    step = 1 if order[-1].descending is position.backward else -1
    return Position(position.keys, position.id + step, backward=not position.backward)


def in_order(
    ids: Iterable[int], fields: tuple[str, ...], rows: list[Row], further: Further = nothing_further
) -> dict[int, msgspec.Struct]:
    """Rows that end with their id as records by id, in the order of `ids`; what is missing is left out."""
    found_ids = [row[-1] for row in rows]
    found = dict(zip(found_ids, records(fields, rows, further(found_ids)), strict=True))
    return {row_id: found[row_id] for row_id in ids if row_id in found}


def records(
    fields: tuple[str, ...], rows: Iterable[Row], further: Mapping[str, list[Any]] = NOTHING
) -> list[msgspec.Struct]:
    """Each row's leading values as a record of `fields`, and what is to be shown further."""
    size = len(fields)
    if "poster" in fields:
        at = fields.index("poster")
        own = [(*row[:at], poster_address(row[at]), *row[at + 1 : size]) for row in rows]
    else:
        own = [row[:size] for row in rows]
    if not further:
        return list(starmap(record(fields), own))
    make = record((*fields, *further))
    return [make(*row, *more) for row, more in zip(own, zip(*further.values(), strict=True), strict=True)]


@lru_cache(maxsize=128)
def record(fields: tuple[str, ...]) -> type[msgspec.Struct]:
    """A struct of just these fields: made and written out in a third of the time that mappings take."""
    return msgspec.defstruct("Record", fields, frozen=True, gc=False)


def poster_address(name: str | None) -> str | None:
    """Where a stored poster is served; a film without one may hold '' as well as NULL."""
    return default_storage.url(name) if name else None
