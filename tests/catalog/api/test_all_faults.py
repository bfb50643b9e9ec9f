"""All faults of a body in one answer: those of its form hide none of those that only the catalogue can find."""

from itertools import combinations
from typing import Any

import pytest

from catalog.models import Film, Genre, Person
from tests.catalog.api.writing import Writer

pytestmark = pytest.mark.usefixtures("catalogue")

FORM: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "a year": ({"year": 1}, {"#/year": "out_of_range"}),
    "an unknown member": ({"titel": "X"}, {"#/titel": "unknown_member"}),
    "a genre": ({"genres": ["horor", 5, "horor-2"]}, {"#/genres/1": "wrong_type"}),
    "a credit": (
        {"cast": [{"person": {"id": 99}, "order": -1}, {}, {"person": {"name": "Twin"}}]},
        {"#/cast/0/order": "out_of_range", "#/cast/1/person": "required"},
    ),
    "an id elsewhere": ({"external_ids": {"imdb": "tt0111161", "tmdb": 5}}, {"#/external_ids/tmdb": "wrong_type"}),
    "a title": ({"titles": [{"title": ""}, {"title": "X", "region": "XX"}]}, {"#/titles/0/title": "blank"}),
}
"""What is wrong with the form of a member, beside what the catalogue must find in the same member."""

FOUND: dict[str, dict[str, str]] = {
    "a genre": {"#/genres/0": "unknown_value", "#/genres/2": "unknown_value"},
    "a credit": {"#/cast/0/person/id": "unknown_value", "#/cast/2/person/name": "ambiguous"},
    "an id elsewhere": {"#/external_ids/imdb": "taken"},
    "a title": {"#/titles/1/region": "unknown_value"},
}


@pytest.fixture
def catalogue(db: None) -> None:
    Genre.objects.create(slug="drama", name="Drama")
    other = Film.objects.create(title="The Shawshank Redemption", published=True)
    other.external_ids.create(source="imdb", value="tt0111161")
    for _ in range(2):
        Person.objects.create(name="Twin")


@pytest.mark.contract("errors.faults")
@pytest.mark.parametrize("names", [*combinations(FORM, 1), *combinations(FORM, 2), tuple(FORM)], ids=" and ".join)
def test_faults_of_the_form_hide_none_of_the_catalogue(writer: Writer, names: tuple[str, ...]) -> None:
    body: dict[str, Any] = {"title": "X", "countries": ["XX"]}
    expected = {"#/countries/0": "unknown_value"}
    for name in names:
        body |= FORM[name][0]
        expected |= FORM[name][1] | FOUND.get(name, {})
    answer = writer.post("/api/movies", body)
    assert (answer.status, answer.codes) == (422, expected)
    assert Film.objects.count() == 1


@pytest.mark.parametrize(
    "body, expected",
    [
        ({"release_date": "1999-02-30", "release_precision": "day"}, {"#/release_date": "bad_date"}),
        ({"cast": [{"person": {"id": 0}}]}, {"#/cast/0/person/id": "out_of_range"}),
        ({"collection": {"id": "1"}}, {"#/collection/id": "wrong_type"}),
        ({"genres": [{"slug": 1}, "drama"]}, {"#/genres/0/slug": "wrong_type"}),
        ({"genres": [5, "drama", "drama"]}, {"#/genres/0": "wrong_type", "#/genres/2": "duplicate"}),
        (
            {"cast": [{"person": {"name": "A"}}, {"person": {"name": "A"}, "character": 5}]},
            {"#/cast/1/character": "wrong_type"},
        ),
        ({"titles": [{"title": "A"}, {"title": "A", "region": "us"}]}, {"#/titles/1/region": "bad_form"}),
        ({"keywords": [{"name": 5}]}, {"#/keywords/0/name": "wrong_type"}),
        ({"ratings": [{"source": "imdb", "average": "8", "count": 1}]}, {"#/ratings/0/average": "wrong_type"}),
    ],
)
def test_nothing_is_said_of_a_value_that_only_lacks_its_faulty_part(
    writer: Writer, body: dict[str, Any], expected: dict[str, str]
) -> None:
    assert writer.post("/api/movies", {"title": "X", **body}).codes == expected


def test_an_id_that_is_taken_is_a_clash_only_where_nothing_else_is_wrong(writer: Writer) -> None:
    body = {"title": "X", "external_ids": {"imdb": "tt0111161"}}
    assert writer.post("/api/movies", body).status == 409
    assert writer.post("/api/movies", {**body, "genres": ["x"]}).status == 422


def test_where_too_much_is_wrong_to_tell_nothing_more_is_looked_for(writer: Writer) -> None:
    answer = writer.post("/api/movies", {"keywords": [7] * 500, "year": "x", "title": 7})
    assert (answer.status, len(answer.json["errors"])) == (422, 100)


def test_faults_of_people_are_told_at_once_too(writer: Writer) -> None:
    writer.post("/api/people", {"name": "A", "external_ids": {"imdb": "nm0000151"}})
    ids = {"imdb": "nm0000151", "tmdb": "x", "wikidata": 5}
    answer = writer.post("/api/people", {"name": "", "birth_date": "1999-13-01", "external_ids": ids})
    assert answer.codes == {
        "#/name": "blank",
        "#/birth_date": "bad_date",
        "#/external_ids/imdb": "taken",
        "#/external_ids/tmdb": "bad_form",
        "#/external_ids/wikidata": "wrong_type",
    }


def test_a_row_of_many_tells_all_its_faults_too(writer: Writer) -> None:
    row = {"genres": ["x", 5], "external_ids": {"imdb": "tt0111161", "tmdb": 5}, "year": 1}
    answer = writer.post("/api/movies/bulk?key=imdb_id", [row])
    told = {fault["pointer"] for fault in answer.json["rows"][0]["problem"]["errors"]}
    assert told == {"#/genres/0", "#/genres/1", "#/external_ids/tmdb", "#/year"}
