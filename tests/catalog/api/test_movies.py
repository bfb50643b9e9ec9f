"""`/api/movies`: the envelope, the filters, the fields, films by id."""

from datetime import date
from typing import Any
from urllib.parse import quote

import pytest

from catalog.models import CastCredit, Country, CrewCredit, Film, Genre, Language, Person
from catalog.values import FILM_FIELDS
from tests.catalog.api.client import Client


@pytest.fixture
def catalogue(db: None) -> dict[str, Film]:
    """Four films that every filter tells apart, and a draft that none may show."""
    rows: dict[str, dict[str, Any]] = {
        "Alien": {"year": 1979, "rating": 8.5, "votes": 900, "runtime": 117, "revenue": 104931801, "popularity": 50.0},
        "Amélie": {"year": 2001, "rating": 8.3, "votes": 700, "runtime": 122, "revenue": 174200000, "popularity": 30.0},
        "Nosferatu": {"year": 1922, "rating": 7.9, "votes": 90, "runtime": 94, "popularity": 9.5},
        "Unknown": {},
        "Draft": {"year": 1979},
    }
    films = {
        title: Film.objects.create(title=title, published=title != "Draft", **values) for title, values in rows.items()
    }
    tie(films)
    return films


def tie(films: dict[str, Film]) -> None:
    """Genres, countries, languages and people of the films."""
    genres = {slug: Genre.objects.create(slug=slug, name=slug) for slug in ("horror", "romance", "science-fiction")}
    films["Alien"].genres.set([genres["horror"], genres["science-fiction"]])
    films["Nosferatu"].genres.set([genres["horror"]])
    films["Amélie"].genres.set([genres["romance"]])
    for title, country, language in (("Alien", "GB", "en"), ("Amélie", "FR", "fr"), ("Nosferatu", "DE", "de")):
        row, _ = Country.objects.get_or_create(code=country, defaults={"name": country})
        films[title].countries.add(row)
        spoken, _ = Language.objects.get_or_create(code=language, defaults={"name": language})
        Film.objects.filter(pk=films[title].pk).update(original_language=spoken)
    people = [Person.objects.create(name=name) for name in ("Sigourney Weaver", "F. W. Murnau")]
    CastCredit.objects.create(film=films["Alien"], person=people[0], character="Ripley")
    CrewCredit.objects.create(film=films["Nosferatu"], person=people[1], department="Directing", job="Director")


def titles(client: Client, query: str) -> set[str]:
    answer = client.get(f"/api/movies?{query}")
    assert answer.status == 200, answer.json
    return {film["title"] for film in answer.json["data"]}


ALL = {"Alien", "Amélie", "Nosferatu", "Unknown"}


@pytest.mark.contract("filters.or", "filters.and", "filters.not", "filters.range", "filters.names", "filters.literal")
@pytest.mark.parametrize(
    "query,expected",
    [
        ("", ALL),
        ("genre=horror", {"Alien", "Nosferatu"}),
        ("genre=romance,science-fiction", {"Alien", "Amélie"}),
        ("genre=horror&genre=science-fiction", {"Alien"}),
        ("genre=!horror", {"Amélie", "Unknown"}),
        ("genre=!horror,romance", {"Unknown"}),
        ("genre=horror&genre=!science-fiction", {"Nosferatu"}),
        ("country=FR,DE", {"Amélie", "Nosferatu"}),
        ("country=!FR", ALL - {"Amélie"}),
        ("language=fr", {"Amélie"}),
        ("language=!fr", ALL - {"Amélie"}),
        ("language=fr,en&language=en", {"Alien"}),
        ("year=1979", {"Alien"}),
        ("year=1922..1979", {"Alien", "Nosferatu"}),
        ("year=1979..", {"Alien", "Amélie"}),
        ("year=..1979", {"Alien", "Nosferatu"}),
        ("year__gte=1980", {"Amélie"}),
        ("year__lte=1922", {"Nosferatu"}),
        ("year=1900..2001&year__gte=1979&year__lte=2000", {"Alien"}),
        ("year=1..9999", ALL - {"Unknown"}),
        ("rating__gte=8.3", {"Alien", "Amélie"}),
        ("rating=7.9..8.3", {"Amélie", "Nosferatu"}),
        ("rating__lte=10", ALL - {"Unknown"}),
        ("votes__lte=90", {"Nosferatu", "Unknown"}),
        ("runtime__gte=100&runtime__lte=120", {"Alien"}),
        ("revenue__gte=0", {"Alien", "Amélie"}),
        ("popularity__gte=9.5", ALL - {"Unknown"}),
        ("title__startswith=AMELI", {"Amélie"}),
        ("title__startswith=%C3%A0", {"Alien", "Amélie"}),
        ("title__startswith=nos&genre=horror", {"Nosferatu"}),
    ],
)
def test_a_filter_lets_through(client: Client, catalogue: dict[str, Film], query: str, expected: set[str]) -> None:
    assert titles(client, query) == expected


@pytest.mark.contract("filters.range")
@pytest.mark.parametrize("sort", ["year", "-year", "rating", "-rating"])
def test_a_range_is_the_same_under_every_sort(client: Client, catalogue: dict[str, Film], sort: str) -> None:
    """The filter stands on the column that sorts, whose stand-in for unknown must stay outside."""
    assert titles(client, f"sort={sort}&year__gte=1979") == {"Alien", "Amélie"}
    assert titles(client, f"sort={sort}&rating__lte=8.3") == {"Amélie", "Nosferatu"}


@pytest.mark.contract("filters.names")
def test_a_person_is_found_in_cast_and_crew(client: Client, catalogue: dict[str, Film]) -> None:
    actor, director = (Person.objects.get(name=name).pk for name in ("Sigourney Weaver", "F. W. Murnau"))
    assert titles(client, f"person={actor}") == {"Alien"}
    assert titles(client, f"person={actor},{director}") == {"Alien", "Nosferatu"}
    assert titles(client, f"person=!{director}") == ALL - {"Nosferatu"}


@pytest.mark.contract("filters.literal")
def test_a_beginning_keeps_its_last_blank(client: Client, db: None) -> None:
    """`The ` is an article, `The` may be a theatre."""
    for title in ("The Thing", "Theatre"):
        Film.objects.create(title=title, published=True)
    assert titles(client, "title__startswith=the%20") == {"The Thing"}
    assert titles(client, "title__startswith=the") == {"The Thing", "Theatre"}


@pytest.mark.contract("filters.literal")
@pytest.mark.parametrize(
    "title", ["!Women Art Revolution", "Hello, Dolly!", "100% Wolf", "P_lp", "1941..1945", 'A "B"']
)
def test_a_text_has_no_signs_that_mean_anything(client: Client, catalogue: dict[str, Film], title: str) -> None:
    Film.objects.create(title=title, published=True)
    assert titles(client, f"title__startswith={quote(title)}") == {title}
    assert titles(client, f"title__startswith={quote(title[:2])}") == {title}
    assert title in titles(client, f"q={quote(title)}")


@pytest.mark.contract("lists.envelope", "resources.movies")
def test_an_empty_catalogue_is_an_empty_list(client: Client) -> None:
    page = {"limit": 20, "next": None, "prev": None, "count": None}
    assert client.get("/api/movies").json == {"data": [], "page": page}


@pytest.mark.contract("lists.echo", "lists.limit")
def test_the_effective_limit_is_echoed(client: Client) -> None:
    assert client.get("/api/movies").json["page"]["limit"] == 20
    assert client.get("/api/movies?limit=200").json["page"]["limit"] == 200


def test_a_film_in_a_list_has_all_of_its_columns(client: Client, catalogue: dict[str, Film]) -> None:
    film = client.get("/api/movies?limit=1").json["data"][0]
    assert tuple(film) == FILM_FIELDS
    assert (film["title"], film["rating"], film["original_language"]) == ("Alien", 8.5, "en")


@pytest.mark.contract("types.times", "types.dates", "types.units", "types.null")
def test_values_have_the_forms_of_the_contract(client: Client, db: None) -> None:
    """ISO dates, RFC 3339 in UTC, whole numbers past 2^31, null for what is unknown."""
    Film.objects.create(
        title="Ω", published=True, release_date=date(1999, 1, 1), release_precision="year", revenue=2_923_706_026
    )
    film = client.get("/api/movies").json["data"][0]
    assert (film["release_date"], film["release_precision"], film["revenue"]) == ("1999-01-01", "year", 2923706026)
    assert film["created"].endswith("Z")
    assert film["overview"] is None
    assert film["poster"] is None


def test_a_poster_is_an_address(client: Client, db: None) -> None:
    Film.objects.create(title="Ω", published=True, poster="posters/o mega.jpg")
    assert client.get("/api/movies").json["data"][0]["poster"] == "/media/posters/o%20mega.jpg"


@pytest.mark.contract("lists.fields")
def test_fields_prune_and_order(client: Client, catalogue: dict[str, Film]) -> None:
    body = client.get("/api/movies?fields=title,id&limit=1").body
    assert b'"data":[{"title":"Alien","id":' in body


@pytest.mark.contract("lists.ids")
def test_ids_keep_their_order_and_missing_ones_are_listed(client: Client, catalogue: dict[str, Film]) -> None:
    """A draft is missing like one that never was."""
    wanted = [catalogue[title].pk for title in ("Nosferatu", "Draft", "Alien")]
    answer = client.get(f"/api/movies?ids={','.join(map(str, wanted))},{2**63 - 1}&fields=title").json
    assert answer["data"] == [{"title": "Nosferatu"}, {"title": "Alien"}]
    assert answer["missing"] == [catalogue["Draft"].pk, 2**63 - 1]


@pytest.mark.contract("fresh.promise")
def test_an_edit_is_in_the_very_next_answer(client: Client, catalogue: dict[str, Film]) -> None:
    assert titles(client, "limit=1") == {"Alien"}
    Film.objects.filter(title="Alien").update(title="Alien³")
    assert titles(client, "limit=1") == {"Alien³"}


@pytest.mark.contract("lists.links")
def test_links_are_the_same_in_the_header(client: Client, catalogue: dict[str, Film]) -> None:
    first = client.get("/api/movies?limit=1&sort=-year&genre=!romance")
    assert first.headers["Link"] == f'<{first.json["page"]["next"]}>; rel="next"'
    second = client.get(first.json["page"]["next"])
    assert second.headers["Link"] == ", ".join(
        f'<{second.json["page"][relation]}>; rel="{relation}"' for relation in ("next", "prev")
    )


def test_a_list_without_neighbours_has_no_link_header(client: Client, catalogue: dict[str, Film]) -> None:
    assert "Link" not in client.get("/api/movies").headers
