"""`/api/genres`, `/api/countries` and `/api/languages`: what filters can name, with the number of films."""

from functools import partial
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from catalog import selectors
from catalog.api import params
from catalog.api.hop import hop
from catalog.api.http.answers import Coded, coded, coding_of, json_answer, raw_query
from catalog.api.http.negotiation import JSON
from catalog.api.http.operations import Answer, Operation
from catalog.api.representations import encode
from catalog.api.schemas import CountedCodes, CountedGenres
from catalog.changes import surrogates

FILTERS = {
    "genres": "genre",
    "countries": "country",
    "languages": "language",
}
"""Each vocabulary, and the filter that its rows are values of."""


def handler(name: str) -> Handler:
    """The handler of one vocabulary."""

    async def vocabulary(request: web.Request) -> web.StreamResponse:
        params.nothing(raw_query(request))
        content = await hop(request, partial(render, name, coding_of(request)))
        return json_answer(request, content, keys=surrogates.films() | surrogates.FILTERS[FILTERS[name]])

    return vocabulary


def render(name: str, coding: str) -> Coded:
    """The answer with a whole vocabulary; runs in the executor."""
    return coded(encode({"data": selectors.vocabulary(FILTERS[name])}), coding)


def operation(name: str, schema: Any) -> Operation:
    """Reading one vocabulary."""
    return Operation(
        id=f"list_{name}",
        method="GET",
        path=f"/api/{name}",
        handler=handler(name),
        summary=f"List {name}",
        description="All of them in one answer, each with the number of films that a list filtered by it shows.",
        tag="vocabularies",
        answers={
            200: Answer(description="All of them.", content={JSON: schema}, headers={"ETag": "Names these bytes."}),
            304: Answer(description="The client has this answer already."),
        },
        problems=(400,),
    )


OPERATIONS = (
    operation("genres", CountedGenres),
    operation("countries", CountedCodes),
    operation("languages", CountedCodes),
)
