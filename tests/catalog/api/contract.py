"""The OpenAPI document as a judge: what an answer has that the document does not declare."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import msgspec

from catalog.api.app import ALL
from catalog.api.documentation import rendered

DOCUMENT: dict[str, Any] = msgspec.json.decode(rendered(ALL))
METHODS = ("get", "head", "post", "put", "patch", "delete")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and operation object of all that the document tells."""
    for path, item in DOCUMENT["paths"].items():
        yield from ((method, path, item[method]) for method in METHODS if method in item)


def resolved(said: Any) -> Any:
    """The component that a reference names; anything else is itself."""
    if "$ref" not in said:
        return said
    found = DOCUMENT
    for part in said["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


def allows(schema: dict[str, Any], value: Any) -> str:
    """What the schema has against a value; nothing where it allows it."""
    whole = {**schema, "components": DOCUMENT["components"]}
    errors = jsonschema_rs.validator_for(whole, validate_formats=True).iter_errors(value)
    return "; ".join(f"{list(error.instance_path)}: {error.message[:200]}" for error in errors)


def pattern(path: str) -> re.Pattern[str]:
    """What paths a template stands for."""
    return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))


# Literal paths before templates: `/api/movies/bulk` is no film.
TEMPLATES = {path: pattern(path) for path in sorted(DOCUMENT["paths"], key=lambda path: path.count("{"))}


def faults(method: str, path: str, status: int, content_type: str, body: bytes) -> Iterator[str]:
    """What the document does not say of an answer: its status, its media type, the form of its body."""
    template = next((name for name, form in TEMPLATES.items() if form.fullmatch(path.partition("?")[0])), None)
    operation = DOCUMENT["paths"].get(template, {}).get(method.lower())
    if operation is None:
        return
    if str(status) not in operation["responses"]:
        yield f"{operation['operationId']} does not declare {status}"
        return
    content = resolved(operation["responses"][str(status)]).get("content", {})
    media = content_type.partition(";")[0]
    if not body:
        return
    if media not in content:
        yield f"{operation['operationId']} does not declare {media!r} for {status}"
    elif media.endswith("json") and (fault := allows(content[media]["schema"], msgspec.json.decode(body))):
        yield f"{operation['operationId']}, {status}: {fault}"
