"""What lists look like on the wire."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from catalog.api.http import cursors
from catalog.api.list_parameters import LIMIT_MAX, PAGED_ROWS
from catalog.api.params import FilmList, Listed
from catalog.changes import surrogates
from catalog.changes.surrogates import Keys
from catalog.values import Counted, Position, RecordPage

encode = msgspec.json.Encoder().encode

Links = tuple[tuple[str, str], ...]
"""Pairs of relation and address, as the header Link repeats them (RFC 8288)."""


class Page(msgspec.Struct, frozen=True):
    """Where a list stands: the effective limit, the addresses of the pages beside it, and the count, if asked for."""

    limit: int
    next: str | None = None
    prev: str | None = None
    count: int | None = None


class Rows(msgspec.Struct, frozen=True):
    """The envelope of a list. partial: `q` where the search's index is not up to the moment."""

    data: Sequence[msgspec.Struct]
    page: Page
    partial: Sequence[str] | UnsetType = UNSET


class NamedRows(msgspec.Struct, frozen=True):
    """The envelope of rows that were asked for by id, and the ids that there are not."""

    data: Sequence[msgspec.Struct]
    page: Page
    missing: Sequence[int]


class FacetedRows(msgspec.Struct, frozen=True):
    """The envelope of a list that was counted by facets. partial: the facets for which there was no time."""

    data: Sequence[msgspec.Struct]
    page: Page
    facets: dict[str, list[Counted]]
    partial: list[str]


class Rendered(msgspec.Struct, frozen=True):
    """A body of JSON, the links that its headers repeat (pairs of relation and address), and what it depends on.

    whole: whether nothing is missing for want of time.
    """

    body: bytes
    links: Links = ()
    keys: Keys = frozenset()
    whole: bool = True


def film_page(asked: FilmList, page: RecordPage) -> Rendered:
    """A page of films."""
    return row_page(asked, page, surrogates.film_list(asked.query).union(map(surrogates.film, page.ids)))


def row_page(asked: Listed[Any], page: RecordPage, keys: Keys) -> Rendered:
    """A page of a list, with links to the pages before and after it."""
    after, before = beside(asked, page)
    where = Page(asked.query.limit, after, before, page.count)
    envelope: Rows | FacetedRows = Rows(page.records, where, page.partial or UNSET)
    if page.facets is not None:
        envelope = FacetedRows(page.records, where, page.facets, page.partial)
    links = tuple((relation, link) for relation, link in (("next", after), ("prev", before)) if link)
    return Rendered(encode(envelope), links, keys, whole=not page.partial)


def beside(asked: Listed[Any], page: RecordPage) -> tuple[str | None, str | None]:
    """The addresses of the pages after and before this one: by number as far as numbers go, where they were used."""
    after, before = by_cursor(asked, page.after), by_cursor(asked, page.before)
    if asked.page is None:
        return after, before
    if page.after is not None and (asked.page + 1) * asked.query.limit <= PAGED_ROWS:
        after = f"{asked.link}page={asked.page + 1}"
    return after, f"{asked.link}page={asked.page - 1}" if asked.page > 1 else None


def named_rows(asked: Listed[Any], rows: dict[int, msgspec.Struct], key: Callable[[int], str]) -> Rendered:
    """Rows by id, and those of the asked ids that were not found; `key` names what each depends on."""
    missing = [row_id for row_id in asked.ids if row_id not in rows]
    body = encode(NamedRows(list(rows.values()), Page(LIMIT_MAX), missing))
    return Rendered(body, keys=frozenset(map(key, asked.ids)))


def by_cursor(asked: Listed[Any], position: Position | None) -> str | None:
    """The address of the page at `position` of the same list."""
    return None if position is None else f"{asked.link}cursor={cursors.encode(position, asked.shape)}"
