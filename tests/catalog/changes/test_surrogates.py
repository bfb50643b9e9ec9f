"""Which keys a change has, and which ones a list depends on."""

import pytest

from catalog.changes.definitions import LINKS, NAMES
from catalog.changes.surrogates import FILTERS, VOCABULARIES, Changed, film_list, films, of_change, people
from catalog.values import Bounds, Choice, FilmQuery, Term


def keys(entity: str, kind: str, *, film_id: int | None = None, **sides: dict[str, object]) -> set[str]:
    before, after = sides.get("before", {}), sides.get("after", {})
    return set(of_change(Changed(entity, "7", film_id, kind, before, after)))


def test_a_film_that_comes_or_goes_concerns_every_selection() -> None:
    for kind in ("created", "deleted"):
        assert keys("film", kind, film_id=7) == {"film/7", "films", "films.*", "films.updated"}


def test_a_changed_column_concerns_the_selections_by_it() -> None:
    told = keys("film", "updated", film_id=7, before={"year": None}, after={"year": 1952})
    assert told == {"film/7", "films.*", "films.updated", "films.year"}


def test_a_credit_concerns_its_film_and_both_people() -> None:
    told = keys("cast", "updated", film_id=7, before={"person_id": 1}, after={"person_id": 2})
    assert told == {"film/7", "films.*", "films.updated", "films.cast", "person/1", "person/2"}


def test_of_a_draft_nobody_is_told() -> None:
    assert keys("film", "draft", film_id=7) == keys("cast", "draft", film_id=7) == set()


def test_a_person_is_alike() -> None:
    assert keys("person", "created") == {"person/7", "people", "people.*", "people.updated"}
    told = keys("person", "updated", after={"birth_date": "1910-03-23"})
    assert told == {"person/7", "people.*", "people.updated", "people.birth_date"}


@pytest.mark.parametrize("entity", [name.entity for name in NAMES])
def test_every_name_has_a_key_for_all_of_its_kind(entity: str) -> None:
    assert keys(entity, "updated", after={"name": "Drama"}) == {f"{entity}/7", VOCABULARIES[entity]}


@pytest.mark.parametrize("entity,column", [("film", "id"), ("person", "id"), ("country", "code")])
def test_a_row_with_another_id_concerns_everything(entity: str, column: str) -> None:
    assert keys(entity, "updated", before={column: "6"}, after={column: "7"}) == {"*"}


def test_a_reset_concerns_everything() -> None:
    assert keys("catalogue", "reset") == {"*"}


def test_what_nobody_here_knows_concerns_everything() -> None:
    assert "*" in keys("festival", "created")


def query(**asked: object) -> FilmQuery:
    return FilmQuery(**{"limit": 10, "order": (Term("id"),), **asked})  # type: ignore[arg-type]


def test_a_plain_list_depends_on_which_films_there_are() -> None:
    assert film_list(query()) == films() == {"films"}


@pytest.mark.parametrize(
    "sort,column", [("title", "title_key"), ("random", "shuffle"), ("year", "year"), ("updated", "updated")]
)
def test_a_sort_depends_on_its_stored_column(sort: str, column: str) -> None:
    assert film_list(query(order=(Term(sort, descending=True), Term("id")))) == films(column)


def test_a_range_depends_on_its_column() -> None:
    assert film_list(query(bounds=(("votes", Bounds(1)),), title_prefix="a")) == films("votes", "title_key")


@pytest.mark.parametrize("name", list(FILTERS))
def test_a_filter_depends_on_its_links_and_its_vocabulary(name: str) -> None:
    choice = Choice((5,) if name == "person" else ("x",), negated=True)
    persons = {"person/5"} if name == "person" else set()
    assert film_list(query(**{name: (choice,)})) == films() | FILTERS[name] | persons


def test_links_in_filters_are_links_of_the_log() -> None:
    logged = {f"films.{link.entity}" for link in LINKS} | set(VOCABULARIES.values()) | {"films.original_language_id"}
    assert frozenset().union(*FILTERS.values()) <= logged


def test_a_selection_of_people_is_named_alike() -> None:
    assert people("name_key") == {"people", "people.name_key"}
