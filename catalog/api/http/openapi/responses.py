"""Response objects (OpenAPI 3.1, 4.8.17): what operations answer, and the problems that they share."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import msgspec

from catalog.api.http.openapi.parameters import WRITE_POSITION
from catalog.api.http.openapi.schemas import Schemas
from catalog.api.http.operations import MERGE_PATCH, Answer
from catalog.api.http.problems import ADDRESS, CONTENT_TYPE, KINDS, Kind, Problem
from catalog.api.http.write_positions import NAME, PATTERN
from catalog.errors import Fault

REFERENCE = "#/components/responses/"
TEXT = {"type": "string"}
REQUEST_ID = "X-Request-ID"

HEADERS: Mapping[str, tuple[str, dict[str, Any], Any]] = {
    REQUEST_ID: ("Names this request in logs; the client's own where it sent one.", TEXT, "3fa85f640000002a"),
    "ETag": ("Names these very bytes (RFC 9110, 8.8.3).", TEXT, '"17.dGhlIGRpZ2VzdA.identity"'),
    "Link": ("The pages before and after this one (RFC 8288).", TEXT, '</api/movies?cursor=kQo>; rel="next"'),
    "Location": ("The address to go on to.", {**TEXT, "format": "uri-reference"}, "/api/movies/1"),
    "Cache-Control": ("May be kept, and must be asked for again (RFC 9111, 5.2).", TEXT, "no-cache"),
    "Retry-After": ("Seconds after which to ask again.", {"type": "integer", "minimum": 0}, 1),
    "WWW-Authenticate": ("How to say who one is (RFC 6750).", TEXT, "Bearer"),
    "Allow": ("The methods that the resource has.", TEXT, "GET, HEAD, OPTIONS"),
    "Accept-Post": ("The media types that POST takes.", TEXT, "application/json"),
    "Accept-Patch": ("The media types that PATCH takes.", TEXT, "application/merge-patch+json"),
    NAME: (
        "On PostgreSQL. Whoever sends it with a read, sees this change there too, whichever replica answers.",
        {**TEXT, "pattern": PATTERN},
        WRITE_POSITION,
    ),
    "RateLimit": ("What is left, where the request was charged (IETF draft).", TEXT, '"read";r=599;t=60'),
    "RateLimit-Policy": ("The limit that it was charged to (IETF draft).", TEXT, '"read";q=600;w=60'),
}
"""The headers that answers have, by name: what each says, its schema, an example."""

EVERYWHERE = ("RateLimit-Policy", "RateLimit", REQUEST_ID)
PROBLEM_HEADERS = {401: ("WWW-Authenticate",), 405: ("Allow",), 429: ("Retry-After",), 503: ("Retry-After",)}
PATCHED = 3
WITH_FAULTS = frozenset((400, 422))


def headers(own: Mapping[str, str], shared: Iterable[str]) -> dict[str, Any]:
    """The headers of an answer: those it declares in its own words, those of its kind, then those that any may have."""
    said = {name: one_header(name, words) for name, words in own.items()}
    return said | {name: shared_header(name) for name in (*shared, *EVERYWHERE)}


def one_header(name: str, words: str) -> dict[str, Any]:
    """A header in an operation's own words."""
    _, schema, example = HEADERS.get(name, ("", TEXT, None))
    return {"description": words, "schema": schema, **({} if example is None else {"example": example})}


def shared_header(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/headers/{name}"}


def header_components() -> dict[str, Any]:
    """The headers that problems share, and all answers."""
    return {name: one_header(name, said[0]) for name, said in HEADERS.items()}


def response(answer: Answer, schemas: Schemas, *, shared: Iterable[str] = (), bodiless: bool = False) -> dict[str, Any]:
    """The response object of an answer; `bodiless` of one to HEAD. shared: headers that all of its kind have."""
    said: dict[str, Any] = {"description": answer.description, "headers": headers(answer.headers, shared)}
    if answer.content and not bodiless:
        said["content"] = {media: media_type(kind, media, schemas) for media, kind in answer.content.items()}
    return said


def media_type(kind: Any, media: str, schemas: Schemas) -> dict[str, Any]:
    """The form of a body; JSON comes with an example of it."""
    if kind is None:
        return {"schema": TEXT}
    schema = schemas.of(kind)
    if not media.endswith("json"):
        return {"schema": schema}
    sample = schemas.sample(schema)
    return {"schema": schema, "example": some(sample) if media == MERGE_PATCH else sample}


def some(members: dict[str, Any]) -> dict[str, Any]:
    """The first members of an object: a patch names only what it changes."""
    return dict(islice(members.items(), PATCHED))


def component_name(kind: Kind) -> str:
    """`content-too-large` as `ContentTooLarge`."""
    return "".join(word.capitalize() for word in kind.slug.split("-"))


def problem_reference(status: int) -> dict[str, Any]:
    return {"$ref": REFERENCE + component_name(KINDS[status])}


def problem_components(statuses: Iterable[int], schemas: Schemas) -> dict[str, Any]:
    """The response object of each problem, by the name of its component."""
    return {component_name(KINDS[status]): problem_response(status, schemas) for status in sorted(statuses)}


def problem_response(status: int, schemas: Schemas) -> dict[str, Any]:
    names = (*PROBLEM_HEADERS.get(status, ()), *EVERYWHERE)
    return {
        "description": f"{KINDS[status].title}. {KINDS[status].explanation}",
        "headers": {name: shared_header(name) for name in names},
        "content": {CONTENT_TYPE: {"schema": schemas.of(Problem), "example": problem_example(status)}},
    }


def problem_example(status: int) -> Any:
    """A problem of that status, as the service would tell it."""
    kind = KINDS[status]
    faults = [Fault("#/year", "too_early", "year must be from 1870 to 2100.")] if status in WITH_FAULTS else []
    detail = faults[0].detail if faults else kind.explanation.partition(". ")[0].rstrip(".") + "."
    problem = Problem(
        type=f"{ADDRESS}/{kind.slug}",
        title=kind.title,
        status=status,
        detail=detail,
        instance="/api/movies",
        request_id="3fa85f640000002a",
        errors=faults,
    )
    return msgspec.to_builtins(problem)
