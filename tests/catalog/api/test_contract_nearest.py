"""docs/api.md, Filters: an unknown parameter, field, sort or value is named together with the nearest valid one."""

from typing import Any

import pytest

from catalog.api.app import ALL
from catalog.api.http.operations import Operation
from catalog.api.http.query import Query
from catalog.models import Genre
from tests.catalog.api.client import Client
from tests.catalog.changes.log import film

TAKING = [each for each in ALL if each.parameters]
FILTERED = sorted({each.path for each in ALL if "genre" in each.parameters})


def told(operation: Operation, query: str) -> str:
    """The first fault of a query that only its parser sees."""
    read = Query(query, operation.parameters)
    for parameter in operation.parameters.values():
        read.one(parameter)
    return read.faults[0].detail


def choices(schema: Any) -> list[str]:
    """The names that a parameter takes one or several of; none where it takes other things."""
    if schema.get("pattern", "").startswith("^-?("):  # a sort
        return str(schema["pattern"]).removeprefix("^-?(").partition(")")[0].split("|")
    return list(schema.get("enum", ())) + list(schema.get("items", {}).get("enum", ()))


@pytest.mark.contract("filters.unknown")
@pytest.mark.parametrize("operation", TAKING, ids=lambda each: each.id)
def test_each_misspelled_parameter_names_the_one_that_is_meant(operation: Operation) -> None:
    for name in operation.parameters:
        assert f"no parameter '{name}x'; the nearest is '{name}'." in told(operation, f"{name}x=1")


@pytest.mark.contract("filters.unknown")
@pytest.mark.parametrize("operation", TAKING, ids=lambda each: each.id)
def test_each_misspelled_field_sort_or_choice_names_the_one_that_is_meant(operation: Operation) -> None:
    for name, parameter in operation.parameters.items():
        for known in choices(parameter.parser.schema):
            assert f"'{known}x'; the nearest is '{known}'." in told(operation, f"{name}={known}x")


@pytest.mark.contract("filters.unknown")
@pytest.mark.parametrize("path", FILTERED)
@pytest.mark.parametrize("query,nearest", [("genre=horor", "horror"), ("country=UAS", "US"), ("language=jap", "ja")])
def test_each_unknown_value_names_the_nearest_that_there_is(
    client: Client, path: str, query: str, nearest: str
) -> None:
    Genre.objects.create(slug="horror", name="Horror")
    answer = client.get(f"{path.format(id=film().pk)}?{query}")
    assert (answer.status, list(answer.codes.values())) == (400, ["unknown_value"])
    assert f"the nearest is '{nearest}'" in answer.json["detail"]


@pytest.mark.contract("filters.literal", "filters.misplaced")
@pytest.mark.parametrize("operation", [each for each in TAKING if each.method == "GET"], ids=lambda each: each.id)
def test_a_scalar_stands_only_once(operation: Operation) -> None:
    for name, parameter in operation.parameters.items():
        faults = Query(f"{name}=1&{name}=1", operation.parameters)
        assert parameter.repeatable or (faults.one(parameter), faults.faults[0].code) == (None, "repeated")
