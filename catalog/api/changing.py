"""How rows are made, replaced, changed and deleted by their addresses: one mechanism for films and people."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from aiohttp import web

from catalog.api import params
from catalog.api.hop import hop
from catalog.api.http.answers import raw_query, redirect
from catalog.api.http.bodies import parsed
from catalog.api.http.negotiation import JSON
from catalog.api.http.operations import MERGE_PATCH, Answer, Body, Operation
from catalog.api.http.validation import validated
from catalog.api.representations import encode
from catalog.api.writing import APPLIED, REPLAYED, Done, Write, written
from catalog.values import IdSource, Scope

TAG = "Its version and the name of these bytes."
PROBLEMS = (404, 409, 410, 412, 428, 507)
SAFELY = "An `Idempotency-Key` makes it safe to send again: within 24 hours the same answer comes back."


@dataclass(frozen=True, kw_only=True)
class Store:
    """What writes and shows the rows; runs in the executor.

    create takes the keyword arguments values and form and gives the new id; change takes row_id, values, whole,
    condition and form; delete takes row_id and condition. record gives what a row looks like now.
    """

    create: Callable[..., int]
    change: Callable[..., int]
    delete: Callable[..., None]
    record: Callable[[int], Mapping[str, Any]]
    id_of: Callable[[IdSource, str], int]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What is written at one path, and in which words it is told.

    name: of its operations, as in `create_movie`. shown: what an answer looks like; whole and changes: the bodies of
    POST and PUT, and of PATCH. absent: what a member becomes that PUT leaves out. deletion: what DELETE does.
    """

    name: str
    noun: str
    tag: str
    path: str
    id_schema: Mapping[str, Any]
    name_of: Callable[[str], int | tuple[IdSource, str]]
    shown: type[msgspec.Struct]
    whole: type[msgspec.Struct]
    changes: type[msgspec.Struct]
    store: Store
    scope: Scope
    absent: str
    deletion: str

    async def create(self, request: web.Request) -> web.Response:
        """Something new."""
        params.nothing(raw_query(request))
        return await written(request, self.created)

    def created(self, write: Write) -> Done:
        """The new row; runs in the executor. Raises BadRequest, Invalid and Clash."""
        values, form = validated(parsed(write.body), self.whole, self.changes)
        row_id = self.store.create(values=values, form=form)
        return self.done(row_id, status=201, location=f"{self.path}/{row_id}")

    async def replace(self, request: web.Request) -> web.Response:
        """A row, written anew."""
        return await self.at_address(request, partial(self.changed, kind=self.whole))

    async def change(self, request: web.Request) -> web.Response:
        """A row, changed in part."""
        return await self.at_address(request, partial(self.changed, kind=self.changes))

    def changed(self, row_id: int, write: Write, *, kind: type[msgspec.Struct]) -> Done:
        """The row with what the body names changed, and of a `whole` one the rest too; runs in the executor."""
        values, form = validated(parsed(write.body), kind, self.changes)
        whole = kind is self.whole
        self.store.change(row_id=row_id, values=values, whole=whole, condition=write.condition, form=form)
        return self.done(row_id, status=200)

    async def delete(self, request: web.Request) -> web.Response:
        """A row no longer."""
        return await self.at_address(request, self.deleted)

    def deleted(self, row_id: int, write: Write) -> Done:
        self.store.delete(row_id=row_id, condition=write.condition)
        return Done(status=204)

    async def at_address(self, request: web.Request, work: Callable[[int, Write], Done]) -> web.Response:
        """The work on the row that the address names, or the way from an external id to it."""
        params.nothing(raw_query(request))
        name = self.name_of(request.match_info["id"])
        if isinstance(name, int):
            return await written(request, partial(work, name))
        row_id = await hop(request, partial(self.store.id_of, *name))
        return redirect(307, f"{self.path}/{row_id}", request)

    def done(self, row_id: int, *, status: int, location: str | None = None) -> Done:
        """What is done, with the row as it is now."""
        record = self.store.record(row_id)
        return Done(status=status, body=encode(record), version=record["version"], location=location)


def operations(kind: Kind) -> Iterator[Operation]:
    """POST at the path of a kind; PUT, PATCH and DELETE at the address of each."""
    whole = Body(content={JSON: kind.whole})
    answers = answers_changed(kind)
    at_address: dict[str, Any] = {
        "path": f"{kind.path}/{{id}}",
        "path_parameters": {"id": kind.id_schema},
        "tag": kind.tag,
        "scope": kind.scope,
    }
    yield Operation(
        id=f"create_{kind.name}", method="POST", path=kind.path, handler=kind.create, summary=f"Create a {kind.noun}",
        description=SAFELY, tag=kind.tag, body=whole, scope=kind.scope, answers=answers_made(kind),
        problems=(409, 422, 507),
    )  # fmt: skip
    yield Operation(
        id=f"replace_{kind.name}", method="PUT", handler=kind.replace, summary=f"Replace a {kind.noun}",
        description=f"What the body leaves out becomes {kind.absent}. What GET answers may be sent.",
        body=whole, answers=answers, problems=(*PROBLEMS, 422), **at_address,
    )  # fmt: skip
    yield Operation(
        id=f"change_{kind.name}", method="PATCH", handler=kind.change, summary=f"Change a {kind.noun}",
        description="A merge patch (RFC 7396): only what the body names is changed. Lists are replaced as a whole.",
        body=Body(content={MERGE_PATCH: kind.changes}), answers=answers, problems=(*PROBLEMS, 422), **at_address,
    )  # fmt: skip
    yield Operation(
        id=f"delete_{kind.name}", method="DELETE", handler=kind.delete, summary=f"Delete a {kind.noun}",
        description=kind.deletion, answers={each: answers[each] for each in (204, 307, 308)}, problems=PROBLEMS,
        **at_address,
    )  # fmt: skip


def answers_changed(kind: Kind) -> dict[int, Answer]:
    """How a change of something that is there is answered."""
    return {
        200: Answer(
            description=f"The {kind.noun} as it is now.",
            content={JSON: kind.shown},
            headers={"ETag": TAG, "Content-Location": "Its address.", "Preference-Applied": APPLIED},
        ),
        204: Answer(description="Done; no more was asked for."),
        307: Answer(description="An external id: the address by our own.", headers={"Location": "That address."}),
        308: Answer(description=f"Another {kind.noun} has taken this one in.", headers={"Location": "Its address."}),
    }


def answers_made(kind: Kind) -> dict[int, Answer]:
    """How the making of something new is answered."""
    made = Answer(
        description=f"The new {kind.noun}; without a body where `Prefer: return=minimal` asks for none.",
        content={JSON: kind.shown},
        headers={
            "ETag": TAG,
            "Location": "Its address.",
            "Content-Location": "The same.",
            "Preference-Applied": APPLIED,
            **REPLAYED,
        },
    )
    return {201: made}
