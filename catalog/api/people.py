"""`/api/people`, `/api/people/{id}` and `/api/people/{id}/credits`."""

from collections.abc import Callable
from functools import partial

from aiohttp import web

from catalog import selectors
from catalog.api import params, people_params, representations
from catalog.api.hop import hop
from catalog.api.http.answers import Coded, coded, coding_of, json_answer, raw_query, redirect
from catalog.api.http.negotiation import JSON
from catalog.api.http.operations import Answer, Operation
from catalog.api.movies import VERSION
from catalog.api.people_params import LIST_PARAMETERS, PERSON_PARAMETERS, PersonList
from catalog.api.people_schemas import PERSON_ID, PersonCredits
from catalog.api.people_schemas import PersonList as PersonListSchema
from catalog.api.representations import Rendered, encode
from catalog.api.understanding import understood
from catalog.changes import surrogates
from catalog.changes.surrogates import Keys
from catalog.values.resources import Person

KEYS_LIMIT = 500
"""Of more films an answer does not say each by its key, and so depends on everything: a head has its bounds too."""

Shown = tuple[Coded, Keys]
"""An answer with one person, and what it depends on."""


async def person_list(request: web.Request) -> web.Response:
    """A page of people."""
    asked = people_params.person_list(raw_query(request))
    content, rendered = await hop(request, partial(coded_list, asked, coding_of(request)))
    return json_answer(request, content, rendered.links, rendered.keys)


def coded_list(asked: PersonList, coding: str) -> tuple[Coded, Rendered]:
    """The answer to a list, also in `coding`; runs in the executor."""
    rendered = render_list(asked)
    return coded(rendered.body, coding), rendered


def render_list(asked: PersonList) -> Rendered:
    """The answer to a list; runs in the executor. Raises BadRequest with all faults, those of the values included."""
    with understood(asked.query, asked.faults):
        if asked.ids:
            found = selectors.people_by_id(asked.ids, asked.query.fields)
            return representations.named_rows(asked, found, surrogates.person)
        page = selectors.people(asked.query)
    keys = surrogates.person_list(asked.query).union(map(surrogates.person, page.ids))
    return representations.row_page(asked, page, keys)


async def person(request: web.Request) -> web.Response:
    """One person, or the way from an external id to them."""
    fields = people_params.person_fields(raw_query(request))
    return await person_answer(request, lambda person_id: partial(render_person, person_id, fields))


async def person_credits(request: web.Request) -> web.Response:
    """What one person has done."""
    params.nothing(raw_query(request))
    return await person_answer(request, lambda person_id: partial(render_credits, person_id), "/credits")


async def person_answer(
    request: web.Request, rendering: Callable[[int], Callable[[str], Shown]], part: str = ""
) -> web.Response:
    """What `rendering` makes of the person that the address names; `part` is what follows the id there."""
    name = params.person_name(request.match_info["id"])
    if isinstance(name, int):
        content, keys = await hop(request, partial(rendering(name), coding_of(request)))
        return json_answer(request, content, keys=keys)
    person_id = await hop(request, partial(selectors.person_id_of, *name))
    return redirect(307, f"{params.PEOPLE}/{person_id}{part}", request)


def render_person(person_id: int, fields: tuple[str, ...], coding: str) -> Shown:
    """The answer with one person; runs in the executor. Raises NotFound."""
    record = selectors.person(person_id, fields if VERSION in fields else (*fields, VERSION))
    version = record[VERSION] if VERSION in fields else record.pop(VERSION)
    return coded(encode(record), coding, version), frozenset((surrogates.person(person_id),))


def render_credits(person_id: int, coding: str) -> Shown:
    """The answer with a person's credits; runs in the executor. Raises NotFound."""
    record = selectors.person_credits(person_id)
    films = {each["movie"]["id"] for role in ("cast", "crew") for each in record[role]}
    if len(films) > KEYS_LIMIT:
        return coded(encode(record), coding), frozenset()
    keys = surrogates.films().union((surrogates.person(person_id),), map(surrogates.film, films))
    # Its films' titles stand in it too, so that the person's version alone would not name it.
    return coded(encode(record), coding), keys


ANSWERS = {
    304: Answer(description="The client has this answer already."),
    307: Answer(description="An external id: the address by our own.", headers={"Location": "That address."}),
    308: Answer(description="The id of one that is part of another now.", headers={"Location": "Its address."}),
}

OPERATIONS = (
    Operation(
        id="list_people",
        method="GET",
        path="/api/people",
        handler=person_list,
        summary="List people",
        description="People, filtered, sorted and walked by cursor.",
        tag="people",
        parameters=LIST_PARAMETERS,
        answers={
            200: Answer(
                description="A page of people.",
                content={JSON: PersonListSchema},
                headers={"ETag": "Names these bytes.", "Link": "The pages before and after this one (RFC 8288)."},
            ),
            304: Answer(description="The client has this page already."),
        },
        problems=(400,),
    ),
    Operation(
        id="get_person",
        method="GET",
        path="/api/people/{id}",
        handler=person,
        summary="Show one person",
        tag="people",
        parameters=PERSON_PARAMETERS,
        path_parameters={"id": PERSON_ID},
        answers={
            200: Answer(
                description="The person.",
                content={JSON: Person},
                headers={"ETag": "The person's version and the name of these bytes."},
            ),
            **ANSWERS,
        },
        problems=(400, 404, 410),
    ),
    Operation(
        id="get_person_credits",
        method="GET",
        path="/api/people/{id}/credits",
        handler=person_credits,
        summary="Show what a person has done",
        description="The credits in published films, the newest films first.",
        tag="people",
        path_parameters={"id": PERSON_ID},
        answers={
            200: Answer(
                description="The credits.", content={JSON: PersonCredits}, headers={"ETag": "Names these bytes."}
            ),
            **ANSWERS,
        },
        problems=(400, 404, 410),
    ),
)
