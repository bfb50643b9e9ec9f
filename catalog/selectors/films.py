"""Lists of films."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import BigIntegerField, DateField, F, Q, QuerySet

from catalog.models import SHUFFLE_MAX, Film
from catalog.prepared import Parameter, Several, prepared, room_for, spread
from catalog.selectors.conditions import Condition, condition, conditions
from catalog.selectors.keyset import ordering, place_values, sorted_columns, stretches, value_field
from catalog.stored import Stored
from catalog.values import FilmPage, FilmQuery, Position, Term

SPREAD = 0x9E3779B1
"""An odd number near 2^32 / golden ratio: multiplied by it, neighbouring seeds begin far apart."""

Row = tuple[Any, ...]


class Segment(NamedTuple):
    """A part of an order: one of its `stretches` beyond a position, and of a random order which half."""

    stretch: int | None = None
    half: int | None = None


class Shape(NamedTuple):
    """All of a list but its values."""

    fields: tuple[str, ...]
    order: tuple[Term, ...]
    backward: bool
    conditions: tuple[Condition, ...]


def films(query: FilmQuery) -> FilmPage:
    """One page of the published films that `query` asks for.

    One query; one more where ties end within the page on SQLite, where a random order wraps around, and for each of
    genre, country, language and person that filters. Raises Invalid with every value that the catalogue does not know.
    """
    rows = rows_of(query)
    backward = query.position is not None and query.position.backward
    more = len(rows) > query.limit
    del rows[query.limit :]
    if backward:
        rows.reverse()
    return FilmPage(
        records(query.fields, rows),
        tuple(row[-1] for row in rows),
        before=edge(query, rows, backward=True) if (more if backward else query.position) else None,
        after=edge(query, rows, backward=False) if (more or backward) else None,
    )


def films_by_id(ids: Iterable[int], fields: tuple[str, ...]) -> dict[int, msgspec.Struct]:
    """Those published films of `ids` that exist, by id, in the order of `ids`. One query."""
    wanted = list(ids)
    rows = named(fields, room_for(wanted)).rows(spread("id", wanted))
    found = dict(zip((row[-1] for row in rows), records(fields, rows), strict=True))
    return {film_id: found[film_id] for film_id in wanted if film_id in found}


@prepared
def named(fields: tuple[str, ...], room: int) -> "QuerySet[Film, Row]":
    """Films by id, which stands last in each row."""
    films = Film.objects.filter(published=True, pk__in=Several("id", BigIntegerField(), room))
    return films.order_by().values_list(*columns(fields), "pk")


def rows_of(query: FilmQuery) -> list[Row]:
    """One row more than the limit where there are that many: fields, sort columns, id; backward lists reversed."""
    position = query.position
    wanted, values = conditions(query)
    shape = Shape(query.fields, query.order, position is not None and position.backward, wanted)
    if position is not None:
        values |= place_values(query.order, position)
    if query.seed is not None:
        values["start"] = start_of(query.seed)
    rows: list[Row] = []
    for segment in segments(query):
        missing = query.limit + 1 - len(rows)
        if missing:
            rows += listing(shape, segment).rows(values, limit=missing)
    return rows


@prepared
def listing(shape: Shape, segment: Segment) -> "QuerySet[Film, Row]":
    """The films of one segment of a list, in its order."""
    films = Film.objects.filter(*map(condition, shape.conditions), published=True)
    if segment.stretch is not None:
        films = films.filter(onward(shape.order, backward=shape.backward)[segment.stretch])
    if segment.half is not None:
        films = films.filter(HALVES[segment.half])
    keys = [column for column, _ in sorted_columns(shape.order)]
    return films.order_by(*ordering(shape.order, backward=shape.backward)).values_list(*columns((*shape.fields, *keys)))


def onward(order: tuple[Term, ...], *, backward: bool) -> tuple[Q, ...]:
    """The stretches beyond a position, as this database answers them best."""
    return stretches(order, backward=backward, vendor=connection.vendor)


def columns(names: Iterable[str]) -> list[Any]:
    """Arguments of `values_list`: dates and times are read by ourselves."""
    return [Stored(F(name)) if isinstance(value_field(name), DateField) else name for name in names]


HALVES = (
    Q(shuffle__gte=Parameter("start", BigIntegerField())),
    Q(shuffle__lt=Parameter("start", BigIntegerField())),
)
"""A random order is the stored shuffle, entered at a place that the seed chooses and wrapped around at its end."""


def start_of(seed: int) -> int:
    """Where in the shuffle a random order begins."""
    return seed * SPREAD % (SHUFFLE_MAX + 1)


def segments(query: FilmQuery) -> list[Segment]:
    """The parts of the order that the page may lie in, one after the other; the first begins at the position."""
    position = query.position
    if position is None:
        return [Segment()] if query.seed is None else [Segment(half=0), Segment(half=1)]
    count = len(onward(query.order, backward=position.backward))
    if query.seed is None:
        return [Segment(number) for number in range(count)]
    halves = [1, 0] if position.backward else [0, 1]
    in_second = (position.keys[0] < start_of(query.seed)) is not position.backward
    entered, untouched = halves[in_second], [] if in_second else halves[1:]
    return [Segment(number, entered) for number in range(count)] + [Segment(half=half) for half in untouched]


def edge(query: FilmQuery, rows: list[Row], *, backward: bool) -> Position | None:
    """The position before the first of `rows` or after their last; of an emptied page, the way back from there."""
    if rows:
        *keys, film_id = rows[0 if backward else -1][len(query.fields) :]
        return Position(tuple(keys), film_id, backward=backward)
    return None if query.position is None else turned(query.position, query.order)


def turned(position: Position, order: tuple[Term, ...]) -> Position:
    """The position that looks the other way and at its own row too, hence from one id further on."""
    step = 1 if order[-1].descending is position.backward else -1
    return Position(position.keys, position.id + step, backward=not position.backward)


def records(fields: tuple[str, ...], rows: Iterable[Row]) -> list[msgspec.Struct]:
    """Each row's leading values as a record of `fields`."""
    make, size = record(fields), len(fields)
    if "poster" not in fields:
        return [make(*row[:size]) for row in rows]
    at = fields.index("poster")
    return [make(*row[:at], poster_address(row[at]), *row[at + 1 : size]) for row in rows]


@lru_cache(maxsize=128)
def record(fields: tuple[str, ...]) -> type[msgspec.Struct]:
    """A struct of just these fields: made and written out in a third of the time that mappings take."""
    return msgspec.defstruct("FilmRecord", fields, frozen=True, gc=False)


def poster_address(name: str | None) -> str | None:
    """Where a stored poster is served; a film without one may hold '' as well as NULL."""
    return default_storage.url(name) if name else None
