"""`/api/openapi.json`: what this API is, for programs that make clients, tests and pages of it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
from aiohttp import web

from catalog.api import params
from catalog.api.http import openapi
from catalog.api.http.answers import Fixed, coding_of, json_answer, raw_query
from catalog.api.http.negotiation import JSON
from catalog.api.http.operations import Answer, Operation
from catalog.api.index import installed_version
from catalog.api.samples import SAMPLES
from catalog.changes import surrogates
from catalog.values import Scope

DOCUMENT: web.AppKey[Fixed] = web.AppKey("document", Fixed)

DESCRIPTION = """\
A catalogue of films, their people and all that belongs to them.

**Fresh.** Every answer reflects every change that was committed before the request arrived, whoever made it. Answers
carry an `ETag`; send it back as `If-None-Match` and an unchanged answer is 304 without a body.

**Strict.** Nothing is ignored in silence: an unknown parameter, field, sort or value is 400, and names the nearest one
if one is near. Every error, from every layer, is `application/problem+json` (RFC 9457) and tells all faults at once.

**Lists** come in an envelope of `data` and `page`, and are walked by `page.next`, an address that is used as it is; the
header `Link` repeats it. A walk stands still while rows come and go around it: what stood there throughout comes once.

**Values.** Times are RFC 3339 in UTC, dates ISO 8601, countries ISO 3166-1, languages ISO 639, running times minutes,
money whole US dollars. What is not known is `null`.

**Methods.** `HEAD` stands wherever `GET` does; `OPTIONS` answers 204 with `Allow`. No address ends with a slash: one
that does is led on by 308. Answers are compressed by `Accept-Encoding`: zstd, br, gzip.

**Promise.** Names, types and status codes do not change within a major version; fields may be added. Cursors and entity
tags are opaque.
"""

SERVICE_TAG = "service"
TAGS = {
    "movies": "Films: lists by filter, sort and cursor, and each film with all that belongs to it.",
    "people": "Those who made the films: each with their credits.",
    "vocabularies": "Genres, countries and languages, each with the number of its films.",
    "statistics": "Totals, and films by year, genre, country and rating, under any filter.",
    "changes": "What has changed since a position, page by page or as a stream.",
    "webhooks": "Addresses that are sent what changes.",
    SERVICE_TAG: "What there is, how it is described, and what its problems mean.",
}
"""What the groups of operations are, in the order in which they are read."""

SERVICE = openapi.Service(
    title="moviedb",
    version=installed_version("moviedb") or "0",
    summary="A catalogue of films whose answers are never stale.",
    description=DESCRIPTION,
    licence={"name": "MIT", "identifier": "MIT"},
    authorization="A token, `mdb_…`, which a curator makes in the admin or by `moviedb token create`. Reads need none.",
    tags=TAGS,
    samples=SAMPLES,
)


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The OpenAPI document of these operations of the catalogue."""
    return openapi.document(operations, SERVICE)


def rendered(operations: Sequence[Operation], *, public_read: bool = True) -> bytes:
    """The same as JSON. public_read: whether reads need no token, as `keys.Policy` has it."""
    return msgspec.json.encode(document(operations if public_read else [guarded(each) for each in operations]))


def guarded(operation: Operation) -> Operation:
    """A read of the catalogue where it is not open to all; what describes the service itself always is."""
    if operation.scope is not None or operation.tag == SERVICE_TAG:
        return operation
    return replace(operation, scope=Scope.READ_MOVIES)


async def openapi_document(request: web.Request) -> web.Response:
    """The OpenAPI document, which was made at the start."""
    params.nothing(raw_query(request))
    return json_answer(request, request.app[DOCUMENT].coded(coding_of(request)), keys=(surrogates.FIXED,))


OPERATIONS = (
    Operation(
        id="get_openapi",
        method="GET",
        path="/api/openapi.json",
        handler=openapi_document,
        summary="Describe the API",
        description="This document: OpenAPI 3.1, made from what parses the requests and renders the answers.",
        tag=SERVICE_TAG,
        answers={
            200: Answer(
                description="The document.", content={JSON: dict[str, Any]}, headers={"ETag": "Names these bytes."}
            ),
            304: Answer(description="The client has it already."),
        },
    ),
)
