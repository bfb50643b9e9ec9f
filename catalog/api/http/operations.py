"""Operations: what the API can do, each declared once. Routes, checks and the OpenAPI document are made from these."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from aiohttp import web
from aiohttp.typedefs import Handler

from catalog.api.http.negotiation import JSON
from catalog.api.http.query import Parameter

MERGE_PATCH = "application/merge-patch+json"
JSON_LINES = "application/jsonl"
CSV = "text/csv"
EVENT_STREAM = "text/event-stream"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One way in which an operation answers.

    content: the type of the body by media type; a type is what msgspec can make a schema of, None where a media type
        has no schema of ours. Empty: no body.
    headers: those that this answer adds to what all have, by name, each with its description.
    """

    description: str
    content: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


ORDINARY_BYTES, STREAMED_BYTES = 2_000_000, 64_000_000
"""What a body may have, read whole or row by row, unless whoever runs the service says otherwise."""


@dataclass(frozen=True, kw_only=True)
class Body:
    """What an operation takes: the type of the body by media type, and the most bytes that it may have."""

    content: Mapping[str, Any]
    limit_bytes: int = ORDINARY_BYTES


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path.

    id: the operationId, unique, in snake case: `list_movies`. path: as aiohttp's router takes it, whole.
    parameters: of the query, by name. path_parameters: what stands for each `{name}` of the path, with its schema.
    scope: what a token must have; None for what anybody may do (unless API_PUBLIC_READ=false).
    problems: statuses that it may answer beside its answers and those of every operation.
    timed: whether a request has the ordinary time (`Policy.request_seconds`); what streams in or out has not.
    """

    id: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    handler: Handler
    summary: str
    tag: str
    answers: Mapping[int, Answer]
    description: str = ""
    parameters: Mapping[str, Parameter[Any]] = field(default_factory=dict)
    path_parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    body: Body | None = None
    scope: str | None = None
    problems: tuple[int, ...] = ()
    timed: bool = True

    @cached_property
    def offers(self) -> tuple[str, ...]:
        """The media types that it can answer with, the preferred one first; problems aside."""
        offered = dict.fromkeys(media for answer in self.answers.values() for media in answer.content)
        return tuple(offered) or (JSON,)


def bounded(operation: Operation, limits: Mapping[int, int]) -> Operation:
    """The operation with another limit of its body, where there is one for the limit that it was declared with."""
    if operation.body is None or operation.body.limit_bytes not in limits:
        return operation
    return replace(operation, body=replace(operation.body, limit_bytes=limits[operation.body.limit_bytes]))


Table = Mapping[tuple[str, str], Operation]
OPERATIONS: web.AppKey[Table] = web.AppKey("operations", dict)
"""What the application can do, by method and path."""


def table(operations: Iterable[Operation]) -> Table:
    """The operations by method and path."""
    return {(each.method, each.path): each for each in operations}


def operation_of(request: web.Request) -> Operation | None:
    """The operation that a request asks for; None where the router found none."""
    resource = request.match_info.route.resource
    if resource is None:
        return None
    method = "GET" if request.method == "HEAD" else request.method
    return request.app[OPERATIONS].get((method, resource.canonical))
