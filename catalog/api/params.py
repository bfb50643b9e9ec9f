"""What the queries of the films' resources mean. After this module nobody looks at strings."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from catalog.api.http import cursors
from catalog.api.http.problems import BadRequest
from catalog.api.http.query import (
    Parser,
    Query,
    Refused,
    choice,
    decimal,
    interval,
    listed,
    member,
    nearest,
    parse_all,
    shown,
    speakable,
    text_value,
    whole,
)
from catalog.errors import Fault, NotFound
from catalog.values import (
    EXTERNAL_ID_PATTERNS,
    FILM_DETAIL_FIELDS,
    FILM_FIELDS,
    FILM_SORTS,
    Bounds,
    FilmQuery,
    IdSource,
    Position,
    Term,
)

LIMIT_DEFAULT, LIMIT_MAX = 20, 200
TERMS_MAX = 2
ID_MAX = 2**63 - 1
SEED_MAX = 2**31 - 1

NUMBERS: dict[str, Parser[Any]] = {
    "year": whole(1, 9999),
    "rating": decimal(0, 10),
    "votes": whole(0, 2**31 - 1),
    "popularity": decimal(0, 10**9),
    "runtime": whole(0, 2**31 - 1),
    "revenue": whole(0, ID_MAX),
}
RANGES = {name: (name, f"{name}__gte", f"{name}__lte") for name in NUMBERS}
"""The parameters that ask for a range of each."""

WORDS, PEOPLE = choice(text_value), choice(whole(1, ID_MAX))
LIST_PARAMETERS = (
    *("limit", "cursor", "sort", "seed", "fields", "ids"),
    *("genre", "country", "language", "person", "title__startswith"),
    *chain.from_iterable(RANGES.values()),
)
ALONE = {"ids", "fields"}
"""What may stand beside `ids`, which says itself which films and in which order."""


class FilmList(msgspec.Struct, frozen=True, kw_only=True):
    """A list that was asked for. With faults, `films` is what could be read of it.

    ids: these films only, in this order. link: the query of a neighbouring page, to be completed by a cursor.
    """

    films: FilmQuery
    ids: tuple[int, ...] = ()
    shape: bytes = b""
    link: str = ""
    faults: tuple[Fault, ...] = ()

    @property
    def lacks_seed(self) -> bool:
        """Whether a random order was asked for without saying which."""
        return not self.faults and self.films.seed is None and self.films.order[0].name == "random"


def read_film_list(raw: str) -> FilmList:
    """The list that a query string of `/api/movies` asks for."""
    query = Query(raw, LIST_PARAMETERS)
    ids = query.one("ids", listed(whole(1, ID_MAX)))
    films = film_query(query)
    shape = cursors.fingerprint(msgspec.structs.replace(films, limit=0, fields=(), position=None))
    if ids:
        refuse_company(query)
    elif position := query.one("cursor", cursor_of(films, shape)):
        films = msgspec.structs.replace(films, position=position)
    return FilmList(films=films, ids=ids or (), shape=shape, link=link_of(query), faults=tuple(query.faults))


film_list = lru_cache(maxsize=1024)(read_film_list)
"""The same, remembered: programs ask the same questions again and again."""


@lru_cache(maxsize=1024)
def film_fields(raw: str) -> tuple[str, ...]:
    """The fields that a query string of `/api/movies/{id}` asks for. Raises BadRequest."""
    query = Query(raw, ("fields",))
    fields = query.one("fields", listed(member(FILM_DETAIL_FIELDS, "field")))
    if query.faults:
        raise BadRequest(query.faults)
    return fields or FILM_DETAIL_FIELDS


def film_name(text: str) -> int | tuple[IdSource, str]:
    """What stands for `{id}` in an address: our id, or a source and its name for the film.

    Raises BadRequest where it is neither, NotFound where no id is that large.
    """
    if re.fullmatch(r"0|[1-9][0-9]*", text, re.ASCII):
        if len(text) > len(str(ID_MAX)) or int(text) > ID_MAX:
            raise NotFound(f"There is no film {shown(text)}.")
        return int(text)
    source, colon, value = text.partition(":")
    if not colon:
        raise bad_name(f"{shown(text)} is no film's id: that is a number, or an external id such as 'imdb:tt0111161'.")
    if source not in set(IdSource):
        raise bad_name(f"There is no source {shown(source)} of ids{nearest(source, set(IdSource))}.")
    if not re.fullmatch(EXTERNAL_ID_PATTERNS[IdSource(source)], value, re.ASCII) or not speakable(value):
        raise bad_name(f"{shown(value)} does not have the form of an id of {source}.")
    return IdSource(source), value


def bad_name(detail: str) -> BadRequest:
    """What is wrong with the last part of an address."""
    return BadRequest([Fault("#", "bad_id", detail)])


def nothing(raw: str) -> None:
    """Refuses every parameter, for resources that take none. Raises BadRequest."""
    query = Query(raw, ())
    if query.faults:
        raise BadRequest(query.faults)


def film_query(query: Query) -> FilmQuery:
    """All of a list but its cursor, which can be read only when the rest is known."""
    order = query.one("sort", order_of) or (Term("id"),)
    seed = query.one("seed", whole(0, SEED_MAX))
    if seed is not None and order[0].name != "random":
        query.refuse("seed", "misplaced", "seed belongs to sort=random.")
    return FilmQuery(
        limit=query.one("limit", whole(1, LIMIT_MAX)) or LIMIT_DEFAULT,
        order=order,
        fields=query.one("fields", listed(member(FILM_FIELDS, "field"))) or FILM_FIELDS,
        seed=seed,
        bounds=tuple((name, bounds) for name in given_numbers(query) if (bounds := bounds_of(query, name)) != Bounds()),
        title_prefix=query.one("title__startswith", text_value),
        genre=query.each("genre", WORDS),
        country=query.each("country", WORDS),
        language=query.each("language", WORDS),
        person=query.each("person", PEOPLE),
    )


def given_numbers(query: Query) -> Iterator[str]:
    """The columns of which some range is asked for: looking for each in vain would be most of reading a short query."""
    return (name for name, names in RANGES.items() if not query.given.keys().isdisjoint(names))


def bounds_of(query: Query, name: str) -> Bounds:
    """What `name`, `name__gte` and `name__lte` say together."""
    parse = NUMBERS[name]
    given = [
        query.one(name, interval(parse)) or Bounds(),
        Bounds(low=query.one(f"{name}__gte", parse)),
        Bounds(high=query.one(f"{name}__lte", parse)),
    ]
    lows = [bounds.low for bounds in given if bounds.low is not None]
    highs = [bounds.high for bounds in given if bounds.high is not None]
    return Bounds(max(lows, default=None), min(highs, default=None))


def order_of(text: str) -> tuple[Term, ...]:
    """The terms of a sort: `-rating,title` is rating descending, then title. Raises Refused."""
    items = text.split(",", TERMS_MAX)
    if len(items) > TERMS_MAX:
        raise Refused("too_many", f"takes at most {TERMS_MAX} names")
    terms = tuple(parse_all(items, term_of))
    names = [term.name for term in terms]
    if len(set(names)) < len(names):
        raise Refused("duplicate", "must not name anything twice")
    if "random" in names and terms != (Term("random"),):
        raise Refused("misplaced", "takes random only alone and without '-'")
    if "id" in names[:-1]:
        raise Refused("misplaced", "takes nothing after id, which no two films share")
    return terms


def term_of(text: str) -> Term:
    """One term of a sort. Raises Refused."""
    return Term(member(FILM_SORTS, "sort")(text.removeprefix("-")), text.startswith("-"))


def cursor_of(films: FilmQuery, shape: bytes) -> Parser[Position]:
    """A parser of cursors of this very list."""
    key_types = tuple(term.key.type for term in films.order if term.name != "id")

    def parse(text: str) -> Position:
        try:
            return cursors.decode(text, shape, key_types)
        except cursors.OtherList as error:
            rule = "belongs to a list with another filter, sort or seed; keep those, or begin without a cursor"
            raise Refused("other_list", rule) from error
        except cursors.BadCursor as error:
            raise Refused("bad_cursor", "is none of ours; take it from page.next or page.prev as it is") from error

    return parse


def refuse_company(query: Query) -> None:
    """Adds a fault for every parameter that has no meaning beside `ids`."""
    for name in sorted(query.given.keys() - ALONE):
        query.refuse(name, "misplaced", f"{name} cannot stand beside ids, which says which films and in which order.")


def link_of(query: Query) -> str:
    """The query string without its cursor's value, so that another can be put at its end.

    Names are sorted: what differs only in their order is the same list, and its answers the same bytes.
    """
    given = sorted(query.given.items())
    return linked(tuple((name, value) for name, values in given for value in values if name != "cursor"))


@lru_cache(maxsize=1024)
def linked(kept: tuple[tuple[str, str], ...]) -> str:
    """These parameters and an empty cursor; remembered, since it is the same for all pages of a walk."""
    return urlencode([*kept, ("cursor", "")], safe=",!:", quote_via=quote)
