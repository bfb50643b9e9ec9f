"""docs/api.md and the tests know the same rules, and its tables are what is served."""

from pathlib import Path

import pytest

from catalog.api.app import ALL
from catalog.api.http.problems import KINDS
from catalog.values import FILM_INCLUDES, FILM_SORTS
from tests import contract_rules

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs/api.md").read_text(encoding="utf-8")
TESTS = {
    str(path.relative_to(ROOT)): set(contract_rules.borne(path.read_text(encoding="utf-8")))
    for path in sorted((ROOT / "tests").rglob("test_*.py"))
}


@pytest.mark.parametrize("rule", contract_rules.rules(TEXT))
def test_each_rule_has_a_test_that_names_it(rule: str) -> None:
    assert [name for name, borne in TESTS.items() if rule in borne], f"no test bears {rule} of docs/api.md"


def test_no_test_names_a_rule_that_there_is_not() -> None:
    known = set(contract_rules.rules(TEXT))
    assert {name: lost for name, borne in TESTS.items() if (lost := borne - known)} == {}


def test_every_row_and_bullet_is_a_rule_with_a_name_of_its_own() -> None:
    names = contract_rules.rules(TEXT)
    assert contract_rules.nameless(TEXT) == []
    assert len(names) == len(set(names)) > 100


@pytest.mark.parametrize(
    "line", ["- `limit` is 1 to 200.", "| `/api` | GET | all |", "- **Limit** is", "- **lists.limit**"]
)
def test_a_rule_without_a_name_is_seen(line: str) -> None:
    assert contract_rules.nameless(f"# Rules\n\n{line}\n") == [line]


def test_a_name_counts_on_a_test_or_on_all_of_a_module_and_nowhere_else() -> None:
    source = """
pytestmark = [pytest.mark.live, pytest.mark.contract("a.all")]

@pytest.mark.contract("a.one", "a.two")
def test_one(): ...

@pytest.mark.contract("a.three")
def no_test(): ...
"""
    assert set(contract_rules.borne(source)) == {"a.all", "a.one", "a.two"}


def test_the_table_of_resources_is_what_can_be_done() -> None:
    served: dict[str, set[str]] = {}
    for each in ALL:
        served.setdefault(each.path, set()).add(each.method)
    told = {path: set(methods.split(", ")) for path, methods, _ in contract_rules.cells(TEXT, "Resources")}
    assert told == served


def test_the_table_of_errors_is_what_the_service_explains() -> None:
    assert [int(status) for status, _ in contract_rules.cells(TEXT, "Errors")] == list(KINDS)


@pytest.mark.contract("lists.sorts")
def test_the_sorts_and_includes_that_are_told_are_those_that_there_are() -> None:
    sorts = TEXT.partition("Sortable: `")[2].partition("`")[0].split()
    assert set(sorts) == set(FILM_SORTS)
    assert TEXT.partition("`include=")[2].partition("`")[0].split(",") == list(FILM_INCLUDES)
