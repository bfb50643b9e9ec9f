"""Changes as units: bearer, idempotency record, the work and its rendering in one hop and one transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import msgspec
from aiohttp import web
from multidict import CIMultiDict

from catalog import services
from catalog.api.hop import hop_as
from catalog.api.http.answers import CHOSEN_BY, JSON_TYPE, SHARED, Coded, coded, coding_of, freshness
from catalog.api.http.authentication import ANYBODY
from catalog.api.http.bodies import whole_body
from catalog.api.http.codings import IDENTITY
from catalog.api.http.failures import request_id
from catalog.api.http.operations import operation_of
from catalog.api.http.preconditions import condition_of
from catalog.api.http.preferences import idempotency_key, wanted_return
from catalog.api.keys import RUNNING
from catalog.errors import KeyInUse
from catalog.services import Kept
from catalog.values import Access, Condition

MINIMAL = "minimal"
APPLIED = "Which preference (RFC 7240) was followed."
REPLAYED = {"Idempotency-Replayed": "`true` where this was the answer to an earlier request."}


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """What a request to change something brings along. name: method and path; key: its Idempotency-Key.

    access: who asks, once they have been let in.
    """

    body: bytes
    condition: Condition
    name: str
    key: str | None
    request_id: str
    coding: str
    access: Access = ANYBODY


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. location: of what has been made; version: of the film or person; no body: deleted."""

    status: int
    body: bytes = b""
    version: int | None = None
    location: str | None = None
    replayed: bool = False


Work = Callable[[Write], Done]


async def written(request: web.Request, work: Work) -> web.Response:
    """The answer to a change: `work` does it, in the executor, for a bearer who may.

    Raises what the work raises; BadRequest, Refusal and KeyInUse.
    """
    write = await read(request)
    done, content = await alone(request, write, partial(performed, write, work))
    return answered(request, done, content)


async def read(request: web.Request) -> Write:
    """What the request brings along. Raises BadRequest and Refusal."""
    operation = operation_of(request)
    is_post = request.method == "POST"
    condition = Condition() if is_post else condition_of(request)
    key = idempotency_key(request) if is_post else None
    body = b"" if operation is None or operation.body is None else await whole_body(request, operation.body)
    return Write(
        body=body,
        condition=condition,
        name=name_of(request),
        key=key,
        request_id=request_id(request),
        coding=coding_of(request),
    )


async def alone(request: web.Request, write: Write, unit: Callable[[Access], Any]) -> Any:
    """What the unit gives back; of requests with one key, one is worked on at a time. Raises KeyInUse to the others."""
    with sole(request, write.key):
        return await hop_as(request, unit, write=True)


@contextmanager
def sole(request: web.Request, key: str | None) -> Iterator[None]:
    """A time in which no other request with this key is worked on here; without a key there is nothing to wait for.

    Raises KeyInUse where one is.
    """
    if key is None:
        yield
        return
    running = request.app[RUNNING]
    name = services.digest(request.headers.get("Authorization", "").encode(), name_of(request).encode(), key.encode())
    if name in running:
        raise KeyInUse("The request with this Idempotency-Key is still being worked on.")
    running.add(name)
    try:
        yield
    finally:
        running.discard(name)


def name_of(request: web.Request) -> str:
    """What a key belongs to beside its token: the method and the path."""
    return f"{request.method} {request.path}"


def record_key(access: Access, name: str, key: str) -> str:
    """Under which name the answer to a request with a key is kept."""
    return services.digest(str(access.id).encode(), name.encode(), key.encode())


def performed(write: Write, work: Work, access: Access) -> tuple[Done, Coded]:
    """The work done in one transaction, or the kept answer of when it was; runs in the executor."""
    write = msgspec.structs.replace(write, access=access)
    with services.writing(actor=access.name, request_id=write.request_id):
        done = work(write) if write.key is None else once(write, work)
    return done, coded(done.body, write.coding, done.version)


def once(write: Write, work: Work) -> Done:
    """The same for a request with a key: done if it has not been, and kept with what it did."""
    key = record_key(write.access, write.name, write.key or "")
    request = services.digest(write.body)
    kept = services.kept_answer(key=key, request=request)
    if kept is not None:
        return Done(status=kept.status, body=kept.body, version=kept.version, location=kept.location, replayed=True)
    done = work(write)
    services.keep_answer(key=key, request=request, kept=Kept(done.status, done.body, done.location, done.version))
    return done


def answered(request: web.Request, done: Done, content: Coded) -> web.Response:
    """What is done as an answer; without its body where the client prefers that (RFC 7240, 4.2)."""
    headers = CIMultiDict([*SHARED, freshness(request), CHOSEN_BY])
    preferred = wanted_return(request)
    if done.location is not None:
        headers["Location"] = done.location
    if done.replayed:
        headers["Idempotency-Replayed"] = "true"
    if not done.body:
        return web.Response(status=done.status, headers=headers)
    if preferred is not None:
        headers["Preference-Applied"] = f"return={preferred}"
    # A bare 204 to PUT would say by a tag that the body was stored as it came (RFC 9110, 9.3.4).
    if not (preferred == MINIMAL and request.method == "PUT") and done.version is not None:
        headers["ETag"] = content.tag
    if preferred == MINIMAL:
        return web.Response(status=204 if done.status == 200 else done.status, headers=headers)
    headers["Content-Type"] = JSON_TYPE
    if done.version is not None:
        headers["Content-Location"] = done.location or request.rel_url.raw_path
    if content.coding != IDENTITY:
        headers["Content-Encoding"] = content.coding
    return web.Response(status=done.status, body=content.body, headers=headers)
