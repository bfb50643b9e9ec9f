"""What films look like on the wire."""

from collections.abc import Sequence

import msgspec

from catalog.api.http import cursors
from catalog.api.parameters import LIMIT_MAX
from catalog.api.params import FilmList
from catalog.changes import surrogates
from catalog.changes.surrogates import Keys
from catalog.values import FilmPage, Position

MOVIES = "/api/movies"
encode = msgspec.json.Encoder().encode

Links = tuple[tuple[str, str], ...]
"""Pairs of relation and address, as the header Link repeats them (RFC 8288)."""


class Page(msgspec.Struct, frozen=True):
    """Where a list stands: the effective limit, the addresses of the pages beside it, and the count, if asked for."""

    limit: int
    next: str | None = None
    prev: str | None = None
    count: int | None = None


class Films(msgspec.Struct, frozen=True):
    """The envelope of a list."""

    data: Sequence[msgspec.Struct]
    page: Page


class NamedFilms(msgspec.Struct, frozen=True):
    """The envelope of films that were asked for by id, and the ids that no published film has."""

    data: Sequence[msgspec.Struct]
    page: Page
    missing: Sequence[int]


class Rendered(msgspec.Struct, frozen=True):
    """A body of JSON, the links that its headers repeat (pairs of relation and address), and what it depends on."""

    body: bytes
    links: Links = ()
    keys: Keys = frozenset()


def film_page(asked: FilmList, page: FilmPage) -> Rendered:
    """A page of a list, with links to the pages before and after it."""
    after, before = address(asked, page.after), address(asked, page.before)
    body = encode(Films(page.films, Page(asked.films.limit, after, before)))
    links = (("next", after), ("prev", before))
    keys = surrogates.film_list(asked.films).union(map(surrogates.film, page.ids))
    return Rendered(body, tuple((relation, link) for relation, link in links if link), keys)


def named_films(asked: FilmList, films: dict[int, msgspec.Struct]) -> Rendered:
    """Films by id, and those of the asked ids that were not found."""
    missing = [film_id for film_id in asked.ids if film_id not in films]
    body = encode(NamedFilms(list(films.values()), Page(LIMIT_MAX), missing))
    return Rendered(body, keys=frozenset(map(surrogates.film, asked.ids)))


def address(asked: FilmList, position: Position | None) -> str | None:
    """The address of the page at `position` of the same list."""
    return None if position is None else f"{MOVIES}?{asked.link}{cursors.encode(position, asked.shape)}"
