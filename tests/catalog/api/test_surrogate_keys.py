"""What each resource says that its answers depend on, for the server's cache."""

import pytest

from catalog.models import Film
from tests.catalog.api.client import Client


@pytest.fixture
def film(db: None) -> Film:
    return Film.objects.create(title="Ikiru", year=1952, published=True)


def keys(client: Client, path: str) -> set[str]:
    answer = client.get(path)
    assert answer.status == 200
    return set(answer.headers["Surrogate-Key"].split(" "))


def test_a_film_depends_on_itself(client: Client, film: Film) -> None:
    assert keys(client, f"/api/movies/{film.pk}?fields=title") == {f"film/{film.pk}"}


def test_a_list_depends_on_its_films_and_on_what_chose_them(client: Client, film: Film) -> None:
    told = keys(client, "/api/movies?fields=title&sort=-year&votes__gte=0")
    assert told == {f"film/{film.pk}", "films", "films.year", "films.votes"}


def test_films_by_id_depend_on_the_missing_too(client: Client, film: Film) -> None:
    assert keys(client, f"/api/movies?ids={film.pk},999999") == {f"film/{film.pk}", "film/999999"}


@pytest.mark.parametrize("path", ["/api", "/api/problems"])
def test_what_never_changes_says_so(client: Client, path: str) -> None:
    assert keys(client, path) == {"fixed"}


def test_an_error_and_a_304_have_none(client: Client, film: Film) -> None:
    tag = client.get("/api/movies").headers["ETag"]
    answers = [client.get("/api/movies/0"), client.get("/api/movies", headers={"If-None-Match": tag})]
    assert [(answer.status, "Surrogate-Key" in answer.headers) for answer in answers] == [(404, False), (304, False)]
