"""Films made and changed: POST to `/api/movies`, PUT, PATCH and DELETE of `/api/movies/{id}`."""

from collections.abc import Callable
from functools import partial

import msgspec
from aiohttp import web

from catalog import selectors, services
from catalog.api import params
from catalog.api.hop import hop
from catalog.api.http.answers import raw_query, redirect
from catalog.api.http.bodies import parsed
from catalog.api.http.negotiation import JSON
from catalog.api.http.operations import MERGE_PATCH, Answer, Body, Operation
from catalog.api.http.validation import validated
from catalog.api.representations import encode
from catalog.api.schemas import FILM_ID
from catalog.api.writing import Done, Write, written
from catalog.services.inputs import FilmChanges, FilmInput
from catalog.values import Scope
from catalog.values.resources import Film


async def create_film(request: web.Request) -> web.Response:
    """A new film."""
    params.nothing(raw_query(request))
    return await written(request, created)


def created(write: Write) -> Done:
    """The new film; runs in the executor. Raises BadRequest, Invalid and Clash."""
    values, faults = validated(parsed(write.body), FilmInput, FilmChanges)
    film_id = services.create_film(values=values, faults=faults)
    return shown(film_id, status=201, location=f"{params.FILMS}/{film_id}")


async def replace_film(request: web.Request) -> web.Response:
    """A film, written anew."""
    return await changed_film(request, replaced)


def replaced(film_id: int, write: Write) -> Done:
    """The film with nothing but what the body has; runs in the executor."""
    values, faults = validated(parsed(write.body), FilmInput, FilmChanges)
    services.change_film(film_id=film_id, values=values, whole=True, condition=write.condition, faults=faults)
    return shown(film_id, status=200)


async def change_film(request: web.Request) -> web.Response:
    """A film, changed in part."""
    return await changed_film(request, patched)


def patched(film_id: int, write: Write) -> Done:
    """The film with what the body names changed; runs in the executor."""
    values, faults = validated(parsed(write.body), FilmChanges, FilmChanges)
    services.change_film(film_id=film_id, values=values, whole=False, condition=write.condition, faults=faults)
    return shown(film_id, status=200)


async def delete_film(request: web.Request) -> web.Response:
    """A film no longer."""
    return await changed_film(request, deleted)


def deleted(film_id: int, write: Write) -> Done:
    services.delete_film(film_id=film_id, condition=write.condition)
    return Done(status=204)


async def changed_film(request: web.Request, work: Callable[[int, Write], Done]) -> web.Response:
    """The change of the film that the address names, or the way from an external id to it."""
    params.nothing(raw_query(request))
    name = params.film_name(request.match_info["id"])
    if isinstance(name, int):
        return await written(request, partial(work, name))
    film_id = await hop(request, partial(selectors.film_id_of, *name))
    return redirect(307, f"{params.FILMS}/{film_id}", request)


def shown(film_id: int, *, status: int, location: str | None = None) -> Done:
    """What is done, with the film as it is now, be it a draft."""
    record = selectors.film(film_id, drafts=True)
    return Done(status=status, body=encode(record), version=record["version"], location=location)


def answers_of(kind: type[msgspec.Struct], noun: str) -> dict[int, Answer]:
    """How a change of something that is there is answered; `kind` is what it looks like."""
    return {
        200: Answer(
            description=f"The {noun} as it is now.",
            content={JSON: kind},
            headers={"ETag": TAG, "Content-Location": "Its address.", "Preference-Applied": APPLIED},
        ),
        204: Answer(description="Done; no more was asked for."),
        307: Answer(description="An external id: the address by our own.", headers={"Location": "That address."}),
        308: Answer(description=f"Another {noun} has taken this one in.", headers={"Location": "Its address."}),
    }


def answers_made(kind: type[msgspec.Struct], noun: str) -> dict[int, Answer]:
    """How the making of something new is answered."""
    made = Answer(
        description=f"The new {noun}; without a body where `Prefer: return=minimal` asks for none.",
        content={JSON: kind},
        headers={
            "ETag": TAG,
            "Location": "Its address.",
            "Content-Location": "The same.",
            "Preference-Applied": APPLIED,
            "Idempotency-Replayed": "`true` where this was the answer to an earlier request.",
        },
    )
    return {201: made}


TAG = "Its version and the name of these bytes."
APPLIED = "Which preference (RFC 7240) was followed."
CHANGED = answers_of(Film, "film")
PROBLEMS = (404, 409, 410, 412, 422, 428, 507)
WHOLE = Body(content={JSON: FilmInput})

OPERATIONS = (
    Operation(
        id="create_movie",
        method="POST",
        path="/api/movies",
        handler=create_film,
        summary="Create a film",
        description="An `Idempotency-Key` makes it safe to send again: within 24 hours the same answer comes back.",
        tag="movies",
        body=WHOLE,
        scope=Scope.WRITE_MOVIES,
        answers=answers_made(Film, "film"),
        problems=(409, 422, 507),
    ),
    Operation(
        id="replace_movie",
        method="PUT",
        path="/api/movies/{id}",
        handler=replace_film,
        summary="Replace a film",
        description="What the body leaves out becomes unknown, none, or what a new film has. GET's answer may be sent.",
        tag="movies",
        path_parameters={"id": FILM_ID},
        body=WHOLE,
        scope=Scope.WRITE_MOVIES,
        answers=CHANGED,
        problems=PROBLEMS,
    ),
    Operation(
        id="change_movie",
        method="PATCH",
        path="/api/movies/{id}",
        handler=change_film,
        summary="Change a film",
        description="A merge patch (RFC 7396): only what the body names is changed. Lists are replaced as a whole.",
        tag="movies",
        path_parameters={"id": FILM_ID},
        body=Body(content={MERGE_PATCH: FilmChanges}),
        scope=Scope.WRITE_MOVIES,
        answers=CHANGED,
        problems=PROBLEMS,
    ),
    Operation(
        id="delete_movie",
        method="DELETE",
        path="/api/movies/{id}",
        handler=delete_film,
        summary="Delete a film",
        description="With all that belongs to it. For 30 days its address answers 410.",
        tag="movies",
        path_parameters={"id": FILM_ID},
        scope=Scope.WRITE_MOVIES,
        answers={each: CHANGED[each] for each in (204, 307, 308)},
        problems=(404, 409, 410, 412, 428, 507),
    ),
)
