"""`/api/movies` and `/api/movies/{id}`."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from aiohttp import web

from catalog import selectors
from catalog.api import params, representations
from catalog.api.hop import hop
from catalog.api.http.answers import Coded, coded, coding_of, json_answer, raw_query, redirect
from catalog.api.http.negotiation import JSON
from catalog.api.http.operations import Answer, Operation
from catalog.api.parameters import FILM_PARAMETERS, LIST_PARAMETERS, SEED_MAX
from catalog.api.params import FilmList
from catalog.api.representations import Rendered
from catalog.api.schemas import FILM_ID
from catalog.api.schemas import FilmList as FilmListSchema
from catalog.api.understanding import understood
from catalog.changes import surrogates
from catalog.values.resources import Film

VERSION = "version"
"""The field whose value the entity tag of a film begins with, whether it is shown or not."""


async def film_list(request: web.Request) -> web.Response:
    """A page of films."""
    asked = params.film_list(raw_query(request))
    if lacks_seed(asked):
        seed = random.randint(0, SEED_MAX)  # noqa: S311  an order to browse in, not a secret
        asked = params.read_film_list(f"{raw_query(request)}&seed={seed}")
    walked = not (asked.faults or asked.ids) and selectors.is_walk(asked.query)
    unit: Callable[[], tuple[Coded, Rendered]] = (Walk if walked else Whole)(asked, coding_of(request))
    content, rendered = await hop(request, unit)
    return json_answer(request, content, rendered.links, rendered.keys, whole=rendered.whole)


def lacks_seed(asked: FilmList) -> bool:
    """Whether a random order was asked for without saying which."""
    return not asked.faults and asked.query.seed is None and asked.query.order[0].name == "random"


class Whole(msgspec.Struct, frozen=True):
    """The answer to a list, also in `coding`, as a unit for the executor."""

    asked: FilmList
    coding: str

    def __call__(self) -> tuple[Coded, Rendered]:
        return self.of(render_list(self.asked))

    def of(self, rendered: Rendered) -> tuple[Coded, Rendered]:
        return coded(rendered.body, self.coding), rendered


class Walk(Whole, frozen=True):
    """The same of a list whose one statement may go to the database with those of others; the rest is computing."""

    together = staticmethod(selectors.answers)

    def ask(self) -> tuple[Any, Callable[[Any], tuple[Coded, Rendered]]]:
        """The statement, and what makes the answer of its rows."""
        with understood(self.asked.query, self.asked.faults):
            call, page = selectors.walk(self.asked.query)
        return call, lambda rows: self.of(representations.film_page(self.asked, page(rows)))


def render_list(asked: FilmList) -> Rendered:
    """The answer to a list; runs in the executor. Raises BadRequest with all faults, those of the values included."""
    with understood(asked.query, asked.faults):
        if asked.ids:
            found = selectors.films_by_id(asked.ids, asked.query.fields, asked.query.include)
            return representations.named_rows(asked, found, surrogates.film)
        return representations.film_page(asked, selectors.films(asked.query))


async def film(request: web.Request) -> web.Response:
    """One film, or the way from an external id to it."""
    return await film_answer(request, params.film_fields(raw_query(request)))


async def film_answer(request: web.Request, fields: tuple[str, ...], part: str = "") -> web.Response:
    """These fields of the film that the address names; `part` is what follows its id there, such as `/credits`."""
    name = params.film_name(request.match_info["id"])
    if isinstance(name, int):
        unit = partial(render_film, name, fields, coding_of(request))
        return json_answer(request, await hop(request, unit), keys=(surrogates.film(name),))
    film_id = await hop(request, partial(selectors.film_id_of, *name))
    return redirect(307, f"{params.FILMS}/{film_id}{part}", request)


def render_film(film_id: int, fields: tuple[str, ...], coding: str) -> Coded:
    """The answer with one film; runs in the executor. Raises NotFound."""
    record = selectors.film(film_id, fields if VERSION in fields else (*fields, VERSION))
    version = record[VERSION] if VERSION in fields else record.pop(VERSION)
    return coded(representations.encode(record), coding, version)


OPERATIONS = (
    Operation(
        id="list_movies",
        method="GET",
        path="/api/movies",
        handler=film_list,
        summary="List films",
        description="Published films, filtered, sorted and walked by cursor.",
        tag="movies",
        parameters=LIST_PARAMETERS,
        answers={
            200: Answer(
                description="A page of films.",
                content={JSON: FilmListSchema},
                headers={"ETag": "Names these bytes.", "Link": "The pages before and after this one (RFC 8288)."},
            ),
            304: Answer(description="The client has this page already."),
        },
        problems=(400,),
    ),
    Operation(
        id="get_movie",
        method="GET",
        path="/api/movies/{id}",
        handler=film,
        summary="Show one film",
        tag="movies",
        parameters=FILM_PARAMETERS,
        path_parameters={"id": FILM_ID},
        answers={
            200: Answer(
                description="The film.",
                content={JSON: Film},
                headers={"ETag": "The film's version and the name of these bytes."},
            ),
            304: Answer(description="The client has this film already."),
            307: Answer(description="An external id: the film's own address.", headers={"Location": "That address."}),
            308: Answer(description="The id of one that is part of another now.", headers={"Location": "Its address."}),
        },
        problems=(400, 404, 410),
    ),
)
