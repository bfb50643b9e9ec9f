"""`/api/changes`: what has changed since a position, for mirrors of the catalogue."""

from functools import lru_cache, partial
from typing import Any
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from catalog import selectors
from catalog.api.change_parameters import CHANGES_PARAMETERS, LIMIT, LIMIT_DEFAULT, SINCE
from catalog.api.change_schemas import Changes, ChangesPage, MovieChange, PersonChange
from catalog.api.hop import hop
from catalog.api.http.answers import Coded, coded, coding_of, json_answer, raw_query
from catalog.api.http.negotiation import JSON
from catalog.api.http.operations import Answer, Operation
from catalog.api.http.problems import BadRequest
from catalog.api.http.query import Query
from catalog.api.representations import encode
from catalog.errors import Gone, Invalid
from catalog.selectors.changes import ChangedState, ChangePage

ADDRESS = "/api/changes"

HOW_TO_BEGIN = (
    "To begin, ask without `since` and keep `position`; then read the catalogue, /api/movies.jsonl and /api/people; "
    "then go on from that position."
)

SHAPES: dict[str, Any] = {"film": MovieChange, "person": PersonChange}


class Asked(msgspec.Struct, frozen=True):
    """What a query asks for."""

    since: str | None
    limit: int


@lru_cache(maxsize=256)
def asked_for(raw: str) -> Asked:
    """What the query string of `/api/changes` asks for. Raises BadRequest."""
    query = Query(raw, CHANGES_PARAMETERS)
    asked = Asked(query.one(SINCE), query.one(LIMIT) or LIMIT_DEFAULT)
    if query.faults:
        raise BadRequest(query.faults)
    return asked


async def changes(request: web.Request) -> web.Response:
    """A page of changes."""
    unit = partial(render, asked_for(raw_query(request)), coding_of(request))
    content, following = await hop(request, unit)
    return json_answer(request, content, [("next", following)])


def render(asked: Asked, coding: str) -> tuple[Coded, str]:
    """The answer, and the address to go on at; runs in the executor."""
    page = page_since(asked.since, asked.limit)
    address = f"{ADDRESS}?{urlencode({'since': page.position, 'limit': asked.limit})}"
    found = [changed(each) for each in page.changes]
    body = Changes(found, page.reset, page.position, ChangesPage(asked.limit, address, page.more))
    return coded(encode(body), coding), address


def page_since(since: str | None, limit: int) -> ChangePage:
    """A page; runs in the executor. Raises BadRequest, and Gone that says how to begin again."""
    try:
        return selectors.changes(since, limit)
    except Invalid as error:
        raise BadRequest(error.faults) from error
    except Gone as error:
        raise Gone(f"{error} {HOW_TO_BEGIN}") from error


def changed(state: ChangedState) -> MovieChange | PersonChange:
    """A change on the wire."""
    shape: MovieChange | PersonChange = SHAPES[state.entity](state.id, state.kind, state.version, state.state)
    return shape


OPERATIONS = (
    Operation(
        id="list_changes",
        method="GET",
        path=ADDRESS,
        handler=changes,
        summary="List what has changed",
        description="Each film and person that has changed since a position, once a page, with its present state. Of "
        "two states the one with the higher version is the later; order between films is not promised. A reader who "
        "reads until `more` is false has the catalogue as it is. "
        f"{HOW_TO_BEGIN} `reset` says to begin again in the same way.",
        tag="changes",
        parameters=CHANGES_PARAMETERS,
        answers={
            200: Answer(
                description="What has changed.",
                content={JSON: Changes},
                headers={"ETag": "Names these bytes.", "Link": "Where to go on (RFC 8288)."},
            ),
            304: Answer(description="The client has this page already."),
        },
        problems=(400, 410),
    ),
)
