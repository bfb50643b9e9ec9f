"""The film and the person that the OpenAPI document shows: who sends them as they stand is not refused."""

import pytest

from catalog.api.samples import FILM, PERSON
from catalog.models import Genre
from catalog.values import FILM_DETAIL_FIELDS, PERSON_DETAIL_FIELDS
from tests.catalog.api.contract import DOCUMENT
from tests.catalog.api.writing import Writer


@pytest.fixture(autouse=True)
def genres(db: None) -> None:
    Genre.objects.bulk_create([Genre(slug="crime", name="Crime"), Genre(slug="drama", name="Drama")])


def sample(method: str, path: str) -> object:
    """The body that the document shows for an operation."""
    [content] = list(DOCUMENT["paths"][path][method]["requestBody"]["content"].values())[:1]
    return content["example"]


@pytest.mark.parametrize("path", ["/api/movies", "/api/people"])
def test_what_is_shown_is_taken(writer: Writer, path: str) -> None:
    made = writer.post(path, sample("post", path))
    assert made.status == 201, made.json
    address = made.headers["Location"]
    assert writer.put(address, sample("put", f"{path}/{{id}}")).status == 200
    assert writer.patch(address, sample("patch", f"{path}/{{id}}")).status == 200


def test_rows_that_are_shown_are_taken(writer: Writer) -> None:
    path = "/api/movies/bulk"
    assert writer.post(f"{path}?key=imdb_id", sample("post", path)).json["created"] == 1


def test_what_is_shown_is_whole() -> None:
    assert (tuple(FILM), tuple(PERSON)) == (FILM_DETAIL_FIELDS, PERSON_DETAIL_FIELDS)


def test_what_comes_of_the_film_that_is_shown_is_as_it_is_shown(writer: Writer) -> None:
    made = writer.post("/api/movies", sample("post", "/api/movies")).json
    for name in ("genres", "countries", "languages", "keywords", "titles", "external_ids", "rating", "status"):
        assert made[name] == FILM[name], name
