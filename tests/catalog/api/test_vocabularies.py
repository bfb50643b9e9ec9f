"""`/api/genres`, `/api/countries`, `/api/languages`: what filters name, with the number of published films."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import selectors
from catalog.api.vocabularies import FILTERS
from catalog.models import Country, Film, Genre, Language
from tests.catalog.api.client import Client

NAMES = ("genres", "countries", "languages")


@pytest.fixture
def films(db: None) -> list[Film]:
    """Two films and a draft that share a genre, a country and a language."""
    genre = Genre.objects.create(slug="horror", name="Horror")
    Genre.objects.create(slug="western", name="Western")
    country, _ = Country.objects.get_or_create(code="DE", defaults={"name": "Germany"})
    language, _ = Language.objects.get_or_create(code="de", defaults={"name": "German"})
    films = [Film.objects.create(title=f"F{n}", published=n < 2, original_language=language) for n in range(3)]
    for film in films:
        film.genres.add(genre)
        film.countries.add(country)
    return films


def rows(client: Client, name: str) -> list[dict[str, Any]]:
    answer = client.get(f"/api/{name}")
    assert answer.status == 200
    return list(answer.json["data"])


@pytest.mark.contract("resources.genres")
def test_a_genre_has_the_number_of_published_films(client: Client, films: list[Film]) -> None:
    """Drafts do not count, and a genre without films is there too."""
    assert rows(client, "genres") == [
        {"slug": "horror", "name": "Horror", "movies": 2},
        {"slug": "western", "name": "Western", "movies": 0},
    ]


@pytest.mark.contract("resources.countries", "resources.languages")
@pytest.mark.parametrize("name,code", [("countries", "DE"), ("languages", "de")])
def test_a_code_has_the_number_of_published_films(client: Client, films: list[Film], name: str, code: str) -> None:
    found = {row["code"]: row["movies"] for row in rows(client, name)}
    assert (found.pop(code), set(found.values())) == (2, {0})


@pytest.mark.parametrize("name", NAMES)
def test_a_number_is_that_of_the_list_it_leads_to(client: Client, films: list[Film], name: str) -> None:
    """Of the languages of a film it is the original one that the filter means."""
    films[0].languages.add(Language.objects.get_or_create(code="fr", defaults={"name": "French"})[0])
    parameter = FILTERS[name]
    for row in rows(client, name):
        value = row.get("slug") or row["code"]
        if row["movies"] or value == "fr":
            shown = client.get(f"/api/movies?{parameter}={value}").json["data"]
            assert len(shown) == row["movies"]


@pytest.mark.parametrize("name", NAMES)
def test_rows_stand_in_the_order_of_what_names_them(client: Client, films: list[Film], name: str) -> None:
    keys = [row.get("slug") or row["code"] for row in rows(client, name)]
    assert keys == sorted(keys)


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_a_vocabulary_takes_two_queries_however_many_films_there_are(films: list[Film], name: str) -> None:
    with CaptureQueriesContext(connection) as captured:
        selectors.vocabulary(FILTERS[name])
    assert len(captured) == 2


def test_a_vocabulary_depends_on_its_names_and_on_which_films_bear_them(client: Client, films: list[Film]) -> None:
    keys = client.get("/api/genres").headers["Surrogate-Key"].split(" ")
    assert set(keys) == {"genres", "films", "films.film_genre"}
