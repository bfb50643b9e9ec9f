"""`/api/movies/bulk`: many films in one request, row by row or all or none, in bounded memory."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial
from typing import Any

import msgspec
from aiohttp import web

from catalog import services
from catalog.api.bulk_schemas import BulkAnswer, RowProblem, RowResult
from catalog.api.hop import hop, hop_as
from catalog.api.http.answers import JSON_TYPE, answer, freshness, raw_query
from catalog.api.http.bodies import checked_type, parsed, too_large
from catalog.api.http.failures import Refusal, request_id
from catalog.api.http.negotiation import JSON
from catalog.api.http.operations import JSON_LINES, Answer, Body, Operation, operation_of
from catalog.api.http.parsers import member
from catalog.api.http.preferences import idempotency_key
from catalog.api.http.problems import ADDRESS, KINDS, BadRequest
from catalog.api.http.query import Parameter, Query, by_name
from catalog.api.http.rows import ArrayRows, LineRows
from catalog.api.http.validation import validated
from catalog.errors import Clash, Fault, Invalid, NotFound
from catalog.services.inputs import FilmChanges
from catalog.values import Access, BulkMode, Scope

BODY_LIMIT_BYTES, ROW_LIMIT_BYTES = 64_000_000, 2_000_000
ROWS_LIMIT, ATOMIC_ROWS_LIMIT = 100_000, 10_000
BATCH_ROWS, BATCH_BYTES = 100, 1_000_000
"""Rows of one transaction where each stands for itself: so many that its commit costs little, so few that others wait
for it only a moment."""

SECONDS = 300.0
FAULT_LIMIT = 100

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


class Asked(msgspec.Struct, frozen=True):
    """How the rows are to be written."""

    key: str | None
    mode: BulkMode
    atomic: bool
    dry_run: bool
    request_id: str = ""


def asked_for(request: web.Request) -> Asked:
    """What the query says. Raises BadRequest with all faults."""
    query = Query(raw_query(request), PARAMETERS)
    key, mode = query.one(KEY), BulkMode(query.one(MODE) or BulkMode.UPSERT)
    atomic, dry_run = query.one(ATOMIC) == "true", query.one(DRY_RUN) == "true"
    if key is None and mode is not BulkMode.INSERT and "key" not in query.given:
        query.refuse("key", "required", f"mode={mode} needs key, which tells whether a film is there.")
    if query.faults:
        raise BadRequest(query.faults)
    if idempotency_key(request) is not None:
        rule = "Idempotency-Key has no meaning here: with key, mode=upsert may be sent again without harm."
        raise BadRequest([Fault("#", "misplaced", rule)])
    return Asked(key, mode, atomic, dry_run, request_id(request))


async def write_films(request: web.Request) -> web.Response:
    """Each row of the body as a film, within five minutes."""
    asked = asked_for(request)
    await hop(request, lambda: None)  # who may not write is told before 64 MB have come
    try:
        async with asyncio.timeout(SECONDS):
            results = await (together if asked.atomic or asked.dry_run else one_by_one)(request, asked)
    except TimeoutError as error:
        raise Refusal(
            408,
            f"All must be done within {SECONDS:g} seconds. What came before may be written: look at it.",
        ) from error
    failed = sum(result.problem is not None for result in results)
    told = BulkAnswer(
        created=sum(result.status == 201 for result in results),
        updated=sum(result.status == 200 for result in results),
        failed=failed,
        dry_run=asked.dry_run,
        rows=results,
    )
    return answer(207 if failed else 200, msgspec.json.encode(told), JSON_TYPE, [freshness(request)])


async def rows_of(request: web.Request) -> AsyncIterator[bytes]:
    """The rows of the body as they come. Raises BadRequest, and Refusal for more bytes than there may be."""
    operation = operation_of(request)
    media_type = checked_type(request, operation.body if operation and operation.body else Body(content={}))
    rows = ArrayRows(ROW_LIMIT_BYTES) if media_type == JSON else LineRows(ROW_LIMIT_BYTES)
    received = 0
    async for chunk in request.content.iter_any():
        received += len(chunk)
        if received > BODY_LIMIT_BYTES:
            raise too_large(BODY_LIMIT_BYTES)
        for row in rows.feed(chunk):
            yield row
    for row in rows.close():
        yield row


async def counted(rows: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
    """The same rows. Raises Refusal where there are more than `limit`."""
    count = 0
    async for row in rows:
        count += 1
        if count > limit:
            raise Refusal(413, f"The body may have at most {limit:,} rows.")
        yield row


async def together(request: web.Request, asked: Asked) -> list[RowResult]:
    """All rows in one transaction, which is taken back where it is only a trial. Raises Invalid with all faults."""
    rows = [row async for row in counted(rows_of(request), ATOMIC_ROWS_LIMIT)]
    return await hop_as(request, partial(all_or_none, asked, rows), write=True)


def all_or_none(asked: Asked, rows: Sequence[bytes], access: Access) -> list[RowResult]:
    """What comes of the rows; runs in the executor."""
    with services.writing(actor=access.name, request_id=asked.request_id):
        if asked.dry_run:
            with services.trial():
                return [tried(result) for result in written(asked, rows)]
        results = list(written(asked, rows))
        if faults := list(faults_of(results))[:FAULT_LIMIT]:
            raise Invalid(faults)
    return results


def faults_of(results: Sequence[RowResult]) -> Iterator[Fault]:
    """The faults of all rows, each under the number of its row."""
    for result in results:
        if result.problem is not None:
            own = result.problem.errors or [Fault("#", result.problem.type.rpartition("/")[2], result.problem.detail)]
            for fault in own:
                yield Fault(f"#/{result.row}{fault.pointer.removeprefix('#')}", fault.code, fault.detail)


def tried(result: RowResult) -> RowResult:
    """The result of a row that has been taken back: a new film's id means nothing then."""
    return msgspec.structs.replace(result, id=None) if result.status == 201 else result


async def one_by_one(request: web.Request, asked: Asked) -> list[RowResult]:
    """Each row for itself, written as the body comes, in transactions of some hundred rows."""
    results: list[RowResult] = []
    batch: list[bytes] = []
    async for row in counted(rows_of(request), ROWS_LIMIT):
        batch.append(row)
        if len(batch) >= BATCH_ROWS or sum(map(len, batch)) > BATCH_BYTES:
            results += await hop_as(request, partial(committed, asked, batch, len(results)), write=True)
            batch = []
    if batch:
        results += await hop_as(request, partial(committed, asked, batch, len(results)), write=True)
    return results


def committed(asked: Asked, rows: Sequence[bytes], first: int, access: Access) -> list[RowResult]:
    """What comes of these rows, of which `first` is the number of the first; runs in the executor."""
    with services.writing(actor=access.name, request_id=asked.request_id):
        return list(written(asked, rows, first))


def written(asked: Asked, rows: Sequence[bytes], first: int = 0) -> Iterator[RowResult]:
    """The result of each row; one that fails leaves nothing behind."""
    for number, row in enumerate(rows, first):
        try:
            values, form = validated(parsed(row), FilmChanges, FilmChanges)
            film_id, is_new = services.write_row(values=values, key=asked.key, mode=asked.mode, form=form)
        except (BadRequest, Invalid, Clash, NotFound) as error:
            yield failed_row(number, error)
        else:
            yield RowResult(row=number, status=201 if is_new else 200, id=film_id)


STATUSES: dict[type[Exception], int] = {BadRequest: 400, NotFound: 404, Clash: 409, Invalid: 422}


def failed_row(number: int, error: Any) -> RowResult:
    """A row that breaks a rule, with its problem."""
    status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    faults = tuple(getattr(error, "faults", ()))
    detail = str(error) if len(faults) != 1 else faults[0].detail
    kind = KINDS[status]
    problem = RowProblem(f"{ADDRESS}/{kind.slug}", kind.title, status, detail, faults)
    return RowResult(row=number, status=status, problem=problem)


OPERATIONS = (
    Operation(
        id="write_movies",
        method="POST",
        path="/api/movies/bulk",
        handler=write_films,
        summary="Write many films",
        description=(
            "A JSON array, or JSON Lines: a film a row. `key` finds those that are there; they are changed in what "
            "their rows name, the others are made. Rows that fail leave nothing; with `atomic=true` none does then."
        ),
        tag="movies",
        parameters=PARAMETERS,
        body=Body(content={JSON: list[FilmChanges], JSON_LINES: None}, limit_bytes=BODY_LIMIT_BYTES),
        scope=Scope.WRITE_MOVIES,
        answers={
            200: Answer(description="Every row is written.", content={JSON: BulkAnswer}),
            207: Answer(description="Not every row is written; the others say why not.", content={JSON: BulkAnswer}),
        },
        problems=(422, 507),
    ),
)
