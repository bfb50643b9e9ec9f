"""The document as a whole: operations by path, with what they share in components."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from catalog.api.http.openapi.parameters import Parameters
from catalog.api.http.openapi.responses import (
    header_components,
    media_type,
    problem_components,
    problem_reference,
    response,
)
from catalog.api.http.openapi.schemas import Schemas
from catalog.api.http.operations import Answer, Operation
from catalog.api.http.problems import KINDS, Problem
from catalog.api.http.write_positions import NAME

EVERYWHERE = (400, 401, 403, 406, 408, 414, 417, 429, 431, 500, 503, 504)
"""What any operation may answer: what is wrong with any request, and what is wrong with the server."""

WITH_BODY = (413, 415)
OF_READS = (412,)
TOKEN = "token"  # noqa: S105  the name of the scheme


@dataclass(frozen=True, kw_only=True)
class Service:
    """What the document says of the service as a whole.

    tags: what each means, in the order of the document. samples: examples of whole types.
    """

    title: str
    version: str
    summary: str
    description: str
    licence: Mapping[str, str]
    authorization: str
    tags: Mapping[str, str] = field(default_factory=dict)
    samples: Mapping[type, Any] = field(default_factory=dict)


def document(operations: Sequence[Operation], service: Service) -> dict[str, Any]:
    """The OpenAPI document of the operations."""
    schemas = Schemas(body_types(operations), service.samples)
    parameters = Parameters()
    paths: dict[str, Any] = {}
    for operation in operations:
        item = paths.setdefault(operation.path, {})
        item[operation.method.lower()] = described(operation, operations, parameters, schemas)
        if operation.method == "GET":
            item["head"] = head_of(operation, parameters, schemas)
    statuses = {status for operation in operations for status in problems(operation)}
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": info(service),
        "servers": [{"url": "/", "description": "This service."}],
        "tags": tags(operations, service),
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "parameters": parameters.components,
            "responses": problem_components(statuses, schemas),
            "headers": header_components(),
        },
    }
    used = set(references(whole))
    components = {kind: used_only(kind, named, used) for kind, named in whole["components"].items()}
    schemes = {TOKEN: {"type": "http", "scheme": "bearer", "description": service.authorization}}
    return {**whole, "components": {**components, "securitySchemes": schemes}}


def references(said: Any) -> Iterator[str]:
    """Every reference in a part of the document."""
    if isinstance(said, Mapping):
        if isinstance(said.get("$ref"), str):
            yield said["$ref"]
        said = list(said.values())
    if isinstance(said, list):
        for each in said:
            yield from references(each)


def used_only(kind: str, components: Mapping[str, Any], used: Container[str]) -> dict[str, Any]:
    """The components that something refers to: msgspec makes one of a mapping's keys, and names it nowhere."""
    return {name: each for name, each in components.items() if f"#/components/{kind}/{name}" in used}


def info(service: Service) -> dict[str, Any]:
    return {
        "title": service.title,
        "version": service.version,
        "summary": service.summary,
        "description": service.description,
        "license": dict(service.licence),
    }


def tags(operations: Iterable[Operation], service: Service) -> list[dict[str, str]]:
    """The groups that have operations, in the service's order."""
    used = {each.tag for each in operations}
    return [{"name": name, "description": words} for name, words in service.tags.items() if name in used]


def body_types(operations: Iterable[Operation]) -> list[Any]:
    """Every type that a body has."""
    contents = [answer.content for each in operations for answer in each.answers.values()]
    contents += [each.body.content for each in operations if each.body is not None]
    return [Problem, *(kind for content in contents for kind in content.values() if kind is not None)]


def problems(operation: Operation) -> list[int]:
    """Every problem that an operation may answer with."""
    with_body = WITH_BODY if operation.body is not None else ()
    of_reads = OF_READS if operation.method == "GET" else ()
    found = {*EVERYWHERE, *with_body, *of_reads, *operation.problems} - operation.answers.keys()
    return sorted(found & KINDS.keys())


def described(
    operation: Operation, all_operations: Iterable[Operation], parameters: Parameters, schemas: Schemas
) -> dict[str, Any]:
    """The operation object (OpenAPI 3.1, 4.8.10)."""
    answers = {
        str(status): response(answer, schemas, shared=told(operation, status))
        for status, answer in operation.answers.items()
    }
    for status, answer in operation.answers.items():
        if links := links_of(operation, status, answer, all_operations):
            answers[str(status)]["links"] = links
    said = heading(operation, operation.id) | {
        "parameters": parameters.of(operation),
        "responses": answers | {str(status): problem_reference(status) for status in problems(operation)},
    }
    if operation.body is not None:
        content = operation.body.content.items()
        said["requestBody"] = {
            "description": f"At most {operation.body.limit_bytes:,} bytes.",
            "required": True,
            "content": {media: media_type(kind, media, schemas) for media, kind in content},
        }
    return said


def told(operation: Operation, status: int) -> tuple[str, ...]:
    """The headers that every answer of that kind has: whoever has changed something learns where that is."""
    return (NAME,) if operation.method != "GET" and status < HTTPStatus.MULTIPLE_CHOICES else ()


def heading(operation: Operation, name: str) -> dict[str, Any]:
    """What an operation and its HEAD have in common. Open reads take a token and need none."""
    scopes = {TOKEN: [] if operation.scope is None else [operation.scope]}
    return {
        "operationId": name,
        "summary": operation.summary,
        "description": operation.description or f"{operation.summary}.",
        "tags": [operation.tag],
        "security": [{}, scopes] if operation.scope is None else [scopes],
    }


def head_of(operation: Operation, parameters: Parameters, schemas: Schemas) -> dict[str, Any]:
    """The HEAD that comes with a GET: its headers without its body (RFC 9110, 9.3.2)."""
    answers = {str(status): response(each, schemas, bodiless=True) for status, each in operation.answers.items()}
    refused = {str(status): problem_reference(status) for status in problems(operation)}
    said = heading(operation, f"head_{operation.id}")
    said["summary"] = f"{operation.summary}: headers only"
    return said | {"parameters": parameters.of(operation), "responses": answers | refused}


def links_of(operation: Operation, status: int, answer: Answer, others: Iterable[Operation]) -> dict[str, Any]:
    """Where an answer leads (OpenAPI 3.1, 4.8.20): from a list or a new resource to what stands under its id.

    A rule of paths: `/api/movies` leads to all of `/api/movies/{id}`, its answers name the id.
    """
    if status not in {200, 201} or not answer.content:
        return {}
    found = {}
    for other in (each for each in others if each.path.startswith(f"{operation.path}/")):
        rest = other.path.removeprefix(operation.path)
        if operation.path.endswith("/{id}"):
            found[other.id] = {"operationId": other.id, "parameters": {"id": "$request.path.id"}}
        elif rest.startswith("/{id}"):
            name = "$response.body#/id" if operation.method == "POST" else "$response.body#/data/0/id"
            found[other.id] = {"operationId": other.id, "parameters": {"id": name}}
    return found
