"""People made and changed: POST to `/api/people`, PUT, PATCH and DELETE of `/api/people/{id}`."""

from collections.abc import Callable
from functools import partial

from aiohttp import web

from catalog import selectors, services
from catalog.api import params
from catalog.api.hop import hop
from catalog.api.http.answers import raw_query, redirect
from catalog.api.http.bodies import parsed
from catalog.api.http.negotiation import JSON
from catalog.api.http.operations import MERGE_PATCH, Body, Operation
from catalog.api.http.validation import validated
from catalog.api.movie_changes import answers_made, answers_of
from catalog.api.people_schemas import PERSON_ID
from catalog.api.representations import encode
from catalog.api.writing import Done, Write, written
from catalog.services.inputs import PersonChanges, PersonInput
from catalog.values import Scope
from catalog.values.resources import Person


async def create_person(request: web.Request) -> web.Response:
    """Somebody new."""
    params.nothing(raw_query(request))
    return await written(request, created)


def created(write: Write) -> Done:
    """The new person; runs in the executor. Raises BadRequest, Invalid and Clash."""
    values, faults = validated(parsed(write.body), PersonInput, PersonChanges)
    person_id = services.create_person(values=values, faults=faults)
    return shown(person_id, status=201, location=f"{params.PEOPLE}/{person_id}")


async def replace_person(request: web.Request) -> web.Response:
    """A person, written anew."""
    return await changed_person(request, replaced)


def replaced(person_id: int, write: Write) -> Done:
    """The person with nothing but what the body has; runs in the executor."""
    values, faults = validated(parsed(write.body), PersonInput, PersonChanges)
    services.change_person(person_id=person_id, values=values, whole=True, condition=write.condition, faults=faults)
    return shown(person_id, status=200)


async def change_person(request: web.Request) -> web.Response:
    """A person, changed in part."""
    return await changed_person(request, patched)


def patched(person_id: int, write: Write) -> Done:
    """The person with what the body names changed; runs in the executor."""
    values, faults = validated(parsed(write.body), PersonChanges, PersonChanges)
    services.change_person(person_id=person_id, values=values, whole=False, condition=write.condition, faults=faults)
    return shown(person_id, status=200)


async def delete_person(request: web.Request) -> web.Response:
    """A person no longer."""
    return await changed_person(request, deleted)


def deleted(person_id: int, write: Write) -> Done:
    services.delete_person(person_id=person_id, condition=write.condition)
    return Done(status=204)


async def changed_person(request: web.Request, work: Callable[[int, Write], Done]) -> web.Response:
    """The change of the person that the address names, or the way from an external id to it."""
    params.nothing(raw_query(request))
    name = params.person_name(request.match_info["id"])
    if isinstance(name, int):
        return await written(request, partial(work, name))
    person_id = await hop(request, partial(selectors.person_id_of, *name))
    return redirect(307, f"{params.PEOPLE}/{person_id}", request)


def shown(person_id: int, *, status: int, location: str | None = None) -> Done:
    """What is done, with the person as they are now."""
    record = selectors.person(person_id)
    return Done(status=status, body=encode(record), version=record["version"], location=location)


CHANGED = answers_of(Person, "person")
PROBLEMS = (404, 409, 410, 412, 422, 428, 507)
WHOLE = Body(content={JSON: PersonInput})

OPERATIONS = (
    Operation(
        id="create_person",
        method="POST",
        path="/api/people",
        handler=create_person,
        summary="Create a person",
        description="An `Idempotency-Key` makes it safe to send again: within 24 hours the same answer comes back.",
        tag="people",
        body=WHOLE,
        scope=Scope.WRITE_PEOPLE,
        answers=answers_made(Person, "person"),
        problems=(409, 422, 507),
    ),
    Operation(
        id="replace_person",
        method="PUT",
        path="/api/people/{id}",
        handler=replace_person,
        summary="Replace a person",
        description="What the body leaves out becomes unknown. What GET answers may be sent.",
        tag="people",
        path_parameters={"id": PERSON_ID},
        body=WHOLE,
        scope=Scope.WRITE_PEOPLE,
        answers=CHANGED,
        problems=PROBLEMS,
    ),
    Operation(
        id="change_person",
        method="PATCH",
        path="/api/people/{id}",
        handler=change_person,
        summary="Change a person",
        description="A merge patch (RFC 7396): only what the body names is changed.",
        tag="people",
        path_parameters={"id": PERSON_ID},
        body=Body(content={MERGE_PATCH: PersonChanges}),
        scope=Scope.WRITE_PEOPLE,
        answers=CHANGED,
        problems=PROBLEMS,
    ),
    Operation(
        id="delete_person",
        method="DELETE",
        path="/api/people/{id}",
        handler=delete_person,
        summary="Delete a person",
        description="Only who is in no film's cast or crew. For 30 days their address answers 410.",
        tag="people",
        path_parameters={"id": PERSON_ID},
        scope=Scope.WRITE_PEOPLE,
        answers={each: CHANGED[each] for each in (204, 307, 308)},
        problems=(404, 409, 410, 412, 428, 507),
    ),
)
