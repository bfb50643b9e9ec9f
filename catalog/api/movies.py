"""`/api/movies` and `/api/movies/{id}`."""

import random
from functools import partial

from aiohttp import web

from catalog import selectors
from catalog.api import params, representations
from catalog.api.http.answers import json_answer, raw_query, redirect
from catalog.api.http.problems import BadRequest
from catalog.api.keys import EXECUTOR
from catalog.api.params import FilmList
from catalog.api.representations import Rendered
from catalog.errors import Invalid


async def film_list(request: web.Request) -> web.Response:
    """A page of films."""
    asked = params.film_list(raw_query(request))
    if asked.lacks_seed:
        seed = random.randint(0, params.SEED_MAX)  # noqa: S311  an order to browse in, not a secret
        asked = params.read_film_list(f"{raw_query(request)}&seed={seed}")
    rendered = await request.app[EXECUTOR].run(partial(render_list, asked))
    return json_answer(rendered.body, rendered.links)


def render_list(asked: FilmList) -> Rendered:
    """The answer to a list; runs in the executor. Raises BadRequest with all faults, those of the values included."""
    if asked.faults:
        raise BadRequest([*asked.faults, *selectors.unknown_values(asked.films)])
    if asked.ids:
        return representations.named_films(asked, selectors.films_by_id(asked.ids, asked.films.fields))
    try:
        return representations.film_page(asked, selectors.films(asked.films))
    except Invalid as error:
        raise BadRequest(error.faults) from error


async def film(request: web.Request) -> web.Response:
    """One film, or the way from an external id to it."""
    name = params.film_name(request.match_info["id"])
    fields = params.film_fields(raw_query(request))
    if isinstance(name, int):
        return json_answer(await request.app[EXECUTOR].run(partial(render_film, name, fields)))
    film_id = await request.app[EXECUTOR].run(partial(selectors.film_id_of, *name))
    return redirect(307, f"{representations.MOVIES}/{film_id}", request)


def render_film(film_id: int, fields: tuple[str, ...]) -> bytes:
    """The answer with one film; runs in the executor. Raises NotFound."""
    return representations.encode(selectors.film(film_id, fields))
