"""docs/api.md, Promise and Types: what was promised once is still there; fields may be added."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.catalog.api.contract import DOCUMENT, operations, resolved

PROMISED = Path(__file__).with_name("promised.txt")
"""Every parameter, status and member of an answer, a line each; PROMISED_WRITE=1 adds what is new, and drops nothing
but with a new major version."""


def types(schema: dict[str, Any]) -> str:
    """What a value may be: `integer`, `null|string`."""
    schema = resolved(schema)
    if "anyOf" in schema:
        return "|".join(sorted({part for each in schema["anyOf"] for part in types(each).split("|")}))
    kind = schema.get("type", "any")
    return "|".join(sorted(kind)) if isinstance(kind, list) else str(kind)


def members(schema: dict[str, Any], place: str = "", depth: int = 8) -> Iterator[str]:
    """Each member of a value with its types: `data[].year integer|null`."""
    schema = resolved(schema)
    for each in schema.get("anyOf", ()):
        yield from members(each, place, depth)
    if "items" in schema and depth:
        yield from members(schema["items"], f"{place}[]", depth - 1)
    for name, value in schema.get("properties", {}).items() if depth else ():
        yield f"{place}.{name} {types(value)}"
        yield from members(value, f"{place}.{name}", depth - 1)


def promises() -> Iterator[str]:
    """What the document says that clients may build upon."""
    for method, path, operation in operations():
        if method == "head":
            continue
        yield from (f"{method} {path} ?{each['name']}" for each in map(resolved, operation.get("parameters", ())))
        for status, answer in operation["responses"].items():
            yield f"{method} {path} {status}"
            for media, content in resolved(answer).get("content", {}).items() if status < "300" else ():
                yield from (f"{method} {path} {status} {media} {each}" for each in members(content["schema"]))


@pytest.mark.contract("promise.names")
def test_what_was_promised_is_still_there() -> None:
    now, kept = set(promises()), set(PROMISED.read_text().splitlines() if PROMISED.exists() else ())
    if os.environ.get("PROMISED_WRITE"):
        PROMISED.write_text("".join(f"{line}\n" for line in sorted(now | kept)))
    assert sorted(kept - now) == []
    assert len(kept) > 1000


def test_what_is_no_longer_there_is_seen() -> None:
    """A member that goes, or whose type changes, is not among the promises as it was."""
    schema = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"anyOf": [{"type": "null"}]}}}
    assert list(members(schema)) == [".a integer", ".b null"]


@pytest.mark.contract("types.case")
def test_every_name_is_in_snake_case() -> None:
    schemas = DOCUMENT["components"]["schemas"].values()
    names = {name for schema in schemas for name in schema.get("properties", ())}
    names |= {
        each["name"] for _, _, operation in operations() for each in map(resolved, operation.get("parameters", ()))
    }
    assert {name for name in names if not re.fullmatch(r"[a-z][a-z0-9]*(__?[a-z0-9]+)*|[A-Z][A-Za-z-]+", name)} == set()
