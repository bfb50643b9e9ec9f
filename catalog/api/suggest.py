"""`/api/movies/suggest`: search as somebody types."""

from functools import partial

from aiohttp import web

from catalog import selectors
from catalog.api import representations
from catalog.api.hop import hop
from catalog.api.http.answers import Coded, coded, coding_of, json_answer, raw_query
from catalog.api.http.negotiation import JSON
from catalog.api.http.operations import Answer, Operation
from catalog.api.http.parsers import text_value, whole
from catalog.api.http.problems import BadRequest
from catalog.api.http.query import Parameter, Query, by_name
from catalog.api.schemas import Suggestions
from catalog.changes import surrogates

LIMIT_MAX = 10
TEXT = Parameter(
    name="q",
    parser=text_value,
    description="What has been typed so far; its last word may be unfinished.",
    example="godf",
    required=True,
)
LIMIT = Parameter(name="limit", parser=whole(1, LIMIT_MAX), description="Films at most.", default=LIMIT_MAX, example=5)
PARAMETERS = by_name((TEXT, LIMIT))


async def suggest(request: web.Request) -> web.Response:
    """The films that may be meant."""
    query = Query(raw_query(request), PARAMETERS)
    text, limit = query.one(TEXT), query.one(LIMIT) or LIMIT_MAX
    if text is None or query.faults:
        raise BadRequest(query.faults)
    content, whole = await hop(request, partial(render, text, limit, coding_of(request)))
    return json_answer(request, content, keys=(surrogates.ANY_FILM,), whole=whole)


def render(text: str, limit: int, coding: str) -> tuple[Coded, bool]:
    """The answer, and whether the index was up to the moment; runs in the executor."""
    page = selectors.suggestions(text, limit)
    return coded(representations.encode({"data": page.records}), coding), not page.partial


OPERATIONS = (
    Operation(
        id="list_suggestions",
        method="GET",
        path="/api/movies/suggest",
        handler=suggest,
        summary="Search films as somebody types",
        description="At most ten films, the best match first.",
        tag="movies",
        parameters=PARAMETERS,
        answers={
            200: Answer(
                description="Films that may be meant.",
                content={JSON: Suggestions},
                headers={"ETag": "Names these bytes."},
            ),
            304: Answer(description="The client has this already."),
        },
        problems=(400,),
    ),
)
