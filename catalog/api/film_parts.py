"""What has an address below a film's own: `/api/movies/{id}/credits` and `/titles`."""

from typing import Any

from aiohttp import web

from catalog.api import params
from catalog.api.http.answers import raw_query
from catalog.api.http.negotiation import JSON
from catalog.api.http.operations import Answer, Operation
from catalog.api.movies import film_answer
from catalog.api.schemas import FILM_ID, FilmCredits, FilmTitles

CREDITS = ("id", "title", "cast", "crew")
TITLES = ("id", "title", "titles")
"""The fields of a film that each of the parts shows."""


async def film_credits(request: web.Request) -> web.Response:
    """Cast and crew."""
    params.nothing(raw_query(request))
    return await film_answer(request, CREDITS, "/credits")


async def film_titles(request: web.Request) -> web.Response:
    """Titles by region and language."""
    params.nothing(raw_query(request))
    return await film_answer(request, TITLES, "/titles")


def answers(description: str, schema: Any) -> dict[int, Answer]:
    """How a part of a film is answered."""
    return {
        200: Answer(
            description=description,
            content={JSON: schema},
            headers={"ETag": "The film's version and the name of these bytes."},
        ),
        304: Answer(description="The client has this answer already."),
        307: Answer(description="An external id: the address by our own.", headers={"Location": "That address."}),
        308: Answer(description="The id of one that is part of another now.", headers={"Location": "Its address."}),
    }


OPERATIONS = (
    Operation(
        id="get_movie_credits",
        method="GET",
        path="/api/movies/{id}/credits",
        handler=film_credits,
        summary="Show the cast and crew of a film",
        tag="movies",
        path_parameters={"id": FILM_ID},
        answers=answers("Cast and crew, each in billing order.", FilmCredits),
        problems=(400, 404, 410),
    ),
    Operation(
        id="get_movie_titles",
        method="GET",
        path="/api/movies/{id}/titles",
        handler=film_titles,
        summary="Show the titles of a film",
        tag="movies",
        path_parameters={"id": FILM_ID},
        answers=answers("The titles by region and language.", FilmTitles),
        problems=(400, 404, 410),
    ),
)
