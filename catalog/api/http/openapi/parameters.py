"""Parameter objects (OpenAPI 3.1, 4.8.12): of the query, of the path, and of the headers that conditions come in."""

from collections.abc import Iterator, Mapping
from typing import Any

from catalog.api.http.operations import Operation
from catalog.api.http.query import Parameter

REFERENCE = "#/components/parameters/"

CONDITIONS: Mapping[str, tuple[str, str, str]] = {
    "If-None-Match": (
        "if-none-match",
        "Entity tags that the client has: 304 where one of them still holds (RFC 9110, 13.1.2).",
        '"17.dGhlIGRpZ2VzdA.identity"',
    ),
    "If-Match": (
        "if-match",
        "The entity tag of the version to be changed: 412 where there is a newer one (RFC 9110, 13.1.1).",
        '"17.dGhlIGRpZ2VzdA.identity"',
    ),
}
"""Header by name: the key of its component, what it does, an example."""


class Parameters:
    """Components of parameters, filled as operations ask for theirs: equal ones are said once."""

    def __init__(self) -> None:
        self.components: dict[str, Any] = {}

    def of(self, operation: Operation) -> list[dict[str, Any]]:
        """The parameters of an operation, as references, those of the path written out."""
        path = [path_parameter(name, schema) for name, schema in operation.path_parameters.items()]
        query = [self._shared(each.name, query_parameter(each), operation) for each in operation.parameters.values()]
        headers = [self._shared(CONDITIONS[name][0], header(name), operation) for name in conditions(operation)]
        return path + query + headers

    def _shared(self, key: str, said: dict[str, Any], operation: Operation) -> dict[str, Any]:
        """A reference to a parameter; one that shares its name with another is kept under the operation's."""
        if self.components.setdefault(key, said) != said:
            key = f"{operation.id}.{key}"
            self.components[key] = said
        return {"$ref": REFERENCE + key}


def query_parameter(parameter: Parameter[Any]) -> dict[str, Any]:
    """A parameter of the query. A list is one text with commas; what may be repeated is an array of such texts."""
    schema, example = dict(parameter.parser.schema), parameter.example
    if parameter.repeatable:
        schema, example = {"type": "array", "items": schema}, None if example is None else [example]
    if parameter.default is not None:
        schema["default"] = parameter.default
    said: dict[str, Any] = {"name": parameter.name, "in": "query", "description": parameter.description}
    if parameter.required:
        said["required"] = True
    if schema["type"] == "array":
        said |= {"style": "form", "explode": parameter.repeatable}
    said["schema"] = schema
    return said if example is None else {**said, "example": example}


def path_parameter(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """A part of the path; what its schema says for people is said of the parameter."""
    bare = {key: value for key, value in schema.items() if key not in {"description", "examples"}}
    example = next(iter(schema.get("examples") or schema.get("enum") or ()), None)
    said = {
        "name": name,
        "in": "path",
        "required": True,
        "description": schema.get("description", f"The {name}."),
        "schema": bare,
    }
    return said if example is None else {**said, "example": example}


def conditions(operation: Operation) -> Iterator[str]:
    """The conditional headers that mean something to an operation, told by how it may answer."""
    if 304 in operation.answers:
        yield "If-None-Match"
    if 412 in operation.problems:
        yield "If-Match"


def header(name: str) -> dict[str, Any]:
    _, description, example = CONDITIONS[name]
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string"}, "example": example}
