"""`/api/movies.jsonl` and `/api/movies.csv`: the whole list, or any filter of it, as it is read."""

import csv
import io
import logging
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler
from multidict import CIMultiDict

from catalog import selectors
from catalog.api.export_params import Export, read_export
from catalog.api.export_schemas import ExportedFilm
from catalog.api.hop import hop
from catalog.api.http import cursors
from catalog.api.http.answers import CHOSEN_BY, SHARED, coding_of, freshness, raw_query
from catalog.api.http.codings import IDENTITY, STREAMS, Stream
from catalog.api.http.limits import tell_rate
from catalog.api.http.operations import CSV, JSON_LINES, Answer, Operation
from catalog.api.http.query import Parameter
from catalog.api.parameters import CSV_PARAMETERS, EXPORTED_CURSOR, JSONL_PARAMETERS
from catalog.api.representations import encode
from catalog.api.understanding import understood
from catalog.values import FilmBatch, FilmQuery

logger = logging.getLogger(__name__)

FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""What makes a spreadsheet take a text for a formula, in the full width of CJK too (OWASP, CSV injection)."""


class Part(NamedTuple):
    """What is sent next, and the query of what follows; None at the end."""

    body: bytes
    following: FilmQuery | None


class Form(NamedTuple):
    """One way to write films down. begin: what stands before the first; lines: what a batch becomes."""

    parameters: Mapping[str, Parameter[Any]]
    content_type: str
    begin: Callable[[Export], bytes]
    lines: Callable[[Iterator[dict[str, Any]]], bytes]


def handler(form: Form) -> Handler:
    """The handler of the export in one form."""

    async def export(request: web.Request) -> web.StreamResponse:
        asked = read_export(raw_query(request), form.parameters)
        coding = coding_of(request)
        stream = STREAMS[coding]()
        # The first part is read before anything is sent: what goes wrong with it can still be told.
        part = await hop(request, partial(first_part, form, asked, stream))
        response = web.StreamResponse(headers=headers(request, form, coding))
        tell_rate(request, response)
        await response.prepare(request)
        if request.method != "HEAD":
            await pour(request, response, part, partial(next_part, form, asked, stream))
        return response

    return export


async def pour(
    request: web.Request, response: web.StreamResponse, part: Part, following: Callable[[FilmQuery], Part]
) -> None:
    """Send one part after the other, each read in a hop of its own, so that no connection is held while one is sent.

    An error ends the connection, not the body: what is cut off must not look whole.
    """
    try:
        await response.write(part.body)
        while part.following is not None:
            part = await hop(request, partial(following, part.following))
            await response.write(part.body)
    except ConnectionResetError:
        raise  # the client has gone, and with it the work
    except Exception as error:
        logger.exception("an export was cut off (request %s)", request.headers.get("X-Request-ID", ""))
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError("the export was cut off") from error
    await response.write_eof()


def headers(request: web.Request, form: Form, coding: str) -> "CIMultiDict[str]":
    """The headers of an export, which has no tag: its bytes are not known before they have been sent."""
    given = [("Content-Type", form.content_type), *SHARED, freshness(request), CHOSEN_BY]
    return CIMultiDict(given if coding == IDENTITY else [*given, ("Content-Encoding", coding)])


def first_part(form: Form, asked: Export, stream: Stream) -> Part:
    """The beginning; runs in the executor. Raises BadRequest with all faults, those of the values included."""
    with understood(asked.query, asked.faults):
        return next_part(form, asked, stream, asked.query, begin=form.begin(asked))


def next_part(form: Form, asked: Export, stream: Stream, query: FilmQuery, begin: bytes = b"") -> Part:
    """One batch, coded; runs in the executor."""
    batch = selectors.film_batch(query)
    body = stream.feed(begin + form.lines(rows(asked, batch)))
    if not batch.more:
        return Part(body + stream.finish(), None)
    return Part(body, msgspec.structs.replace(query, position=batch.positions[-1]))


def rows(asked: Export, batch: FilmBatch) -> Iterator[dict[str, Any]]:
    """What each film shows, its cursor last."""
    for record, position in zip(batch.records, batch.positions, strict=True):
        row = msgspec.structs.asdict(record)
        if asked.with_cursor:
            row[EXPORTED_CURSOR] = cursors.encode(position, asked.shape)
        yield row


def json_lines(shown: Iterator[dict[str, Any]]) -> bytes:
    """A line of JSON for each film."""
    return b"".join(encode(row) + b"\n" for row in shown)


def csv_lines(shown: Iterator[dict[str, Any]]) -> bytes:
    """A line for each film (RFC 4180); unknown is empty."""
    return written([guarded(value) for value in msgspec.to_builtins(row).values()] for row in shown)


def csv_header(asked: Export) -> bytes:
    """The names of the columns."""
    return written([[*asked.query.fields, *([EXPORTED_CURSOR] if asked.with_cursor else [])]])


def written(lines: "Iterator[list[Any]] | list[list[Any]]") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode()


def guarded(value: Any) -> Any:
    """The value, with an apostrophe before a text that a spreadsheet would run.

    So has one that begins with apostrophes and goes on like that: to take one away gives every text back.

    >>> guarded("=SUM(A1)"), guarded("'71"), guarded("'=1")
    ("'=SUM(A1)", "'71", "''=1")
    """
    return f"'{value}" if isinstance(value, str) and value.lstrip("'").startswith(FORMULA) else value


FORMS = {
    "jsonl": Form(JSONL_PARAMETERS, JSON_LINES, lambda _: b"", json_lines),
    "csv": Form(CSV_PARAMETERS, f"{CSV}; charset=utf-8; header=present", csv_header, csv_lines),
}

DESCRIPTION = """\
The whole list, or any filter of it, streamed as it is read. Each film ends with its `cursor`, unless `fields` leaves it
out: whoever was cut off asks for the same list again with `cursor=` as it stands in the last whole line, and goes on
after that film. An answer that ends properly is complete; after an error midway the connection is cut.\
"""

OPERATIONS = (
    Operation(
        id="export_movies_jsonl",
        method="GET",
        path="/api/movies.jsonl",
        handler=handler(FORMS["jsonl"]),
        summary="Export films as JSON Lines",
        description=DESCRIPTION,
        tag="movies",
        parameters=JSONL_PARAMETERS,
        answers={200: Answer(description="A film a line.", content={JSON_LINES: ExportedFilm})},
        problems=(400,),
        timed=False,
    ),
    Operation(
        id="export_movies_csv",
        method="GET",
        path="/api/movies.csv",
        handler=handler(FORMS["csv"]),
        summary="Export films as CSV",
        description=DESCRIPTION
        + "\n\nRFC 4180 with a header; unknown is empty. A text that a spreadsheet would take for a formula has an "
        "apostrophe before it.",
        tag="movies",
        parameters=CSV_PARAMETERS,
        answers={200: Answer(description="A header, and a film a line.", content={CSV: str})},
        problems=(400,),
        timed=False,
    ),
)
