"""Lists of films."""

from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import NamedTuple

import msgspec
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import BigIntegerField, Q, QuerySet, Value

from catalog.drivers import Call, Row
from catalog.models import SHUFFLE_MAX, Film
from catalog.prepared import Parameter, Several, prepared, room_for, spread
from catalog.selectors.conditions import Condition, Match, Values, condition, conditioned, conditions
from catalog.selectors.counting import counted
from catalog.selectors.deadline import Deadline
from catalog.selectors.keyset import ordering, place_values, sorted_columns, stretches
from catalog.selectors.paging import columns, gathered, in_order, is_backward, page_of, records
from catalog.selectors.relations import related
from catalog.selectors.statistics import facets
from catalog.values import MATCH_KINDS, FilmBatch, FilmQuery, Position, RecordPage, Term

SPREAD = 0x9E3779B1
"""An odd number near 2^32 / golden ratio: multiplied by it, neighbouring seeds begin far apart."""


class Segment(NamedTuple):
    """A part of an order: one of its `stretches` beyond a position, half of a random order, one kind of match."""

    stretch: int | None = None
    half: int | None = None
    match: int | None = None


class Shape(NamedTuple):
    """All of a list but its values."""

    fields: tuple[str, ...]
    order: tuple[Term, ...]
    backward: bool
    conditions: tuple[Condition, ...]


def films(query: FilmQuery) -> RecordPage:
    """One page of the published films that `query` asks for.

    One query; one more where ties end within the page on SQLite, where a random order wraps around, for each of
    genre, country, language and person that filters, and for each of `include`; to count takes one, to estimate three,
    a facet one or two. Raises Invalid with every value that the catalogue does not know.
    """
    wanted, values, partly = conditions(query)
    count = None if query.count is None else counted(wanted, values, query.count)
    rows = rows_of(query, wanted, values)
    page = page_of(query, rows, further=partial(related, query.include), count=count)
    if not query.facets:
        return msgspec.structs.replace(page, partial=partly) if partly else page
    found, missing = facets(query.facets, wanted, values, Deadline())
    return msgspec.structs.replace(page, facets=found, partial=partly + missing)


def is_walk(query: FilmQuery) -> bool:
    """Whether a page is one statement that walks along the index of its order, whatever its values are."""
    plain = query.seed is None and query.offset == 0 and query.count is None and query.text is None
    walked = {query.order[0].name} if query.title_prefix is None else {query.order[0].name, "title"}
    many = query.genre or query.country or query.language or query.person or query.include or query.facets
    if not plain or many or len(walked.union(name for name, _ in query.bounds)) > 1:
        return False
    return query.position is None or in_one_stretch()


@cache
def in_one_stretch() -> bool:
    """Whether what lies beyond a position is one part of the list, on this database."""
    return connection.vendor == "postgresql"


def walk(query: FilmQuery) -> tuple[Call, Callable[[list[Row]], RecordPage]]:
    """The one call of a page of `is_walk`, to be answered by `answers`, and what makes the page of its rows.

    Asks nothing of the database. Raises Invalid as `films` does.
    """
    wanted, values, _ = conditions(query)
    shape, values = shaped(query, wanted, values)
    (segment,) = segments(query)
    statement = listing(shape, segment)
    limit = query.limit + 1
    return statement.call(values, connections[DEFAULT_DB_ALIAS], limit), lambda rows: page_of(
        query, statement.read(rows, limit)
    )


def film_batch(query: FilmQuery) -> FilmBatch:
    """The same films as `films`, each with its own position: where to go on from it. For whoever reads a whole list."""
    wanted, values, _ = conditions(query)
    rows = rows_of(query, wanted, values)
    more = len(rows) > query.limit
    del rows[query.limit :]
    size = len(query.fields)
    return FilmBatch(
        records(query.fields, rows, related(query.include, [row[-1] for row in rows])),
        [Position(row[size:-1], row[-1]) for row in rows],
        more,
    )


def films_by_id(
    ids: Iterable[int], fields: tuple[str, ...], include: tuple[str, ...] = ()
) -> dict[int, msgspec.Struct]:
    """Those published films of `ids` that exist, by id, in the order of `ids`. One query, and one for each include."""
    wanted = list(ids)
    rows = named(fields, room_for(wanted)).rows(spread("id", wanted))
    return in_order(wanted, fields, rows, partial(related, include))


@prepared
def named(fields: tuple[str, ...], room: int) -> "QuerySet[Film, Row]":
    """Films by id, which stands last in each row."""
    films = Film.objects.filter(published=True, pk__in=Several("id", BigIntegerField(), room))
    return films.order_by().values_list(*columns(fields), "pk")


def rows_of(query: FilmQuery, wanted: tuple[Condition, ...], values: Values) -> list[Row]:
    """One row more than the limit where there are that many: fields, sort columns, id; backward lists reversed."""
    shape, values = shaped(query, wanted, values)
    return gathered(query, [partial(listing, shape, segment) for segment in segments(query)], values)


def shaped(query: FilmQuery, wanted: tuple[Condition, ...], values: Values) -> tuple[Shape, Values]:
    """The shape of a list, and all values of its parameters."""
    position = query.position
    shape = Shape(query.fields, query.order, is_backward(query), wanted)
    if position is not None:
        values = values | place_values(query.order, position)
    if query.seed is not None:
        values = {**values, "start": start_of(query.seed)}
    return shape, values


@prepared
def listing(shape: Shape, segment: Segment) -> "QuerySet[Film, Row]":
    """The films of one segment of a list, in its order."""
    # Of one kind of match, the kind says all that the text asks for.
    asked = [each for each in shape.conditions if segment.match is None or not isinstance(each, Match)]
    order = shape.order
    films = Film.objects.filter(*conditioned(asked, order), published=True)
    if segment.match is not None:
        films = films.filter(condition(Match(segment.match))).annotate(match=Value(segment.match))
        order = within_match(order)
    if segment.stretch is not None:
        films = films.filter(onward(order, backward=shape.backward)[segment.stretch])
    if segment.half is not None:
        films = films.filter(HALVES[segment.half])
    keys = [column for column, _ in sorted_columns(shape.order)]
    return films.order_by(*ordering(order, backward=shape.backward)).values_list(*columns((*shape.fields, *keys)))


def onward(order: tuple[Term, ...], *, backward: bool) -> tuple[Q, ...]:
    """The stretches beyond a position, as this database answers them best."""
    return stretches(order, backward=backward, vendor=connection.vendor)


def within_match(order: tuple[Term, ...]) -> tuple[Term, ...]:
    """The rest of an order that begins with the kind of match, if it does."""
    return order[1:] if order[0].name == "match" else order


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
    if query.order[0].name == "match":
        return of_matches(query.order, position)
    if position is None:
        return [Segment()] if query.seed is None else [Segment(half=0), Segment(half=1)]
    count = len(onward(query.order, backward=position.backward))
    if query.seed is None:
        return [Segment(number) for number in range(count)]
    halves = [1, 0] if position.backward else [0, 1]
    in_second = (position.keys[0] < start_of(query.seed)) is not position.backward
    entered, untouched = halves[in_second], [] if in_second else halves[1:]
    return [Segment(number, entered) for number in range(count)] + [Segment(half=half) for half in untouched]


def of_matches(order: tuple[Term, ...], position: Position | None) -> list[Segment]:
    """The parts of a search, one kind of match after the other."""
    if position is None:
        return [Segment(match=kind) for kind in range(MATCH_KINDS)]
    entered = position.keys[0]
    count = len(onward(within_match(order), backward=position.backward))
    beyond = range(entered - 1, -1, -1) if position.backward else range(entered + 1, MATCH_KINDS)
    return [Segment(number, match=entered) for number in range(count)] + [Segment(match=kind) for kind in beyond]
