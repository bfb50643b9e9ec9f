"""Lists of films."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import Q, QuerySet

from catalog.models import SHUFFLE_MAX, Film
from catalog.selectors.conditions import conditions
from catalog.selectors.keyset import ordering, sorted_columns, stretches
from catalog.values import FilmPage, FilmQuery, Position, Term

SPREAD = 0x9E3779B1
"""An odd number near 2^32 / golden ratio: multiplied by it, neighbouring seeds begin far apart."""

Row = tuple[Any, ...]


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
        [as_mapping(query.fields, row) for row in rows],
        before=edge(query, rows, backward=True) if (more if backward else query.position) else None,
        after=edge(query, rows, backward=False) if (more or backward) else None,
    )


def films_by_id(ids: Iterable[int], fields: tuple[str, ...]) -> dict[int, dict[str, Any]]:
    """Those published films of `ids` that exist, by id, in the order of `ids`. One query."""
    wanted = list(ids)
    rows = Film.objects.filter(published=True, pk__in=wanted).order_by().values_list(*fields, "pk")
    found = {row[-1]: as_mapping(fields, row) for row in rows}
    return {film_id: found[film_id] for film_id in wanted if film_id in found}


def rows_of(query: FilmQuery) -> list[Row]:
    """One row more than the limit where there are that many: fields, sort columns, id; backward lists reversed."""
    position = query.position
    films = listing(query.fields, query.order, position is not None and position.backward)
    wanted = conditions(query)
    if wanted:
        films = films.filter(*wanted)
    rows: list[Row] = []
    for segment in segments(query):
        missing = query.limit + 1 - len(rows)
        if missing:
            rows += films.filter(segment)[:missing] if segment else films[:missing]
    return rows


@lru_cache(maxsize=256)
def listing(fields: tuple[str, ...], order: tuple[Term, ...], backward: bool) -> "QuerySet[Film, Row]":
    """The QuerySet of a shape of list, never evaluated itself: resolving its names is half of what a query costs."""
    columns = [column for column, _ in sorted_columns(order)]
    chosen = Film.objects.filter(published=True).order_by(*ordering(order, backward=backward))
    return chosen.values_list(*fields, *columns)


def segments(query: FilmQuery) -> list[Q]:
    """The stretches of the order that the page may lie in, one after the other; the first begins at the position.

    A random order is the stored shuffle, entered at a place that the seed chooses and wrapped around at its end.
    """
    position = query.position
    onward = [] if position is None else stretches(query.order, position)
    if query.seed is None:
        return onward or [Q()]
    start = query.seed * SPREAD % (SHUFFLE_MAX + 1)
    halves = [Q(shuffle__gte=start), Q(shuffle__lt=start)]
    if position is None:
        return halves
    if position.backward:
        halves.reverse()
    in_second = (position.keys[0] < start) is not position.backward
    entered, untouched = halves[in_second], halves[1:] if not in_second else []
    return [stretch & entered for stretch in onward] + untouched


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


def as_mapping(fields: tuple[str, ...], row: Row) -> dict[str, Any]:
    """A row's leading values by name."""
    film = dict(zip(fields, row, strict=False))
    if "poster" in film:
        film["poster"] = poster_address(film["poster"])
    return film


def poster_address(name: str | None) -> str | None:
    """Where a stored poster is served; a film without one may hold '' as well as NULL."""
    return default_storage.url(name) if name else None
