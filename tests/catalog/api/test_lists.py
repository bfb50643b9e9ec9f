"""What lists can be asked for beside filters and order: `include`, `count`, `page`."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import selectors
from catalog.api import params
from catalog.models import CastCredit, CrewCredit, Film, Genre, Person
from catalog.selectors import counting
from catalog.values import FILM_FIELDS, FILM_INCLUDES, Counting, FilmQuery, Term
from tests.catalog.api.client import Client

BY_ID = (Term("id"),)


@pytest.fixture
def films(db: None) -> list[Film]:
    """Forty films; every third is horror and has cast, crew and a title, in an order that is not that of the ids."""
    films = Film.objects.bulk_create([Film(title=f"F{n}", year=1990 + n % 3, published=True) for n in range(40)])
    horror, western = (Genre.objects.create(slug=slug, name=slug.title()) for slug in ("western", "horror"))
    someone, other = (Person.objects.create(name=name) for name in ("Someone", "Other"))
    for film in films[::3]:
        film.genres.set([horror, western])
        CastCredit.objects.create(film=film, person=someone, character="Second", order=1)
        CastCredit.objects.create(film=film, person=other, character=None, order=0)
        CrewCredit.objects.create(film=film, person=other, department="Directing", job="Director")
        film.titles.create(title=f"T{film.pk}")
    return films


def page(client: Client, query: str) -> Any:
    answer = client.get(f"/api/movies?{query}")
    assert answer.status == 200, answer.json
    return answer.json


@pytest.mark.contract("lists.include")
@pytest.mark.parametrize("name", FILM_INCLUDES)
def test_an_include_is_what_the_film_itself_shows(client: Client, films: list[Film], name: str) -> None:
    for shown in page(client, f"include={name}&limit=4&sort=-year")["data"]:
        alone = client.get(f"/api/movies/{shown['id']}?fields={name}").json
        assert shown[name] == alone[name]
        assert tuple(shown) == (*FILM_FIELDS, name)


def test_includes_stand_after_the_fields_in_the_order_they_were_asked_in(client: Client, films: list[Film]) -> None:
    shown = page(client, "fields=title,id&include=titles,cast&limit=1")["data"]
    assert [tuple(film) for film in shown] == [("title", "id", "titles", "cast")]


def test_films_by_id_can_include_too(client: Client, films: list[Film]) -> None:
    shown = page(client, f"ids={films[3].pk},{films[1].pk}&include=genres&fields=id")["data"]
    assert [[genre["slug"] for genre in film["genres"]] for film in shown] == [["horror", "western"], []]


@pytest.mark.contract("lists.include", "lists.queries")
@pytest.mark.django_db
@pytest.mark.parametrize("limit", [1, 7, 40])
@pytest.mark.parametrize("include", [(), ("cast",), ("genres", "cast"), FILM_INCLUDES], ids=str)
def test_each_include_is_one_query_whatever_the_size(films: list[Film], include: tuple[str, ...], limit: int) -> None:
    with CaptureQueriesContext(connection) as captured:
        found = selectors.films(FilmQuery(limit=limit, order=BY_ID, include=include))
    assert (len(found.ids), len(captured)) == (limit, 1 + len(include))


@pytest.mark.django_db
def test_a_page_without_films_asks_for_no_relation() -> None:
    with CaptureQueriesContext(connection) as captured:
        selectors.films(FilmQuery(limit=5, order=BY_ID, include=FILM_INCLUDES))
    assert len(captured) == 1


@pytest.mark.parametrize(
    "query,pointer,code",
    [
        ("include=genre", "#/include", "unknown_include"),
        ("include=keywords", "#/include", "unknown_include"),
        ("include=", "#/include", "blank"),
        ("include=cast,cast", "#/include", "duplicate"),
        ("include=cast&include=crew", "#/include", "repeated"),
        ("count=maybe", "#/count", "unknown_count"),
        ("count=", "#/count", "unknown_count"),
        ("count=exact&count=exact", "#/count", "repeated"),
        ("page=0", "#/page", "out_of_range"),
        ("page=-1", "#/page", "out_of_range"),
        ("page=x", "#/page", "not_whole"),
        ("page=501", "#/page", "out_of_range"),
        ("page=51&limit=200", "#/page", "out_of_range"),
        ("page=10001&limit=1", "#/page", "out_of_range"),
        ("page=2&page=3", "#/page", "repeated"),
        ("page=2&cursor=x", "#/page", "misplaced"),
        ("page=2&sort=random&seed=7", "#/page", "misplaced"),
        ("page=2&ids=1", "#/page", "misplaced"),
        ("count=exact&ids=1", "#/count", "misplaced"),
    ],
)
def test_a_bad_parameter_is_named(client: Client, query: str, pointer: str, code: str) -> None:
    answer = client.get(f"/api/movies?{query}")
    assert (answer.status, answer.codes) == (400, {pointer: code})


@pytest.mark.contract("lists.page")
def test_the_last_page_that_can_be_named_is_told(client: Client) -> None:
    answer = client.get("/api/people?page=51&limit=200")
    assert answer.json["detail"] == "page must be from 1 to 50 with 200 rows a page."


@pytest.mark.contract("lists.count")
def test_there_is_no_count_unless_it_is_asked_for(client: Client, films: list[Film]) -> None:
    assert page(client, "limit=2")["page"]["count"] is None


@pytest.mark.contract("lists.count")
@pytest.mark.parametrize("how", list(Counting))
@pytest.mark.parametrize(
    "query,count", [("", 40), ("genre=horror", 14), ("year=1991&genre=!horror", 13), ("year=1", 0)]
)
def test_the_count_is_that_of_the_filter(client: Client, films: list[Film], how: str, query: str, count: int) -> None:
    """Of a few films an estimate is exact too."""
    Film.objects.create(title="Draft", year=1991)
    assert page(client, f"{query}&limit=2&count={how}".lstrip("&"))["page"]["count"] == count


@pytest.mark.parametrize("how", list(Counting))
def test_people_are_counted_too(client: Client, films: list[Film], how: str) -> None:
    answer = client.get(f"/api/people?name__startswith=some&count={how}")
    assert answer.json["page"]["count"] == 1


@pytest.mark.contract("lists.count")
@pytest.mark.django_db
def test_an_estimate_looks_at_a_sample_and_is_the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 3,000 films evenly shuffled, 400 of them looked at, and half of them of one year."""
    monkeypatch.setattr(counting, "COUNTED_FILMS", 100)
    monkeypatch.setattr(counting, "SAMPLE_FILMS", 400)
    step = 2**31 // 3000
    Film.objects.bulk_create(Film(title="F", year=1990 + n % 2, shuffle=n * step, published=True) for n in range(3000))
    asked = params.film_list("count=estimated&year=1990&limit=1").query
    with CaptureQueriesContext(connection) as captured:
        counts = {selectors.films(asked).count for _ in range(2)}
    assert len(captured) == 8
    assert len(counts) == 1
    assert 1400 < (counts.pop() or 0) < 1600


@pytest.mark.django_db
@pytest.mark.parametrize("how,queries", [(Counting.EXACT, 2), (Counting.ESTIMATED, 2)])
def test_to_count_takes_one_more_query(films: list[Film], how: Counting, queries: int) -> None:
    with CaptureQueriesContext(connection) as captured:
        selectors.films(FilmQuery(limit=5, order=BY_ID, count=how))
    assert len(captured) == queries


@pytest.mark.contract("lists.page")
def test_pages_by_number_are_those_by_cursor(client: Client, films: list[Film]) -> None:
    by_cursor = [page(client, "limit=15&sort=-year&fields=id")]
    while link := by_cursor[-1]["page"]["next"]:
        by_cursor.append(client.get(link).json)
    numbered = [page(client, f"limit=15&sort=-year&fields=id&page={number}") for number in (1, 2, 3, 4)]
    assert [each["data"] for each in numbered] == [*(each["data"] for each in by_cursor), []]


def test_the_pages_beside_a_numbered_one_have_numbers(client: Client, films: list[Film]) -> None:
    answer = client.get("/api/movies?page=2&limit=15&fields=id")
    shown = answer.json["page"]
    assert shown["next"] == "/api/movies?fields=id&limit=15&page=3"
    assert shown["prev"] == "/api/movies?fields=id&limit=15&page=1"
    assert answer.headers["Link"] == f'<{shown["next"]}>; rel="next", <{shown["prev"]}>; rel="prev"'


def test_the_first_numbered_page_has_none_before_it_and_the_last_none_after(client: Client, films: list[Film]) -> None:
    assert page(client, "page=1&limit=15")["page"]["prev"] is None
    assert page(client, "page=3&limit=15")["page"]["next"] is None


def test_beyond_the_pages_that_have_numbers_a_cursor_leads_on(
    client: Client, films: list[Film], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.api.representations.PAGED_ROWS", 30)
    last = page(client, "page=2&limit=15&fields=id")
    assert "cursor=" in last["page"]["next"]
    assert client.get(last["page"]["next"]).json["data"] == [{"id": film.pk} for film in films[30:]]


def test_people_have_numbered_pages_too(client: Client, films: list[Film]) -> None:
    answer = client.get("/api/people?page=2&limit=1&fields=name&sort=name")
    assert answer.json["data"] == [{"name": "Someone"}]
    assert answer.json["page"]["prev"] == "/api/people?fields=name&limit=1&sort=name&page=1"


def test_a_cursor_holds_whatever_else_of_a_page_is_changed(client: Client, films: list[Film]) -> None:
    """Fields, includes, the limit and the count decide neither which films there are nor their order."""
    following = page(client, "limit=2&sort=-year&fields=id")["page"]["next"].partition("?")[2]
    cursor = following.partition("cursor=")[2]
    assert page(client, f"limit=3&sort=-year&include=cast&count=exact&cursor={cursor}")["page"]["count"] == 40


def test_the_number_of_a_page_is_no_part_of_the_query_of_its_cursor(client: Client, films: list[Film]) -> None:
    assert params.film_list("page=2").shape == params.film_list("").shape
