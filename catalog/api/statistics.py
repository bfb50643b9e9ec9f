"""`/api/stats`: films counted, all or those that a filter chooses."""

from functools import partial

from aiohttp import web

from catalog import selectors
from catalog.api import params
from catalog.api.hop import hop
from catalog.api.http.answers import Coded, coded, coding_of, json_answer, raw_query
from catalog.api.http.negotiation import JSON
from catalog.api.http.operations import Answer, Operation
from catalog.api.parameters import STATISTICS_PARAMETERS
from catalog.api.params import FilmList
from catalog.api.representations import Rendered, encode
from catalog.api.statistics_schemas import Statistics
from catalog.api.understanding import understood
from catalog.changes import surrogates


async def statistics(request: web.Request) -> web.Response:
    """Totals, and films by year, decade, rating, genre, country and language."""
    asked = params.statistics_query(raw_query(request))
    content, rendered = await hop(request, partial(coded_statistics, asked, coding_of(request)))
    return json_answer(request, content, keys=rendered.keys, whole=rendered.whole)


def coded_statistics(asked: FilmList, coding: str) -> tuple[Coded, Rendered]:
    """The answer, also in `coding`; runs in the executor. Raises BadRequest with all faults."""
    with understood(asked.query, asked.faults):
        found = selectors.statistics(asked.query)
    body = encode(found)
    return coded(body, coding), Rendered(body, keys=surrogates.film_statistics(asked.query), whole=not found.partial)


OPERATIONS = (
    Operation(
        id="get_statistics",
        method="GET",
        path="/api/stats",
        handler=statistics,
        summary="Count films",
        description="Totals, and the numbers of films by year, decade, rating, genre, country and language.",
        tag="statistics",
        parameters=STATISTICS_PARAMETERS,
        answers={
            200: Answer(
                description="The numbers; `partial` names those for which there was no time.",
                content={JSON: Statistics},
                headers={"ETag": "Names these bytes."},
            ),
            304: Answer(description="The client has these numbers already."),
        },
        problems=(400,),
    ),
)
