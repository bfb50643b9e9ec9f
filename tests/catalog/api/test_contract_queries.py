"""docs/api.md, Lists: every read takes a number of queries that does not grow with the page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import services
from catalog.api.app import ALL
from catalog.changes import migrating
from catalog.models import CastCredit, Country, CrewCredit, Film, Genre, Language, Person, Title
from catalog.services.webhooks import create_webhook
from catalog.values import Scope
from tests.catalog.api.client import Client

QUERIES: dict[str, dict[str, int]] = {
    "get_index": {"/api": 0},
    "list_problems": {"/api/problems": 0},
    "get_problem": {"/api/problems/gone": 0},
    "get_openapi": {"/api/openapi.json": 0},
    "get_docs": {"/api/docs": 0},
    "list_movies": {
        "/api/movies": 1,
        "/api/movies?sort=-year,title": 1,
        "/api/movies?fields=id": 1,
        "/api/movies?include=genres": 2,
        "/api/movies?include=genres,cast,crew,titles": 5,
        "/api/movies?count=exact": 2,
        "/api/movies?count=estimated": 2,
        "/api/movies?page=1": 1,
        "/api/movies?genre=g0": 2,
        "/api/movies?genre=g0&country=FR&language=ja": 4,
        "/api/movies?facet=genre,decade": 4,
        "/api/movies?ids={ids}": 1,
        "/api/movies?ids={ids}&include=cast": 2,
        "/api/movies?q=film": 5,
    },
    "get_movie": {"/api/movies/{film}": 12, "/api/movies/{film}?fields=title": 1, "/api/movies/{film}?fields=cast": 2},
    "list_suggestions": {"/api/movies/suggest?q=film": 5},
    "get_movie_credits": {"/api/movies/{film}/credits": 3},
    "get_movie_titles": {"/api/movies/{film}/titles": 2},
    "get_similar_movies": {"/api/movies/{film}/similar": 9},
    "export_movies_jsonl": {"/api/movies.jsonl": 1, "/api/movies.jsonl?include=cast": 2},
    "export_movies_csv": {"/api/movies.csv": 1},
    "list_people": {"/api/people": 1, "/api/people?count=exact": 2, "/api/people?sort=-birth_date": 1},
    "get_person": {"/api/people/{person}": 2, "/api/people/{person}?fields=name": 1},
    "get_person_credits": {"/api/people/{person}/credits": 3},
    "list_genres": {"/api/genres": 2},
    "list_countries": {"/api/countries": 2},
    "list_languages": {"/api/languages": 2},
    "get_statistics": {"/api/stats": 9, "/api/stats?genre=g0": 10},
    "list_changes": {"/api/changes": 1, "/api/changes?since={since}": 5},
    "get_event_stream": {},
    "list_webhooks": {"/api/webhooks": 2},
    "get_webhook": {"/api/webhooks/{webhook}": 2},
}
"""What each read asks of the database; a stream asks for all streams together, whoever listens."""

OTHERWISE: dict[str, dict[str, int]] = {"sqlite": {}, "postgresql": {"/api/changes?since={since}": 4}}
"""Where a database is asked less: PostgreSQL's positions need no look at the copy that they are of."""

SMALL, LARGE = 2, 9
"""Rows of every kind: films, people, links of each film, credits, changes, webhooks."""


def test_every_read_is_counted() -> None:
    assert set(QUERIES) == {each.id for each in ALL if each.method == "GET"}


def catalogue(size: int) -> dict[str, str]:
    """So many films, each with as many people and links: what the paths name of it."""
    genres = Genre.objects.bulk_create([Genre(name=f"G{n}", slug=f"g{n}") for n in range(size)])
    people = Person.objects.bulk_create([Person(name=f"Person {n}") for n in range(size)])
    language, _ = Language.objects.get_or_create(code="ja", defaults={"name": "Japanese"})
    country, _ = Country.objects.get_or_create(code="FR", defaults={"name": "France"})
    rows = [Film(title=f"Film {n}", year=1990 + n, published=True, original_language=language) for n in range(size)]
    for film in Film.objects.bulk_create(rows):
        film.genres.set(genres)
        film.countries.set([country])
        CastCredit.objects.bulk_create([CastCredit(film=film, person=each, character="X") for each in people])
        CrewCredit.objects.bulk_create(
            [CrewCredit(film=film, person=each, department="Crew", job="B") for each in people]
        )
        Title.objects.bulk_create([Title(film=film, title=f"Titre {n}") for n in range(size)])
    ids = ",".join(str(film.pk) for film in rows)
    return {"film": str(rows[0].pk), "person": str(people[0].pk), "ids": ids}


def webhooks_of(token_id: int, number: int) -> str:
    """The id of one of so many webhooks."""
    made = [create_webhook(url=f"https://example.org/{n}", token_id=token_id) for n in range(number)]
    return str(made[0].pk)


@pytest.mark.contract("lists.queries", "lists.include", "changes.state")
@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_each_read_takes_the_same_queries_whatever_the_size(transactional_db: None, client: Client, size: int) -> None:
    migrating.mend()
    token_id, text = services.create_token(name="robot", scopes=list(Scope))
    bearer = {"Authorization": f"Bearer {text}"}
    names = {"since": client.get("/api/changes").json["position"], "webhook": webhooks_of(token_id, size)}
    names |= catalogue(size)
    client.get("/api/movies?q=film")  # which brings the index up to date
    counted = {
        path: asked(client, path.format_map(names), bearer if "webhook" in path else {})
        for paths in QUERIES.values()
        for path in paths
    }
    expected = {path: number for paths in QUERIES.values() for path, number in paths.items()}
    assert counted == {**expected, **OTHERWISE[connection.vendor]}


def asked(client: Client, path: str, headers: dict[str, str]) -> int:
    """The queries of a read; what begins a transaction, or bounds the time of a query, is none."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path, headers=headers).status == 200
    return sum(each["sql"].startswith(("SELECT", "WITH")) for each in captured.captured_queries)
