"""The one hop of a request: all that it needs of the database is one unit, run in the executor."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Generic, TypeVar

from aiohttp import web

from catalog.api.http.authentication import ANYBODY, Demand, Unauthorized, admitted, bearer_digest
from catalog.api.http.failures import request_id
from catalog.api.http.limits import charged_alone, note, owed_in_hop, refuse
from catalog.api.http.operations import operation_of
from catalog.api.http.write_positions import brought, note_position
from catalog.api.keys import EXECUTOR, POLICY, USES
from catalog.changes import replay
from catalog.errors import Behind, NoSpace, OnlyReads
from catalog.services import only_reads, out_of_space
from catalog.values import Access, Scope
from catalog.values.rates import Spent
from catalog.values.replication import WritePosition

T = TypeVar("T")

WAIT_SECONDS = 2.0
"""The longest wait for a replica. One that follows is milliseconds behind; one that does not would only take the time
of a client who may ask the primary."""

FIRST_PAUSE_SECONDS = 0.005
"""Doubled with each attempt: ten in two seconds."""


class Anyones(Generic[T]):
    """A unit that does not ask who the bearer is."""

    def __init__(self, unit: Callable[[], T]) -> None:
        self.unit = unit

    def __call__(self, access: Access) -> T:  # noqa: ARG002
        return self.unit()


async def hop(request: web.Request, unit: Callable[[], T], *, write: bool = False) -> T:
    """What `unit` gives back, run away from the event loop; `write` where it changes anything.

    The bearer is let in first, in the same unit. Raises what the unit raises; Unauthorized, Unknown and Forbidden;
    asyncio.QueueFull and ConnectionError as the executor does; NoSpace; OnlyReads where a standby is asked to write.
    """
    return await hop_as(request, Anyones(unit), write=write)


async def hop_as(request: web.Request, unit: Callable[[Access], T], *, write: bool = False) -> T:
    """The same for a unit that takes who the bearer is. A read that brings the position of a write waits for it.

    Raises Behind where that takes too long, Lost.
    """
    if write:
        found: list[WritePosition] = []
        try:
            return await one_hop(request, partial(noting, request_id(request), found, unit), write=True)
        finally:
            note_position(request, found)
    position = brought(request)
    if position is None:
        return await one_hop(request, unit)
    return await once_replayed(request, partial(one_hop, request, partial(showing, position, unit)))


async def one_hop(request: web.Request, unit: Callable[[Access], T], *, write: bool = False) -> T:
    """What the unit gives back, let in and paid for."""
    demand, toll = demanded(request), owed_in_hop(request)
    receipts: list[Spent] = []
    paid = unit if toll is None else partial(charged, toll, receipts, unit)
    try:
        if demand is None:
            # What stands alone in its hop reaches the executor as it is, which may join it with others.
            alone = paid.unit if isinstance(paid, Anyones) else partial(paid, ANYBODY)
            return await request.app[EXECUTOR].run(alone, write=write)
        access, result = await request.app[EXECUTOR].run(partial(let_in, demand, paid), write=write)
    except OnlyReads:
        if not charged_alone(request):
            raise
        return await one_hop(request, unit, write=write)
    except ConnectionError as error:
        if (known := told_apart(error)) is not None:
            raise known from error
        raise
    finally:
        note(request, receipts)
    request.app[USES][access.id] = datetime.now(UTC)
    return result


def told_apart(error: ConnectionError) -> NoSpace | OnlyReads | None:
    """What the database's trouble is, where that is known: it is full, or a standby."""
    if out_of_space(error):
        return NoSpace("The database's disk is full.")
    return OnlyReads("The database takes no change here.") if only_reads(error) else None


async def once_replayed(request: web.Request, attempt: Callable[[], Awaitable[T]]) -> T:
    """What the attempt gives back, made again with growing pauses while a replica is behind. Raises Behind in the end.

    No thread waits meanwhile, and each attempt may meet another replica.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + min(WAIT_SECONDS, request.app[POLICY].request_seconds / 2)
    pause_seconds = FIRST_PAUSE_SECONDS
    while True:
        try:
            return await attempt()
        except Behind:
            if (left := until - loop.time()) <= 0:
                raise
        await asyncio.sleep(min(pause_seconds, left))
        pause_seconds *= 2


def noting(request_id: str, found: list[WritePosition], unit: Callable[[Access], T], access: Access) -> T:
    """What the unit gives back, and where the database stands after it; runs in the executor."""
    result = unit(access)
    if (position := replay.written(request_id)) is not None:
        found.append(position)
    return result


def showing(position: WritePosition, unit: Callable[[Access], T], access: Access) -> T:
    """What the unit reads, on a connection that shows that write; runs in the executor. Raises Behind and Lost."""
    replay.must_show(position)
    return unit(access)


def let_in(demand: Demand, unit: Callable[[Access], T]) -> tuple[Access, T]:
    """The bearer, and what the unit gives back for them; runs in the executor."""
    access = admitted(demand)
    return access, unit(access)


def charged(toll: Callable[[], Spent], receipts: list[Spent], unit: Callable[[Access], T], access: Access) -> T:
    """What the unit gives back, once it has been paid for; runs in the executor. Raises Refusal with 429."""
    receipts.append(toll())
    refuse(receipts[0])
    return unit(access)


def demanded(request: web.Request) -> Demand | None:
    """What a request must show; None where anybody may ask and nobody is named. Raises Unauthorized."""
    digest = bearer_digest(request)
    scope = needed_scope(request)
    if digest is None and scope is None:
        return None
    if digest is None:
        raise Unauthorized(f"This needs a token with the scope {scope}.")
    return Demand(digest, scope)


def needed_scope(request: web.Request) -> str | None:
    """The scope that the operation needs, if any; a read needs one only where reads are not open to all."""
    operation = operation_of(request)
    if operation is not None and operation.scope is not None:
        return operation.scope
    return None if request.app[POLICY].public_read else Scope.READ_MOVIES
