"""Films made and changed: POST to `/api/movies`, PUT, PATCH and DELETE of `/api/movies/{id}`."""

from functools import partial

from catalog import selectors, services
from catalog.api import params
from catalog.api.changing import Kind, Store, operations
from catalog.api.schemas import FILM_ID
from catalog.services.inputs import FilmChanges, FilmInput
from catalog.values import Scope
from catalog.values.resources import Film

FILM = Kind(
    name="movie",
    noun="film",
    tag="movies",
    path=params.FILMS,
    id_schema=FILM_ID,
    name_of=params.film_name,
    shown=Film,
    whole=FilmInput,
    changes=FilmChanges,
    store=Store(
        create=services.create_film,
        change=services.change_film,
        delete=services.delete_film,
        record=partial(selectors.film, drafts=True),
        id_of=selectors.film_id_of,
    ),
    scope=Scope.WRITE_MOVIES,
    absent="unknown, none, or what a new film has",
    deletion="With all that belongs to it. For 30 days its address answers 410.",
)
OPERATIONS = tuple(operations(FILM))
