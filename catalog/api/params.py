"""What the queries of the films' resources mean. After this module nobody looks at strings."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, Generic, TypeAlias, TypeVar
from urllib.parse import quote

import msgspec

from catalog.api.http import cursors
from catalog.api.http.parsers import Refused, described, shown, speakable
from catalog.api.http.problems import BadRequest
from catalog.api.http.query import Parameter, Query
from catalog.api.http.remembered import remembered
from catalog.api.list_parameters import COUNT, CURSOR, LIMIT, LIMIT_DEFAULT, PAGE, PAGED_ROWS, RangeParameters
from catalog.api.parameters import (
    COUNTRY,
    FACET,
    FIELDS,
    FILM_PARAMETERS,
    GENRE,
    IDS,
    INCLUDE,
    LANGUAGE,
    LIST_PARAMETERS,
    PERSON,
    RANGED,
    RANGES,
    SEED,
    SIMILAR_PARAMETERS,
    SORT,
    STATISTICS_PARAMETERS,
    TEXT,
    TITLE_PREFIX,
)
from catalog.errors import Fault, NotFound
from catalog.values import (
    BEST_MATCH,
    EXTERNAL_ID_PATTERNS,
    FILM_DETAIL_FIELDS,
    FILM_FIELDS,
    ID_MAX,
    Bounds,
    FilmQuery,
    IdSource,
    PersonQuery,
    Position,
    Term,
)
from catalog.values.likeness import nearest

ALONE = {"ids", "fields", "include"}
"""What may stand beside `ids`, which says itself what is shown and in which order."""


ListQuery = TypeVar("ListQuery", FilmQuery, PersonQuery)


BEGINNINGS = {"cursor", "page"}
"""What says where a page begins."""


class Listed(msgspec.Struct, Generic[ListQuery], frozen=True, kw_only=True):
    """A list that was asked for. With faults, `query` is what could be read of it.

    ids: these rows only, in this order. page: the number of the page, where it was asked for by that.
    link: the address of a neighbouring page, to be completed by what says where it begins.
    """

    query: ListQuery
    ids: tuple[int, ...] = ()
    page: int | None = None
    shape: bytes = b""
    link: str = ""
    faults: tuple[Fault, ...] = ()


FilmList: TypeAlias = Listed[FilmQuery]
FILMS, PEOPLE = "/api/movies", "/api/people"


def read_list(
    raw: str, path: str, parameters: Mapping[str, Parameter[Any]], read: Callable[[Query], ListQuery]
) -> Listed[ListQuery]:
    """The list at `path` that a query string asks for; `read` reads all of it but its cursor."""
    query = Query(raw, parameters)
    ids = query.one(IDS)
    wanted = read(query)
    shape = cursors.fingerprint(wanted.bare)
    page = query.one(PAGE)
    if ids:
        refuse_company(query)
    elif page is not None:
        check_page(query, page, wanted)
        wanted = msgspec.structs.replace(wanted, offset=(page - 1) * wanted.limit)
    elif CURSOR.name in query.given and (position := query.one(cursor_in(wanted.order, shape))):
        wanted = msgspec.structs.replace(wanted, position=position)
    link = f"{path}?{link_of(query)}"
    return Listed(query=wanted, ids=ids or (), page=page, shape=shape, link=link, faults=tuple(query.faults))


def check_page(query: Query, page: int, wanted: FilmQuery | PersonQuery) -> None:
    """Adds a fault for what makes no sense beside the number of a page, or for one that is too far."""
    last = PAGED_ROWS // wanted.limit
    if page > last:
        query.refuse("page", "out_of_range", f"page must be from 1 to {last} with {wanted.limit} rows a page.")
    if "cursor" in query.given:
        query.refuse("page", "misplaced", "page cannot stand beside cursor: both say where the page begins.")
    if wanted.order[0].name == "random":
        query.refuse("page", "misplaced", "page cannot stand beside sort=random, which is walked by cursor.")


def read_film_list(raw: str) -> FilmList:
    """The list that a query string of `/api/movies` asks for."""
    return read_list(raw, FILMS, LIST_PARAMETERS, film_query)


film_list = remembered(1024)(read_film_list)
"""The same, remembered: programs ask the same questions again and again."""


@remembered(1024)
def film_fields(raw: str) -> tuple[str, ...]:
    """The fields that a query string of `/api/movies/{id}` asks for. Raises BadRequest."""
    return read_fields(raw, FILM_PARAMETERS) or FILM_DETAIL_FIELDS


def read_fields(raw: str, parameters: Mapping[str, Parameter[Any]]) -> tuple[str, ...] | None:
    """The fields that a query string asks for, whose `parameters` are those alone. Raises BadRequest."""
    query = Query(raw, parameters)
    fields: tuple[str, ...] | None = query.one(parameters["fields"])
    if query.faults:
        raise BadRequest(query.faults)
    return fields


@lru_cache(maxsize=256)
def statistics_query(raw: str) -> Listed[FilmQuery]:
    """The films that a query string of `/api/stats` chooses."""
    query = Query(raw, STATISTICS_PARAMETERS)
    return Listed(query=film_query(query), faults=tuple(query.faults))


@lru_cache(maxsize=256)
def similar_query(raw: str) -> Listed[FilmQuery]:
    """The films among which a query string of `/api/movies/{id}/similar` has similar ones looked for."""
    query = Query(raw, SIMILAR_PARAMETERS)
    return Listed(query=film_query(query), faults=tuple(query.faults))


def row_name(text: str, noun: str) -> int | tuple[IdSource, str]:
    """What stands for `{id}` in an address of a film or person: our id, or a source and its name for the same.

    Raises BadRequest where it is neither, NotFound where no id is that large.
    """
    if re.fullmatch(r"0|[1-9][0-9]*", text, re.ASCII):
        if len(text) > len(str(ID_MAX)) or int(text) > ID_MAX:
            raise NotFound(f"There is no {noun} {shown(text)}.")
        return int(text)
    source, colon, value = text.partition(":")
    if not colon:
        raise bad_name(f"{shown(text)} is no {noun}'s id: that is a number, or an external id such as 'tmdb:278'.")
    if source not in set(IdSource):
        raise bad_name(f"There is no source {shown(source)} of ids{nearest(source, set(IdSource))}.")
    if not re.fullmatch(EXTERNAL_ID_PATTERNS[IdSource(source)], value, re.ASCII) or not speakable(value):
        raise bad_name(f"{shown(value)} does not have the form of an id of {source}.")
    return IdSource(source), value


film_name = partial(row_name, noun="film")
person_name = partial(row_name, noun="person")


def bad_name(detail: str) -> BadRequest:
    """What is wrong with the last part of an address."""
    return BadRequest([Fault("#", "bad_id", detail)])


def nothing(raw: str) -> None:
    """Refuses every parameter, for resources that take none. Raises BadRequest."""
    query = Query(raw, {})
    if query.faults:
        raise BadRequest(query.faults)


def film_query(query: Query, fields: Parameter[tuple[str, ...]] = FIELDS) -> FilmQuery:
    """All of a list but its cursor, which can be read only when the rest is known."""
    text = query.one(TEXT)
    order = query.one(SORT) or ((Term("id"),) if text is None else BEST_MATCH)
    seed = query.one(SEED)
    if seed is not None and order[0].name != "random":
        query.refuse("seed", "misplaced", "seed belongs to sort=random.")
    return FilmQuery(
        limit=query.one(LIMIT) or LIMIT_DEFAULT,
        order=order,
        fields=query.one(fields) or FILM_FIELDS,
        seed=seed,
        include=query.one(INCLUDE) or (),
        count=query.one(COUNT),
        facets=query.one(FACET) or (),
        bounds=tuple(
            (name, bounds) for name in given_numbers(query) if (bounds := bounds_of(query, RANGES[name])) != Bounds()
        ),
        title_prefix=query.one(TITLE_PREFIX),
        text=text,
        genre=query.each(GENRE),
        country=query.each(COUNTRY),
        language=query.each(LANGUAGE),
        person=query.each(PERSON),
    )


def given_numbers(query: Query) -> list[str]:
    """The columns of which some range is asked for: looking for each in vain would be most of reading a short query."""
    given = {RANGED[name] for name in query.given if name in RANGED}
    return [name for name in RANGES if name in given] if len(given) > 1 else list(given)


def bounds_of(query: Query, parameters: RangeParameters) -> Bounds:
    """What the three parameters of one range say together. Adds a fault where they leave no number at all."""
    if parameters.whole.name not in query.given and not (
        parameters.low.name in query.given and parameters.high.name in query.given
    ):
        return Bounds(query.one(parameters.low), query.one(parameters.high))
    both = query.one(parameters.whole) or Bounds()
    lows = given_ends((both.low, parameters.whole), (query.one(parameters.low), parameters.low))
    highs = given_ends((both.high, parameters.whole), (query.one(parameters.high), parameters.high))
    low, begun_by = max(lows, default=(None, ""))
    high, ended_by = min(highs, default=(None, ""))
    if low is None or high is None or low <= high:
        return Bounds(low, high)
    query.refuse(begun_by, "empty_range", f"{begun_by} and {ended_by} leave nothing: the range begins above its end.")
    return Bounds()


def given_ends(*ends: tuple[float | None, Parameter[Any]]) -> list[tuple[float, str]]:
    """The ends that are given, each with the name of its parameter."""
    return [(end, parameter.name) for end, parameter in ends if end is not None]


def cursor_in(order: tuple[Term, ...], shape: bytes) -> Parameter[Position]:
    """The parameter `cursor` of this very list."""
    key_types = tuple(term.key.type for term in order if term.name != "id")

    @described(CURSOR.parser.schema)
    def parse(text: str) -> Position:
        try:
            return cursors.decode(text, shape, key_types)
        except cursors.OtherList as error:
            rule = "belongs to a list with another filter, sort or seed; keep those, or begin without a cursor"
            raise Refused("other_list", rule) from error
        except cursors.BadCursor as error:
            raise Refused("bad_cursor", "is none of ours; take it from page.next or page.prev as it is") from error

    return replace(CURSOR, parser=parse)


def refuse_company(query: Query) -> None:
    """Adds a fault for every parameter that has no meaning beside `ids`."""
    for name in sorted(query.given.keys() - ALONE):
        query.refuse(name, "misplaced", f"{name} cannot stand beside ids, which says what is shown and in which order.")


def link_of(query: Query) -> str:
    """The query string without what says where the page begins, which can be put at its end.

    Names are sorted: what differs only in their order is the same list, and its answers the same bytes.
    """
    kept = [(name, values) for name, values in sorted(query.given.items()) if name not in BEGINNINGS]
    spell = str if query.plain else partial(quote, safe=",!:")
    return "".join([f"{name}={spell(value)}&" for name, values in kept for value in values])
