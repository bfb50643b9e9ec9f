"""Parameter objects (OpenAPI 3.1, 4.8.12): of the query, of the path, and of the headers that conditions come in."""

from collections.abc import Iterator, Mapping
from typing import Any

from catalog.api.http.operations import Operation
from catalog.api.http.query import Parameter
from catalog.api.http.write_positions import NAME, PATTERN, encoded
from catalog.values.replication import WritePosition

REFERENCE = "#/components/parameters/"

TAG = '"17.dGhlIGRpZ2VzdA.identity"'
WRITE_POSITION = encoded(WritePosition(24_023_128, 1, 0, 0))
TAG_FORM = '(W/)?"[!#-~]*"'

HEADERS: Mapping[str, tuple[str, str, str]] = {
    "If-None-Match": (
        "Entity tags that the client has: 304 where one of them still holds (RFC 9110, 13.1.2).",
        "",
        TAG,
    ),
    "If-Match": (
        "The entity tag of the version that is to be changed: 412 where there is a newer one (RFC 9110, 13.1.1).",
        rf"^(\*|{TAG_FORM}(, {TAG_FORM})*)$",
        TAG,
    ),
    "Idempotency-Key": (
        "Makes it safe to send the request again: a text of the client's own, one for each thing that it wants done.",
        r'^("([ !#-\[\]-~]|\\["\\]){1,255}"|[!#-~]{1,255})$',
        '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
    ),
    NAME: (
        "What the answer to a change said: this one is then none from before it, whichever replica gives it.",
        PATTERN,
        WRITE_POSITION,
    ),
    "Prefer": ("`return=minimal` leaves the body of the answer away (RFC 7240, 4.2).", "", "return=minimal"),
}
"""Header by name: what it does, the form of its value (nothing: any text), an example."""


class Parameters:
    """Components of parameters, filled as operations ask for theirs: equal ones are said once."""

    def __init__(self) -> None:
        self.components: dict[str, Any] = {}

    def of(self, operation: Operation) -> list[dict[str, Any]]:
        """The parameters of an operation, as references, those of the path written out."""
        path = [path_parameter(name, schema) for name, schema in operation.path_parameters.items()]
        query = [self._shared(each.name, query_parameter(each), operation) for each in operation.parameters.values()]
        headers = [self._shared(name.lower(), header(name), operation) for name in headers_of(operation)]
        return path + query + headers

    def _shared(self, key: str, said: dict[str, Any], operation: Operation) -> dict[str, Any]:
        """A reference to a parameter; one that shares its name with another is kept under the operation's."""
        if self.components.setdefault(key, said) != said:
            key = f"{operation.id}.{key}"
            self.components[key] = said
        return {"$ref": REFERENCE + key}


def query_parameter(parameter: Parameter[Any]) -> dict[str, Any]:
    """A parameter of the query. A list is one text with commas; what may be repeated is an array of such texts.

    The default is told in words: of a schema's own, generated clients make a value that they always send.
    """
    schema, example = dict(parameter.parser.schema), parameter.example
    if parameter.repeatable:
        schema, example = {"type": "array", "items": schema}, None if example is None else [example]
    words = parameter.description
    if parameter.default is not None:
        words += f" Default: `{parameter.default}`."
    said: dict[str, Any] = {"name": parameter.name, "in": "query", "description": words}
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


def headers_of(operation: Operation) -> Iterator[str]:
    """The request headers that mean something to an operation, told by how it may answer."""
    answered = {name for answer in operation.answers.values() for name in answer.headers}
    if 304 in operation.answers:
        yield "If-None-Match"
    if operation.method == "GET":
        yield NAME
    if 412 in operation.problems:
        yield "If-Match"
    if "Idempotency-Replayed" in answered:
        yield "Idempotency-Key"
    if "Preference-Applied" in answered:
        yield "Prefer"


def header(name: str) -> dict[str, Any]:
    description, form, example = HEADERS[name]
    schema = {"type": "string", "pattern": form} if form else {"type": "string"}
    return {"name": name, "in": "header", "description": description, "schema": schema, "example": example}
