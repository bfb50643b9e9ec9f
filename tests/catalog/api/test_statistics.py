"""`/api/stats`, `facet=` and `/api/movies/{id}/similar`: films counted and compared, within a time."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import selectors
from catalog.api import params
from catalog.models import CastCredit, Country, CrewCredit, Film, Genre, Language, Person
from catalog.values import FILM_FACETS, FilmQuery, Term
from tests.catalog.api.client import Client

ALL = FilmQuery(limit=20, order=(Term("id"),))


@pytest.fixture
def films(db: None) -> dict[str, Film]:
    """Films with links of every kind, one of which little is known, and a draft that never counts."""
    rows: dict[str, dict[str, Any]] = {
        "Alien": {"year": 1979, "rating": 8.5, "votes": 900, "runtime": 117, "popularity": 50.0},
        "Aliens": {"year": 1986, "rating": 8.4, "votes": 700, "runtime": 137, "popularity": 40.0},
        "Solaris": {"year": 1972, "rating": 10.0, "votes": 90, "runtime": 167},
        "Amélie": {"year": 2001, "rating": 9.1, "votes": 700, "runtime": 122},
        "Unknown": {},
        "Draft": {"year": 1979, "rating": 1.0, "votes": 5000, "runtime": 10},
    }
    films = {title: Film.objects.create(title=title, published=title != "Draft", **row) for title, row in rows.items()}
    tie(films)
    return films


def tie(films: dict[str, Film]) -> None:
    """Genres, countries, languages and people: Aliens shares most with Alien, Solaris a genre."""
    names = {"horror": "Horror", "sci-fi": "Science Fiction", "romance": "Romance"}
    genres = {slug: Genre.objects.create(slug=slug, name=name) for slug, name in names.items()}
    wanted = {"Alien": ["horror", "sci-fi"], "Aliens": ["sci-fi"], "Solaris": ["sci-fi"], "Amélie": ["romance"]}
    for title, slugs in {**wanted, "Draft": ["horror"]}.items():
        films[title].genres.set([genres[slug] for slug in slugs])
    for title, country, language in (("Alien", "GB", "en"), ("Aliens", "GB", "en"), ("Amélie", "FR", "fr")):
        films[title].countries.add(Country.objects.get_or_create(code=country, defaults={"name": country})[0])
        spoken, _ = Language.objects.get_or_create(code=language, defaults={"name": language})
        Film.objects.filter(pk=films[title].pk).update(original_language=spoken)
    weaver, scott = Person.objects.create(name="Sigourney Weaver"), Person.objects.create(name="Ridley Scott")
    for title in ("Alien", "Aliens", "Draft"):
        CastCredit.objects.create(film=films[title], person=weaver, character="Ripley")
    CrewCredit.objects.create(film=films["Alien"], person=scott, department="Directing", job="Director")
    CrewCredit.objects.create(film=films["Unknown"], person=scott, department="Production", job="Producer")


def shown(client: Client, path: str) -> Any:
    answer = client.get(path)
    assert answer.status == 200, answer.json
    return answer.json


def numbers(counted: list[dict[str, Any]]) -> dict[Any, int]:
    return {each["value"]: each["count"] for each in counted}


@pytest.mark.contract("resources.stats")
def test_totals_are_those_of_the_published_films(client: Client, films: dict[str, Film]) -> None:
    assert shown(client, "/api/stats")["totals"] == {
        "movies": 5,
        "votes": 2390,
        "runtime": 543,
        "rating": 9.0,
        "first_year": 1972,
        "last_year": 2001,
    }


@pytest.mark.contract("resources.stats")
def test_films_are_counted_by_every_facet(client: Client, films: dict[str, Film]) -> None:
    """A mark of ten belongs to those from nine; what is unknown is in no number."""
    by = shown(client, "/api/stats")["by"]
    assert {name: numbers(counted) for name, counted in by.items()} == {
        "year": {1972: 1, 1979: 1, 1986: 1, 2001: 1},
        "decade": {1970: 2, 1980: 1, 2000: 1},
        "rating": {8: 2, 9: 2},
        "genre": {"sci-fi": 3, "horror": 1, "romance": 1},
        "country": {"GB": 2, "FR": 1},
        "language": {"en": 2, "fr": 1},
    }


def test_years_ascend_and_names_stand_with_the_greatest_first(client: Client, films: dict[str, Film]) -> None:
    by = shown(client, "/api/stats")["by"]
    assert [each["value"] for each in by["decade"]] == [1970, 1980, 2000]
    assert by["genre"] == [
        {"value": "sci-fi", "name": "Science Fiction", "count": 3},
        {"value": "horror", "name": "Horror", "count": 1},
        {"value": "romance", "name": "Romance", "count": 1},
    ]


def test_an_empty_catalogue_has_statistics_too(client: Client) -> None:
    stats = shown(client, "/api/stats")
    assert stats["totals"]["movies"] == 0
    assert stats["by"] == {name: [] for name in FILM_FACETS}
    assert stats["partial"] == []


@pytest.mark.contract("resources.stats")
@pytest.mark.parametrize("query", ["genre=sci-fi", "genre=!sci-fi", "year=1970..1989&country=GB", "q=alien", "year=1"])
def test_statistics_are_those_of_the_filter(client: Client, films: dict[str, Film], query: str) -> None:
    """The same films as the list shows, counted."""
    stats = shown(client, f"/api/stats?{query}")
    listed = shown(client, f"/api/movies?{query}&include=genres")["data"]
    assert stats["totals"]["movies"] == len(listed)
    slugs = [genre["slug"] for film in listed for genre in film["genres"]]
    assert numbers(stats["by"]["genre"]) == {slug: slugs.count(slug) for slug in slugs}


@pytest.mark.contract("lists.facet")
@pytest.mark.parametrize("query", ["", "genre=sci-fi", "year=1970..1989"])
def test_facets_of_a_list_are_its_statistics(client: Client, films: dict[str, Film], query: str) -> None:
    """Of the whole list, not of the page."""
    page = shown(client, f"/api/movies?{query}&limit=1&facet=genre,decade,country".replace("?&", "?"))
    by = shown(client, f"/api/stats?{query}")["by"]
    assert page["facets"] == {name: by[name] for name in ("genre", "decade", "country")}
    assert page["partial"] == []


def test_without_facet_a_list_has_none(client: Client, films: dict[str, Film]) -> None:
    assert set(shown(client, "/api/movies")) == {"data", "page"}


@pytest.mark.parametrize(
    "path,pointer,code",
    [
        ("/api/movies?facet=genres", "#/facet", "unknown_facet"),
        ("/api/movies?facet=", "#/facet", "blank"),
        ("/api/movies?facet=genre,genre", "#/facet", "duplicate"),
        ("/api/movies?facet=genre&facet=year", "#/facet", "repeated"),
        ("/api/movies?facet=genre&ids=1", "#/facet", "misplaced"),
        ("/api/stats?limit=5", "#/limit", "unknown_parameter"),
        ("/api/stats?sort=year", "#/sort", "unknown_parameter"),
        ("/api/stats?genre=horor", "#/genre", "unknown_value"),
        ("/api/stats?year=x", "#/year", "not_whole"),
        ("/api/stats?title__startswith=%CC%81", "#/title__startswith", "blank"),
        ("/api/movies/1/similar?limit=0", "#/limit", "out_of_range"),
        ("/api/movies/1/similar?limit=201", "#/limit", "out_of_range"),
        ("/api/movies/1/similar?fields=cast", "#/fields", "unknown_field"),
        ("/api/movies/1/similar?cursor=x", "#/cursor", "unknown_parameter"),
        ("/api/movies/1/similar?genre=horor", "#/genre", "unknown_value"),
        ("/api/movies/alien/similar", "#", "bad_id"),
    ],
)
def test_a_bad_parameter_is_named(client: Client, films: dict[str, Film], path: str, pointer: str, code: str) -> None:
    answer = client.get(path)
    assert (answer.status, answer.codes) == (400, {pointer: code})


def test_faults_of_syntax_and_of_values_are_told_at_once(client: Client, films: dict[str, Film]) -> None:
    assert client.get("/api/stats?year=x&genre=horor").codes == {"#/year": "not_whole", "#/genre": "unknown_value"}


def similar(client: Client, film: Film, query: str = "fields=title") -> list[tuple[str, dict[str, int]]]:
    found = shown(client, f"/api/movies/{film.pk}/similar?{query}")["data"]
    return [(each["movie"]["title"], each["shared"]) for each in found]


@pytest.mark.contract("resources.similar")
def test_similar_films_share_people_and_genres_the_most_alike_first(client: Client, films: dict[str, Film]) -> None:
    """People of the cast and the crew, in whatever role; no draft, and not the film itself."""
    assert similar(client, films["Alien"]) == [
        ("Aliens", {"people": 1, "genres": 1}),
        ("Unknown", {"people": 1, "genres": 0}),
        ("Solaris", {"people": 0, "genres": 1}),
    ]


def test_of_films_that_share_as_much_the_more_popular_stands_first(client: Client, films: dict[str, Film]) -> None:
    assert [title for title, _ in similar(client, films["Solaris"])] == ["Alien", "Aliens"]


def test_a_film_that_shares_nothing_has_none_like_it(client: Client, films: dict[str, Film]) -> None:
    alone = Film.objects.create(title="Alone", published=True)
    assert similar(client, alone) == similar(client, films["Amélie"]) == []


@pytest.mark.contract("resources.similar")
def test_similar_films_are_looked_for_under_any_filter(client: Client, films: dict[str, Film]) -> None:
    under = {"genre=sci-fi": ["Aliens", "Solaris"], "genre=!sci-fi": ["Unknown"], "year=1986": ["Aliens"]}
    for filters, titles in (under | {"q=solaris": ["Solaris"]}).items():
        assert [title for title, _ in similar(client, films["Alien"], f"fields=title&{filters}")] == titles


def test_as_many_are_shown_as_are_asked_for(client: Client, films: dict[str, Film]) -> None:
    answer = shown(client, f"/api/movies/{films['Alien'].pk}/similar?limit=1&fields=id")
    assert answer["data"] == [{"movie": {"id": films["Aliens"].pk}, "shared": {"people": 1, "genres": 1}}]
    assert answer["page"]["limit"] == 1


@pytest.mark.contract("addresses.external")
def test_similar_films_of_an_external_id_a_draft_and_of_nothing(client: Client, films: dict[str, Film]) -> None:
    films["Alien"].external_ids.create(source="imdb", value="tt0078748")
    answer = client.get("/api/movies/imdb:tt0078748/similar?limit=3")
    assert (answer.status, answer.headers["Location"]) == (307, f"/api/movies/{films['Alien'].pk}/similar?limit=3")
    assert [client.get(f"/api/movies/{pk}/similar").status for pk in (films["Draft"].pk, 999_999)] == [404, 404]


@pytest.mark.contract("lists.partial")
@pytest.mark.django_db
def test_without_time_statistics_say_what_they_leave_out(films: dict[str, Film]) -> None:
    found = selectors.statistics(ALL, seconds=0)
    assert (found.totals, found.by) == (None, {})
    assert found.partial == ["totals", *FILM_FACETS]


@pytest.mark.contract("lists.partial")
@pytest.mark.django_db
def test_without_time_similar_films_say_what_was_not_looked_for(films: dict[str, Film]) -> None:
    found = selectors.similar(films["Alien"].pk, ALL, seconds=0)
    assert (found.films, found.partial) == ([], ["people", "genres"])


@pytest.mark.contract("lists.partial")
@pytest.mark.parametrize("path", ["/api/stats", "/api/movies?facet=genre,decade", "/api/movies/{id}/similar"])
def test_an_answer_with_something_missing_says_so_and_is_kept_by_nobody(
    client: Client, films: dict[str, Film], path: str, settings: Any
) -> None:
    settings.STATISTICS_SECONDS = 0
    answer = client.get(path.replace("{id}", str(films["Alien"].pk)))
    assert answer.status == 200
    assert answer.json["partial"] != []
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
@pytest.mark.parametrize("query,queries", [("", 9), ("genre=sci-fi", 10), ("genre=sci-fi&person=1", 11)])
def test_statistics_take_a_fixed_number_of_queries(films: dict[str, Film], query: str, queries: int) -> None:
    person = Person.objects.earliest("pk").pk
    asked = params.statistics_query(query.replace("person=1", f"person={person}")).query
    assert selects(lambda: selectors.statistics(asked)) == queries


def selects(read: Any) -> int:
    """The queries of a read, without what holds its time."""
    with CaptureQueriesContext(connection) as captured:
        read()
    return sum(each["sql"].startswith("SELECT") for each in captured.captured_queries)


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [1, 5])
@pytest.mark.parametrize("facet,more", [("year,decade", 1), ("genre", 2), ("genre,decade,country", 5)])
def test_facets_take_as_many_whatever_the_size(films: dict[str, Film], limit: int, facet: str, more: int) -> None:
    asked = params.film_list(f"limit={limit}&facet={facet}").query
    assert selects(lambda: selectors.films(asked)) == 1 + more


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [1, 200])
def test_similar_films_take_a_fixed_number_of_queries(films: dict[str, Film], limit: int) -> None:
    asked = params.similar_query(f"limit={limit}&fields=id").query
    assert selects(lambda: selectors.similar(films["Alien"].pk, asked)) == 9


def test_answers_depend_on_all_that_is_counted(client: Client, films: dict[str, Film]) -> None:
    person = Person.objects.earliest("pk").pk
    keys = set(client.get(f"/api/stats?person={person}").headers["Surrogate-Key"].split())
    assert keys >= {"films", "films.year", "films.rating", "films.film_genre", "genres", "films.votes", "films.cast"}
    keys = set(client.get("/api/movies?limit=1&facet=genre").headers["Surrogate-Key"].split())
    assert keys == {f"film/{films['Alien'].pk}", "films", "films.film_genre", "genres"}


def test_similar_films_depend_on_what_may_come_to_share(client: Client, films: dict[str, Film]) -> None:
    keys = set(client.get(f"/api/movies/{films['Aliens'].pk}/similar").headers["Surrogate-Key"].split())
    weaver = Person.objects.get(name="Sigourney Weaver").pk
    ids = {f"film/{films[title].pk}" for title in ("Alien", "Aliens", "Solaris")}
    assert keys == {"films", "films.film_genre", "films.popularity", f"person/{weaver}", *ids}
