"""What has an address below a film's own: `/api/movies/{id}/credits`, `/titles` and `/similar`."""

from functools import partial
from typing import Any

from aiohttp import web

from catalog import selectors
from catalog.api import params
from catalog.api.hop import hop
from catalog.api.http.answers import Coded, coded, coding_of, json_answer, raw_query, redirect
from catalog.api.http.negotiation import JSON
from catalog.api.http.operations import Answer, Operation
from catalog.api.movies import film_answer
from catalog.api.parameters import SIMILAR_PARAMETERS
from catalog.api.params import FilmList
from catalog.api.representations import Page, Rendered, encode
from catalog.api.schemas import FILM_ID, FilmCredits, FilmTitles
from catalog.api.statistics_schemas import SimilarFilms
from catalog.api.understanding import understood
from catalog.changes import surrogates

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


async def similar_films(request: web.Request) -> web.Response:
    """Films that share people and genres with one, or the way from an external id to them."""
    name = params.film_name(request.match_info["id"])
    asked = params.similar_query(raw_query(request))
    if not isinstance(name, int):
        film_id = await hop(request, partial(selectors.film_id_of, *name))
        return redirect(307, f"{params.FILMS}/{film_id}/similar", request)
    content, rendered = await hop(request, partial(coded_similar, name, asked, coding_of(request)))
    return json_answer(request, content, keys=rendered.keys, whole=rendered.whole)


def coded_similar(film_id: int, asked: FilmList, coding: str) -> tuple[Coded, Rendered]:
    """The answer with similar films, also in `coding`; runs in the executor.

    Raises BadRequest with all faults; NotFound, Gone and Moved.
    """
    with understood(asked.query, asked.faults):
        found = selectors.similar(film_id, asked.query)
    data = [{"movie": movie, "shared": shared} for movie, shared in zip(found.films, found.shared, strict=True)]
    body = encode({"data": data, "page": Page(asked.query.limit), "partial": found.partial})
    keys = surrogates.similar_films(film_id, found.ids, found.people) | surrogates.film_list(asked.query)
    return coded(body, coding), Rendered(body, keys=keys, whole=not found.partial)


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
    Operation(
        id="get_similar_movies",
        method="GET",
        path="/api/movies/{id}/similar",
        handler=similar_films,
        summary="List films like one",
        description="Of all films, or those that a filter chooses, the ones that share most people (three points each) "
        "and genres (one each), the most alike first.",
        tag="movies",
        parameters=SIMILAR_PARAMETERS,
        path_parameters={"id": FILM_ID},
        answers={
            **answers("The films, each with what it shares.", SimilarFilms),
            200: Answer(
                description="The films, each with what it shares; `partial` names what there was no time to look for.",
                content={JSON: SimilarFilms},
                headers={"ETag": "Names these bytes."},
            ),
        },
        problems=(400, 404, 410),
    ),
)
