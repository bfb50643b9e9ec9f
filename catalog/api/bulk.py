"""`/api/movies/bulk`: many films in one request, row by row or all or none, in bounded memory."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

from catalog import services
from catalog.api import bulk_units as units
from catalog.api.bulk_results import Results, Told
from catalog.api.bulk_schemas import BulkAnswer
from catalog.api.bulk_units import Asked
from catalog.api.hop import hop, hop_as
from catalog.api.http.answers import JSON_TYPE, SHARED, freshness, raw_query
from catalog.api.http.failures import Refusal, request_id
from catalog.api.http.incoming import Incoming
from catalog.api.http.limits import tell_rate
from catalog.api.http.negotiation import JSON
from catalog.api.http.operations import JSON_LINES, STREAMED_BYTES, Answer, Body, Operation
from catalog.api.http.parsers import member
from catalog.api.http.preferences import idempotency_key
from catalog.api.http.problems import BadRequest
from catalog.api.http.query import Parameter, Query, by_name
from catalog.api.http.spool import Spool
from catalog.api.http.write_positions import tell_position
from catalog.api.keys import POLICY
from catalog.api.writing import REPLAYED, name_of, sole
from catalog.services.inputs import FilmChanges
from catalog.values import BulkMode, Scope

ROW_LIMIT_BYTES = 2_000_000
ROWS_LIMIT, ATOMIC_ROWS_LIMIT = 100_000, 10_000
BATCH_ROWS, BATCH_BYTES = 100, 1_000_000
"""Rows of one transaction where each stands for itself: so many that its commit costs little, so few that others wait
for it only a moment."""

KEY = Parameter(
    name="key",
    parser=member(services.BULK_KEYS, "key"),
    description="What tells which film a row means; needed unless every row is a new film.",
    example="imdb_id",
)
MODE = Parameter(
    name="mode",
    parser=member([mode.value for mode in BulkMode], "mode"),
    description="Whether films are made, changed, or both. One that is there is changed in what its row names.",
    default=BulkMode.UPSERT.value,
)
ATOMIC = Parameter(
    name="atomic",
    parser=member(["true", "false"], "value"),
    description=f"All rows or none, of at most {ATOMIC_ROWS_LIMIT:,}.",
    default="false",
)
DRY_RUN = Parameter(
    name="dry_run",
    parser=member(["true", "false"], "value"),
    description=f"Only tell what would come of it, of at most {ATOMIC_ROWS_LIMIT:,} rows.",
    default="false",
)
PARAMETERS = by_name((KEY, MODE, ATOMIC, DRY_RUN))


def asked_for(request: web.Request) -> Asked:
    """What the query says. Raises BadRequest with all faults."""
    query = Query(raw_query(request), PARAMETERS)
    key, mode = query.one(KEY), BulkMode(query.one(MODE) or BulkMode.UPSERT)
    atomic, dry_run = query.one(ATOMIC) == "true", query.one(DRY_RUN) == "true"
    if key is None and mode is not BulkMode.INSERT and "key" not in query.given:
        query.refuse("key", "required", f"mode={mode} needs key, which tells whether a film is there.")
    if query.faults:
        raise BadRequest(query.faults)
    return Asked(
        *(key, mode, atomic, dry_run, request_id(request)),
        name=name_of(request),
        once=idempotency_key(request),
        owner=secrets.token_hex(16),
    )


async def write_films(request: web.Request) -> web.StreamResponse:
    """Each row of the body as a film, within five minutes."""
    asked = asked_for(request)
    with sole(request, asked.once):
        told, replayed = await (all_at_once if asked.atomic or asked.dry_run else one_by_one)(request, asked)
    headers = [("Content-Type", JSON_TYPE), *SHARED, freshness(request), ("Content-Length", str(told.length))]
    if replayed:
        headers.append(("Idempotency-Replayed", "true"))
    response = web.StreamResponse(status=told.status, headers=CIMultiDict(headers))
    tell_rate(request, response)
    tell_position(request, response)
    await response.prepare(request)
    for piece in told.pieces():
        await response.write(piece)
    await response.write_eof()
    return response


async def all_at_once(request: web.Request, asked: Asked) -> tuple[Told, bool]:
    """The answer to rows in one transaction, and whether it was kept; they wait on the disk for their last."""
    await hop(request, lambda: None)  # who may not write is told before 64 MB have come
    spool = Spool()
    async with within_time(request):
        body = await read_rows(request, ATOMIC_ROWS_LIMIT, spool.add)
        return await hop_as(request, partial(units.all_or_none, asked, spool.rows(), body), write=True)


async def one_by_one(request: web.Request, asked: Asked) -> tuple[Told, bool]:
    """The answer to rows that each stand for themselves, and whether it was kept."""
    if not await hop_as(request, partial(units.begun, asked), write=asked.once is not None):
        async with within_time(request):
            body = await read_rows(request, ROWS_LIMIT, lambda _: None)
        return await hop_as(request, partial(units.kept, asked, body), write=True), True
    try:
        async with within_time(request):
            return await by_batches(request, asked), False
    except Exception:
        if asked.once is not None:
            # Where this fails too, the claim ends by itself.
            with suppress(ConnectionError, asyncio.QueueFull):
                await hop_as(request, partial(units.failed, asked), write=True)
        raise


async def by_batches(request: web.Request, asked: Asked) -> Told:
    """The answer to rows written as the body comes, in transactions of some hundred rows."""
    results = Results()
    batch: list[bytes] = []
    incoming = Incoming(request, ROWS_LIMIT, ROW_LIMIT_BYTES)
    async for row in incoming.rows():
        if len(batch) >= BATCH_ROWS or sum(map(len, batch)) > BATCH_BYTES:
            results = await hop_as(request, partial(units.committed, asked, results, batch), write=True)
            batch = []
        batch.append(row)
    return await hop_as(request, partial(units.finished, asked, results, batch, incoming.digest()), write=True)


async def read_rows(request: web.Request, limit: int, keep: Callable[[bytes], Any]) -> bytes:
    """The digest of the body, each row of which is given to `keep`."""
    incoming = Incoming(request, limit, ROW_LIMIT_BYTES)
    async for row in incoming.rows():
        keep(row)
    return incoming.digest()


@asynccontextmanager
async def within_time(request: web.Request) -> AsyncIterator[None]:
    """What is done here ends within the time that there is. Raises Refusal with 408."""
    seconds = request.app[POLICY].bulk_seconds
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        told = f"All must be done within {seconds:g} seconds. What came before may be written: look at it."
        raise Refusal(408, told) from error


OPERATIONS = (
    Operation(
        id="write_movies",
        method="POST",
        path="/api/movies/bulk",
        handler=write_films,
        summary="Write many films",
        description=(
            "A JSON array, or JSON Lines: a film a row. `key` finds those that are there; they are changed in what "
            "their rows name, the others are made. Rows that fail leave nothing; with `atomic=true` none does then. An "
            "`Idempotency-Key` makes it safe to send again: within 24 hours the same answer comes back. Where it was "
            "cut off between rows, it begins anew, and finds by `key` what is written already."
        ),
        tag="movies",
        parameters=PARAMETERS,
        body=Body(content={JSON: list[FilmChanges], JSON_LINES: None}, limit_bytes=STREAMED_BYTES),
        scope=Scope.WRITE_MOVIES,
        answers={
            200: Answer(description="Every row is written.", content={JSON: BulkAnswer}, headers=REPLAYED),
            207: Answer(
                description="Not every row is written; the others say why not.",
                content={JSON: BulkAnswer},
                headers=REPLAYED,
            ),
        },
        problems=(409, 422, 507),
        timed=False,
    ),
)
