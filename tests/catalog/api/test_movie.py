"""`/api/movies/{id}`: one film with all that belongs to it, and the ways that lead there."""

from typing import Any

import pytest

from catalog.models import (
    CastCredit,
    Collection,
    Company,
    Country,
    CrewCredit,
    Film,
    FilmExternalId,
    Genre,
    Keyword,
    Language,
    Person,
    Rating,
    Title,
)
from catalog.values import FILM_DETAIL_FIELDS
from tests.catalog.api.client import Client


@pytest.fixture
def film(db: None) -> Film:
    """A film with something in every relation."""
    collection = Collection.objects.create(name="Alien Anthology")
    film = Film.objects.create(title="Alien", year=1979, published=True, collection=collection)
    country, _ = Country.objects.get_or_create(code="GB", defaults={"name": "United Kingdom"})
    language, _ = Language.objects.get_or_create(code="en", defaults={"name": "English"})
    film.countries.set([country])
    film.languages.set([language])
    film.genres.set([Genre.objects.create(slug=slug, name=slug.title()) for slug in ("science-fiction", "horror")])
    film.keywords.set([Keyword.objects.create(slug="cat", name="cat")])
    film.companies.set([Company.objects.create(name="Brandywine", country=country)])
    Title.objects.create(film=film, title="Alien, le huitième passager", language=language, kind="release")
    Rating.objects.create(film=film, source="imdb", average=8.5, scale=10, count=900)
    credit(film)
    return film


def credit(film: Film) -> None:
    """Cast out of order, crew, and what others call the film."""
    weaver, skerritt, scott = (Person.objects.create(name=name) for name in ("Weaver", "Skerritt", "Scott"))
    CastCredit.objects.create(film=film, person=weaver, character="Ripley", order=1)
    CastCredit.objects.create(film=film, person=skerritt, order=0)
    CrewCredit.objects.create(film=film, person=scott, department="Directing", job="Director")
    FilmExternalId.objects.create(film=film, source="imdb", value="tt0078748")
    FilmExternalId.objects.create(film=film, source="wikipedia", value="Alien (film) / 50%")


@pytest.mark.contract("resources.movie")
def test_a_film_has_every_field_of_the_contract(client: Client, film: Film) -> None:
    answer = client.get(f"/api/movies/{film.pk}")
    assert answer.status == 200
    assert tuple(answer.json) == FILM_DETAIL_FIELDS


@pytest.mark.parametrize(
    "field,expected",
    [
        ("title", "Alien"),
        ("genres", [{"slug": "horror", "name": "Horror"}, {"slug": "science-fiction", "name": "Science-Fiction"}]),
        ("keywords", [{"slug": "cat", "name": "cat"}]),
        ("external_ids", {"imdb": "tt0078748", "wikipedia": "Alien (film) / 50%"}),
        ("ratings", [{"source": "imdb", "average": 8.5, "scale": 10, "count": 900}]),
        (
            "titles",
            [{"title": "Alien, le huitième passager", "region": None, "language": "en", "kind": "release"}],
        ),
    ],
)
def test_a_field_of_a_film(client: Client, film: Film, field: str, expected: Any) -> None:
    assert client.get(f"/api/movies/{film.pk}?fields={field}").json == {field: expected}


@pytest.mark.contract("types.codes")
def test_named_things_have_ids_or_codes(client: Client, film: Film) -> None:
    shown = client.get(f"/api/movies/{film.pk}?fields=collection,companies,countries,languages").json
    assert shown["collection"]["name"] == "Alien Anthology"
    assert (shown["companies"][0]["name"], shown["companies"][0]["country"]) == ("Brandywine", "GB")
    assert (shown["countries"][0]["code"], shown["languages"][0]["code"]) == ("GB", "en")


def test_credits_stand_in_billing_order(client: Client, film: Film) -> None:
    shown = client.get(f"/api/movies/{film.pk}?fields=cast,crew").json
    assert [(credit["person"]["name"], credit["character"]) for credit in shown["cast"]] == [
        ("Skerritt", None),
        ("Weaver", "Ripley"),
    ]
    assert (shown["crew"][0]["job"], shown["crew"][0]["department"]) == ("Director", "Directing")


def test_a_film_without_relations_has_them_empty(client: Client) -> None:
    bare = Film.objects.create(title="Bare", published=True)
    shown = client.get(f"/api/movies/{bare.pk}?fields=collection,genres,cast,external_ids").json
    assert shown == {"collection": None, "genres": [], "cast": [], "external_ids": {}}


@pytest.mark.contract("addresses.ids")
@pytest.mark.parametrize("name", ["imdb:tt0078748", "wikipedia:Alien%20%28film%29%20%2F%2050%25"])
def test_an_external_id_leads_to_the_canonical_address(client: Client, film: Film, name: str) -> None:
    answer = client.get(f"/api/movies/{name}?fields=id")
    assert answer.status == 307
    assert answer.headers["Location"] == f"/api/movies/{film.pk}?fields=id"
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.contract("errors.404")
@pytest.mark.parametrize("name", ["0", "12345", str(2**63 - 1), str(2**63), "9" * 4000, "imdb:tt9999999", "tmdb:1"])
def test_what_does_not_exist_is_not_found(client: Client, film: Film, name: str) -> None:
    answer = client.get(f"/api/movies/{name}")
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.contract("errors.404")
def test_a_draft_is_not_found_by_any_name(client: Client, film: Film) -> None:
    Film.objects.update(published=False)
    assert client.get(f"/api/movies/{film.pk}").status == 404
    assert client.get("/api/movies/imdb:tt0078748").status == 404


@pytest.mark.contract("addresses.ids")
@pytest.mark.parametrize(
    "name",
    ["abc", "-1", "+1", "1.5", "007", "1e3", "%D9%A1", "imdb:", "imdb:78748", ":1", "wikipedia:a%00b", "%FF", "1%00"],
)
def test_what_is_no_id_is_a_bad_request(client: Client, film: Film, name: str) -> None:
    answer = client.get(f"/api/movies/{name}")
    assert answer.status == 400
    assert answer.codes == {"#": "bad_id"}


def test_an_unknown_source_names_the_nearest(client: Client, film: Film) -> None:
    assert "the nearest is 'imdb'" in client.get("/api/movies/imbd:tt0078748").json["detail"]


@pytest.mark.parametrize("query,pointer", [("fields=titel", "#/fields"), ("limit=3", "#/limit")])
def test_one_film_takes_fields_and_nothing_else(client: Client, film: Film, query: str, pointer: str) -> None:
    answer = client.get(f"/api/movies/{film.pk}?{query}")
    assert answer.status == 400
    assert pointer in answer.codes
