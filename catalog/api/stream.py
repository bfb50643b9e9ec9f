"""`/api/changes/stream`: the changes as server-sent events (WHATWG HTML, 9.2)."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from functools import partial

from aiohttp import web

from catalog.api.broadcast import Batch, Broadcaster
from catalog.api.change_parameters import SINCE, STREAM_PARAMETERS
from catalog.api.changes import ADDRESS, HOW_TO_BEGIN, changed, page_since
from catalog.api.hop import demanded, hop
from catalog.api.http.answers import SHARED, raw_query
from catalog.api.http.limits import tell_rate
from catalog.api.http.operations import EVENT_STREAM, Answer, Operation
from catalog.api.http.parsers import Refused
from catalog.api.http.problems import BadRequest
from catalog.api.http.query import Query
from catalog.api.http.write_positions import brought
from catalog.api.keys import DRAINING, EXECUTOR
from catalog.api.representations import encode
from catalog.errors import Fault, Gone
from catalog.selectors.changes import ChangePage

logger = logging.getLogger(__name__)

BROADCASTER: web.AppKey[Broadcaster] = web.AppKey("broadcaster", Broadcaster)
CATCHING_UP: web.AppKey[asyncio.Semaphore] = web.AppKey("catching_up", asyncio.Semaphore)
"""Streams that read what they have missed from the database: few at once, however many come again at once."""

CATCHING_UP_AT_ONCE = 2
BATCH_LIMIT = 500
RETRY_MILLISECONDS = 2000
LAST_EVENT_ID = "Last-Event-ID"

HEADERS = (
    ("Content-Type", EVENT_STREAM),
    ("Cache-Control", "no-cache"),
    ("X-Accel-Buffering", "no"),  # nginx would collect events
    *SHARED,
)


async def broadcasting(app: web.Application) -> AsyncIterator[None]:
    """Reads the log for all streams, and ends them when the process drains; what aiohttp calls a clean-up context."""
    broadcaster = app[BROADCASTER] = Broadcaster(partial(read, app))
    app[CATCHING_UP] = asyncio.Semaphore(CATCHING_UP_AT_ONCE)
    tasks = [asyncio.create_task(broadcaster.run()), asyncio.create_task(drained(app))]
    yield
    broadcaster.drain()
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def drained(app: web.Application) -> None:
    await app[DRAINING].wait()
    app[BROADCASTER].drain()


async def read(app: web.Application, position: str | None) -> Batch:
    """The next batch for all listeners."""
    return await app[EXECUTOR].run(partial(batch_since, position))


def batch_since(position: str | None) -> Batch:
    """What has changed since a position; runs in the executor. One that is known no more is a reset too."""
    try:
        page = page_since(position, BATCH_LIMIT)
    except Gone:
        page = ChangePage([], page_since(None, 1).position, reset=True)
    return batch_of(position or page.position, page)


def batch_of(before: str, page: ChangePage) -> Batch:
    """A page as events."""
    told = [(b"reset", b"{}")] if page.reset else []
    told += [(each.kind.encode(), encode(changed(each))) for each in page.changes]
    ids = [before.encode()] * (len(told) - 1) + [page.position.encode()]
    events = b"".join(b"event: %b\nid: %b\ndata: %b\n\n" % (kind, at, data) for at, (kind, data) in zip(ids, told))  # noqa: B905
    return Batch(before, page.position, events, page.more)


def asked_for(request: web.Request) -> str | None:
    """The position that a stream goes on from: that of Last-Event-ID, which a client that comes again sends.

    Raises BadRequest.
    """
    query = Query(raw_query(request), STREAM_PARAMETERS)
    since = query.one(SINCE)
    if last := request.headers.get(LAST_EVENT_ID):
        try:
            since = SINCE.parser(last)
        except Refused as error:
            query.faults.append(Fault("#", error.code, f"{LAST_EVENT_ID} {error}."))
    if query.faults:
        raise BadRequest(query.faults)
    return since


async def stream(request: web.Request) -> web.StreamResponse:
    """Events until the client leaves, lags behind, or the process stops."""
    since = asked_for(request)
    if demanded(request) is not None or brought(request) is not None:
        await hop(request, bool)  # whoever may not read hears it now, and whoever has written begins after that
    if request.method == "HEAD":
        return web.Response(headers=dict(HEADERS))
    broadcaster = request.app[BROADCASTER]
    listener, begun = await broadcaster.join()
    try:
        missed = await first_missed(request, since or begun)
        response = web.StreamResponse(headers=dict(HEADERS))
        tell_rate(request, response)
        await response.prepare(request)
        await response.write(f"retry: {RETRY_MILLISECONDS}\nid: {since or begun}\n\n".encode())
        with suppress(ConnectionError):  # the client has gone
            await catch_up(request, response, missed)
            while events := await listener.next():
                await response.write(events)
    finally:
        broadcaster.leave(listener)
    return response


async def first_missed(request: web.Request, since: str) -> list[Batch]:
    """What has come since a position, if it was told lately; else its first batch. Raises Gone, BadRequest."""
    recalled = request.app[BROADCASTER].recall(since)
    if recalled is not None:
        return recalled
    async with request.app[CATCHING_UP]:
        return [await hop(request, partial(missed_since, since))]


def missed_since(since: str) -> Batch:
    """What a client has missed; runs in the executor. Raises Gone, which says how to begin again."""
    return batch_of(since, page_since(since, BATCH_LIMIT))


async def catch_up(request: web.Request, response: web.StreamResponse, missed: Iterable[Batch]) -> None:
    """Tell what was missed, up to where the listener has begun to listen, and maybe further."""
    batch = None
    for batch in missed:
        if batch.events:
            await response.write(batch.events)
    while batch is not None and batch.more:
        async with request.app[CATCHING_UP]:
            batch = await request.app[EXECUTOR].run(partial(batch_since, batch.after))
        await response.write(batch.events or b": \n\n")


OPERATIONS = (
    Operation(
        id="get_event_stream",
        method="GET",
        path=f"{ADDRESS}/stream",
        handler=stream,
        summary="Follow what changes",
        description="The changes as server-sent events: `event` is their kind, or `reset`, `data` is as in "
        "`/api/changes`, `id` a position from which nothing is missed. A client that comes again says its last one in "
        f"the header `{LAST_EVENT_ID}`, as browsers do; some events may then come twice. {HOW_TO_BEGIN}",
        tag="changes",
        parameters=STREAM_PARAMETERS,
        answers={200: Answer(description="Events, without end.", content={EVENT_STREAM: str})},
        problems=(400, 410),
        timed=False,
    ),
)
