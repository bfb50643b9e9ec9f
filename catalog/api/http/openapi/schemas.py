"""JSON schemas of the types that bodies have, and examples made from the schemas."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

Schema = Mapping[str, Any]

REFERENCE = "#/components/schemas/"
SAMPLE_TEXTS = {
    "date": "1994-09-23",
    "date-time": "2026-01-31T12:20:00Z",
    "uuid": "0d9f0b9e-0f5e-4b7e-9d55-3f9d7f9d1d11",
}
PLAIN = "text"
SAID = frozenset(("$ref", "type", "enum", "const", "anyOf", "examples"))
"""One of these a schema has that says which values it takes; a body's read-only members take any, and no example."""


class Schemas:
    """The schema of each type that a body can have, and the components that they refer to."""

    def __init__(self, types: Iterable[Any], samples: Mapping[type, Any] | None = None) -> None:
        """samples: what stands for a type as a whole, where that tells more than one example of each member."""
        asked = list(dict.fromkeys(types))
        found, components = msgspec.json.schema_components(asked, ref_template=REFERENCE + "{name}")
        self.components: dict[str, Any] = {name: tidy(schema) for name, schema in sorted(components.items())}
        self._samples = {kind.__name__: sample for kind, sample in (samples or {}).items()}
        self._found: dict[Any, Schema] = {each: tidy(schema) for each, schema in zip(asked, found, strict=True)}

    def of(self, kind: Any) -> Schema:
        """The schema of a type; of a struct it is a reference."""
        return self._found[kind]

    def sample(self, schema: Schema) -> Any:
        """A value that the schema allows, of its own examples where it has some."""
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(REFERENCE)
            return self._samples[name] if name in self._samples else self.sample(self.components[name])
        for member in ("examples", "enum"):
            if member in schema:
                return schema[member][0]
        if "const" in schema:
            return schema["const"]
        if "anyOf" in schema:
            return self.sample(next(each for each in schema["anyOf"] if each.get("type") != "null"))
        return self._typed(schema)

    def _typed(self, schema: Schema) -> Any:
        kinds = schema.get("type", "object")
        kind = kinds if isinstance(kinds, str) else kinds[0]
        if kind == "array":
            return [self.sample(schema["items"])] if schema.get("items") else []
        if kind == "object":
            members = schema.get("properties", {}).items()
            return {name: self.sample(each) for name, each in members if not SAID.isdisjoint(each)}
        if kind == "string":
            return SAMPLE_TEXTS.get(schema.get("format", ""), PLAIN)
        return {"boolean": True, "null": None}.get(kind, schema.get("minimum", 1))


def tidy(schema: Any) -> Any:
    """What msgspec makes, with types of enumerations said and `null` put among the types where that is all.

    >>> tidy({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]})
    {'type': ['integer', 'null'], 'minimum': 1}
    """
    if isinstance(schema, list):
        return [tidy(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    tidied = {name: tidy(each) for name, each in schema.items()}
    if "enum" in tidied and "type" not in tidied and all(isinstance(each, str) for each in tidied["enum"]):
        tidied["type"] = "string"
    return with_null(tidied)


def with_null(schema: dict[str, Any]) -> dict[str, Any]:
    """`anyOf` one plain type or null, as one schema of two types."""
    match schema.get("anyOf"):
        case [{"type": str(kind)} as plain, {"type": "null"}] if "enum" not in plain:
            rest = {name: each for name, each in schema.items() if name != "anyOf"}
            return {**rest, **plain, "type": [kind, "null"]}
    return schema
