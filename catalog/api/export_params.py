"""What the queries of exports mean."""

from collections.abc import Mapping
from typing import Any

import msgspec

from catalog.api.http import cursors
from catalog.api.http.query import Parameter, Query
from catalog.api.parameters import EXPORT_FIELDS, EXPORTED_CURSOR
from catalog.api.params import cursor_in, film_query
from catalog.errors import Fault
from catalog.values import FilmQuery

BATCH = 500
"""Films that are read in one hop: enough that the hop costs little, few enough that a megabyte or two holds them."""


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """A whole list that was asked for. with_cursor: whether each film says where to go on after it."""

    query: FilmQuery
    with_cursor: bool
    shape: bytes
    faults: tuple[Fault, ...] = ()


def read_export(raw: str, parameters: Mapping[str, Parameter[Any]]) -> Export:
    """The export that a query string asks for."""
    query = Query(raw, parameters)
    wanted = film_query(query, EXPORT_FIELDS)
    with_cursor = EXPORTED_CURSOR in wanted.fields or EXPORT_FIELDS.name not in query.given
    if wanted.order[0].name == "random" and wanted.seed is None:
        query.refuse("sort", "needs_seed", "sort=random needs a seed here, so that a cursor can go on.")
    shape = cursors.fingerprint(wanted.bare)
    position = query.one(cursor_in(wanted.order, shape))
    if position is not None and position.backward:
        query.refuse("cursor", "backward", "cursor leads backward; an export goes on from a page.next.")
    fields = tuple(name for name in wanted.fields if name != EXPORTED_CURSOR)
    wanted = msgspec.structs.replace(wanted, limit=BATCH, fields=fields, position=position)
    return Export(query=wanted, with_cursor=with_cursor, shape=shape, faults=tuple(query.faults))
