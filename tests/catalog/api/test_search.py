"""`q=` and `/api/movies/suggest`, through the API."""

import pytest

from catalog import changes
from catalog.models import Film
from catalog.search import index
from tests.catalog.api.client import Answer, Client

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def films() -> None:
    for place, title in enumerate(("The Godfather", "The Godfather Part II", "Godzilla", "Amélie")):
        Film.objects.create(title=title, published=True, popularity=10 - place, year=1972 + place)


def titles(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [film["title"] for film in answer.json["data"]]


@pytest.mark.contract("search.order")
def test_a_search_takes_filters_and_other_sorts(client: Client) -> None:
    assert titles(client.get("/api/movies?q=godfather&year__gte=1973")) == ["The Godfather Part II"]
    assert titles(client.get("/api/movies?q=godfather&sort=-year&limit=1")) == ["The Godfather Part II"]


def test_a_search_is_walked_by_cursor_both_ways(client: Client) -> None:
    first = client.get("/api/movies?q=godfather&limit=1&fields=title").json
    second = client.get(first["page"]["next"]).json
    assert [first["data"], second["data"]] == [[{"title": "The Godfather"}], [{"title": "The Godfather Part II"}]]
    assert client.get(second["page"]["prev"]).json["data"] == first["data"]


def test_a_search_has_pages_by_number_and_can_be_counted(client: Client) -> None:
    """Its kinds of match follow one another, and a page may begin in any of them."""
    pages = [client.get(f"/api/movies?q=godfather&limit=1&page={number}&count=exact") for number in (1, 2, 3)]
    assert [titles(each) for each in pages] == [["The Godfather"], ["The Godfather Part II"], []]
    assert pages[0].json["page"]["count"] == 2


def test_a_cursor_of_another_search_is_refused(client: Client) -> None:
    link = client.get("/api/movies?q=godfather&limit=1").json["page"]["next"]
    assert client.get(link.replace("q=godfather", "q=godzilla")).codes == {"#/cursor": "other_list"}


@pytest.mark.parametrize(
    "path,pointer,code",
    [
        ("/api/movies?q=", "#/q", "blank"),
        ("/api/movies?q=%20", "#/q", "blank"),
        ("/api/movies?q=...", "#/q", "blank"),
        ("/api/movies?q=" + "a" * 201, "#/q", "too_long"),
        ("/api/movies?q=a&q=b", "#/q", "repeated"),
        ("/api/movies?q=%00", "#", "nul"),
        ("/api/movies?q=%FF", "#", "not_utf8"),
        ("/api/movies?q=a&ids=1", "#/q", "misplaced"),
        ("/api/movies?q=a&sort=match", "#/sort", "unknown_sort"),
        ("/api/movies/suggest", "#/q", "required"),
        ("/api/movies/suggest?q=", "#/q", "blank"),
        ("/api/movies/suggest?q=a&limit=11", "#/limit", "out_of_range"),
        ("/api/movies/suggest?q=a&sort=title", "#/sort", "unknown_parameter"),
    ],
)
def test_what_makes_no_search_is_told(client: Client, path: str, pointer: str, code: str) -> None:
    answer = client.get(path)
    assert (answer.status, answer.codes) == (400, {pointer: code})


@pytest.mark.contract("errors.faults")
@pytest.mark.parametrize(
    "query,codes",
    [("colour=red", {"#/colour": "unknown_parameter", "#/q": "required"}), ("colour=%zz", {"#": "bad_escape"})],
)
def test_what_is_missing_is_told_with_what_else_is_wrong(client: Client, query: str, codes: dict[str, str]) -> None:
    """But where the query cannot be read nobody knows what it lacks."""
    assert client.get(f"/api/movies/suggest?{query}").codes == codes


@pytest.mark.contract("resources.suggest")
@pytest.mark.parametrize(
    "typed,meant",
    [
        ("g", ["The Godfather", "The Godfather Part II", "Godzilla"]),
        ("godf", ["The Godfather", "The Godfather Part II"]),
        ("the%20godfather", ["The Godfather", "The Godfather Part II"]),
        ("godfather%20p", ["The Godfather Part II"]),
        ("godfather%20", ["The Godfather", "The Godfather Part II"]),
        ("godfater%20pa", ["The Godfather Part II"]),
        ("godfater", ["The Godfather", "The Godfather Part II"]),
        ("ogdfath", ["The Godfather", "The Godfather Part II"]),
        ("the%20godfta", ["The Godfather", "The Godfather Part II"]),
        ("gpdf", []),
        ("am%C3%A9l", ["Amélie"]),
        ("xyz", []),
        ("...", []),
    ],
)
def test_suggestions_while_somebody_types(client: Client, typed: str, meant: list[str]) -> None:
    assert titles(client.get(f"/api/movies/suggest?q={typed}")) == meant


@pytest.mark.contract("resources.suggest")
def test_suggestions_are_as_many_as_asked_for(client: Client) -> None:
    assert titles(client.get("/api/movies/suggest?q=go&limit=1")) == ["The Godfather"]


@pytest.mark.parametrize("path", ["/api/movies?q=solaris", "/api/movies/suggest?q=solaris", "/api/stats?q=solaris"])
def test_what_the_index_does_not_know_yet_is_not_kept(
    client: Client, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "AT_ONCE", 0)
    with changes.bulk():
        Film.objects.create(title="Solaris", published=True)
    assert client.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.contract("fresh.search")
def test_a_list_says_that_the_index_does_not_know_all_films_yet(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "AT_ONCE", 0)
    with changes.bulk():
        Film.objects.create(title="Solaris", published=True)
    assert client.get("/api/movies?q=solaris").json["partial"] == ["q"]
    index.catch_up()
    assert titles(client.get("/api/movies?q=solaris")) == ["Solaris"]
