"""The one hop of a request: all that it needs of the database is one unit, run in the executor."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from aiohttp import web

from catalog.api.http.authentication import ANYBODY, Demand, Unauthorized, admitted, bearer_digest
from catalog.api.http.limits import charged_alone, note, owed_in_hop, refuse
from catalog.api.http.operations import operation_of
from catalog.api.keys import EXECUTOR, POLICY, USES
from catalog.errors import NoSpace, OnlyReads
from catalog.services import only_reads, out_of_space
from catalog.values import Access, Scope
from catalog.values.rates import Spent

T = TypeVar("T")


async def hop(request: web.Request, unit: Callable[[], T], *, write: bool = False) -> T:
    """What `unit` gives back, run away from the event loop; `write` where it changes anything.

    The bearer is let in first, in the same unit. Raises what the unit raises; Unauthorized, Unknown and Forbidden;
    asyncio.QueueFull and ConnectionError as the executor does; NoSpace; OnlyReads where a standby is asked to write.
    """
    return await hop_as(request, lambda _: unit(), write=write)


async def hop_as(request: web.Request, unit: Callable[[Access], T], *, write: bool = False) -> T:
    """The same for a unit that takes who the bearer is."""
    demand, toll = demanded(request), owed_in_hop(request)
    receipts: list[Spent] = []
    paid = unit if toll is None else partial(charged, toll, receipts, unit)
    try:
        if demand is None:
            return await request.app[EXECUTOR].run(partial(paid, ANYBODY), write=write)
        access, result = await request.app[EXECUTOR].run(partial(let_in, demand, paid), write=write)
    except OnlyReads:
        if not charged_alone(request):
            raise
        return await hop_as(request, unit, write=write)
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
