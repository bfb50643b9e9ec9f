"""Every parameter of every operation, tried with every value that its kind forbids.

None is left out, since the table is made of the operations themselves.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from catalog.api.app import ALL
from catalog.api.http.operations import Operation
from catalog.api.http.query import Parameter, Query
from tests.catalog.api.client import Client
from tests.catalog.changes.log import film

NUMBERLESS = ("", "x", " 1", "+1", "1e3", "0x1", "\u0663", "--1", "1_0", "9" * 5000)
"""No number in any form that a query may have."""

PARAMETERS = {
    (parameter.name, str(parameter.parser.schema)): pytest.param(parameter, id=f"{operation.id} {parameter.name}")
    for operation in reversed(ALL)
    for parameter in operation.parameters.values()
}
"""Each once, though several operations share it."""

ASKED = [each for each in ALL if each.method == "GET" and each.parameters]


def forbidden(schema: Any) -> Iterator[tuple[str, str]]:
    """Values of a kind that its parameter must not have, each with the code of its fault."""
    pattern = schema.get("pattern", "")
    if schema["type"] in {"integer", "number"}:
        yield from numbers_beyond(schema)
    elif schema["type"] == "array":
        yield from lists_beyond(schema["items"])
    elif "enum" in schema:
        yield from ((text, "unknown_") for text in ("", "nothing", schema["enum"][0].upper(), schema["enum"][0] + " "))
    elif pattern.startswith("^!?"):
        yield from choices_beyond(pattern)
    elif pattern.startswith("^([0-9]"):
        yield from ranges_beyond(pattern)
    elif pattern.startswith("^-?("):
        yield from (("", "unknown_sort"), ("nothing", "unknown_sort"), ("--id", "unknown_sort"), ("id,id", "duplicate"))
        yield from (("id,created", "misplaced"), (",".join(["id"] * 3), "too_many"))
    elif "minLength" in schema:
        yield from (("", "blank"), (" \u2003", "blank"), ("x" * (schema["maxLength"] + 1), "too_long"))


def numbers_beyond(schema: Any) -> Iterator[tuple[str, str]]:
    code = "not_whole" if schema["type"] == "integer" else "not_a_number"
    texts = (*NUMBERLESS, "1.5") if schema["type"] == "integer" else (*NUMBERLESS, "nan", "inf", "1.", ".5")
    yield from ((text, code) for text in texts)
    numbers = (schema["minimum"] - 1, schema["maximum"] + 1, 2**63, -(2**63), 2**64)
    yield from ((str(number), "out_of_range") for number in numbers)


def lists_beyond(items: Any) -> Iterator[tuple[str, str]]:
    known = str(items["enum"][0] if "enum" in items else items["minimum"])
    yield from (("", "blank"), (",", "blank"), (f"{known},", "blank"), (f",{known}", "blank"))
    yield from ((f"{known},{known}", "duplicate"), (",".join(map(str, range(1, 202))), "too_many"))
    yield from ((text, code) for text, code in forbidden(items) if text)


def choices_beyond(pattern: str) -> Iterator[tuple[str, str]]:
    yield from (("", "blank"), ("!", "blank"), ("1,", "blank"), ("!1,!2", "misplaced_not"), ("!!1", "misplaced_not"))
    yield from (("1,1", "duplicate"), (",".join(map(str, range(1, 202))), "too_many"))
    if "[1-9]" in pattern:
        yield from (("x", "not_whole"), ("1..2", "not_whole"), ("0", "out_of_range"), (str(2**63), "out_of_range"))
    else:
        yield "x" * 201, "too_long"


def ranges_beyond(pattern: str) -> Iterator[tuple[str, str]]:
    code = "not_a_number" if r"(\.[0-9]" in pattern else "not_whole"
    yield from ((text, code) for text in (*NUMBERLESS, "nan", "1...2", "1..x", "x..1", "1..2..3", "1,2", "!1", "1-2"))
    yield from (("..", "empty_range"), ("3..2", "empty_range"), (f"1..{2**63}", "out_of_range"))


def faults_of(parameter: Parameter[Any], value: str) -> dict[str, str]:
    """Code by pointer of a query with an escaped value of one parameter."""
    query = Query(f"{parameter.name}={value}", {parameter.name: parameter})
    if parameter.repeatable:
        query.each(parameter)
    else:
        query.one(parameter)
    return {fault.pointer: fault.code for fault in query.faults}


@pytest.mark.contract("errors.400", "filters.silence")
@pytest.mark.parametrize("parameter", PARAMETERS.values())
def test_what_a_parameter_may_not_be_is_told_by_its_name(parameter: Parameter[Any]) -> None:
    for value, code in forbidden(parameter.parser.schema):
        found = faults_of(parameter, quote(value)).get(f"#/{parameter.name}", "")
        assert found == code or (code.endswith("_") and found.startswith(code)), value


@pytest.mark.contract("addresses.escapes")
@pytest.mark.parametrize("parameter", PARAMETERS.values())
@pytest.mark.parametrize(
    "value,code",
    [("%00", "nul"), ("%FF", "not_utf8"), ("%ED%A0%80", "not_utf8"), ("%", "bad_escape"), ("\udcff", "not_utf8")],
)
def test_what_is_no_text_is_no_value_of_any_parameter(parameter: Parameter[Any], value: str, code: str) -> None:
    assert faults_of(parameter, value) == {"#": code}


@pytest.mark.contract("errors.400", "errors.faults", "filters.silence")
@pytest.mark.parametrize("operation", ASKED, ids=lambda each: each.id)
def test_an_operation_reads_all_of_its_parameters_and_tells_all_faults(client: Client, operation: Operation) -> None:
    query = "&".join(f"{name}=" for name in operation.parameters)
    answer = client.get(f"{operation.path.format(id=film().pk)}?{query}")
    assert (answer.status, set(answer.codes)) == (400, {f"#/{name}" for name in operation.parameters})


def test_all_kinds_of_parameters_are_tried() -> None:
    """A cursor and a position are opaque: tests of their own forge them."""
    schemas = {
        parameter.name: parameter.parser.schema for operation in ALL for parameter in operation.parameters.values()
    }
    assert {name for name, schema in schemas.items() if not list(forbidden(schema))} == {"cursor", "since"}
