"""Whatever a client gets wrong is told to it: every fault at once, each with its pointer, a code and a sentence."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from catalog.api import params
from catalog.api.http import cursors
from catalog.models import Film, Genre
from catalog.values import FILM_SORTS, Position
from tests.catalog.api.client import Client


@pytest.mark.contract("errors.400", "addresses.escapes", "filters.misplaced", "filters.range", "filters.silence")
@pytest.mark.contract("lists.sort", "lists.limit", "types.case")
@pytest.mark.parametrize(
    "query,pointer,code",
    [
        ("limit=0", "#/limit", "out_of_range"),
        ("limit=201", "#/limit", "out_of_range"),
        ("limit=-1", "#/limit", "out_of_range"),
        ("limit=ten", "#/limit", "not_whole"),
        ("limit=", "#/limit", "not_whole"),
        ("limit=1.5", "#/limit", "not_whole"),
        ("limit=%D9%A1", "#/limit", "not_whole"),
        ("limit=" + "9" * 5000, "#/limit", "not_whole"),
        ("limit=5&limit=5", "#/limit", "repeated"),
        ("lmit=5", "#/lmit", "unknown_parameter"),
        ("query=alien", "#/query", "unknown_parameter"),
        ("a~b/c%22=1", "#/a~0b~1c%22", "unknown_parameter"),
        ("fields=titel", "#/fields", "unknown_field"),
        ("fields=", "#/fields", "blank"),
        ("fields=id,,title", "#/fields", "blank"),
        ("fields=id,id", "#/fields", "duplicate"),
        ("fields=cast", "#/fields", "unknown_field"),
        ("fields=" + ",".join("x" * 201), "#/fields", "too_many"),
        ("sort=titel", "#/sort", "unknown_sort"),
        ("sort=", "#/sort", "unknown_sort"),
        ("sort=--year", "#/sort", "unknown_sort"),
        ("sort=year,-year", "#/sort", "duplicate"),
        ("sort=year,title,id", "#/sort", "too_many"),
        ("sort=id,title", "#/sort", "misplaced"),
        ("sort=-random", "#/sort", "misplaced"),
        ("sort=random,title", "#/sort", "misplaced"),
        ("seed=7", "#/seed", "misplaced"),
        ("sort=random&seed=-1", "#/seed", "out_of_range"),
        ("sort=random&seed=2147483648", "#/seed", "out_of_range"),
        ("genre=", "#/genre", "blank"),
        ("genre=!", "#/genre", "blank"),
        ("genre=a,!b", "#/genre", "misplaced_not"),
        ("genre=!!a", "#/genre", "misplaced_not"),
        ("genre=a,a", "#/genre", "duplicate"),
        ("genre=" + "a" * 201, "#/genre", "too_long"),
        ("genre=horor", "#/genre", "unknown_value"),
        ("country=fr", "#/country", "unknown_value"),
        ("language=zzz", "#/language", "unknown_value"),
        ("person=x", "#/person", "not_whole"),
        ("person=9223372036854775808", "#/person", "out_of_range"),
        ("person=123456", "#/person", "unknown_value"),
        ("year=1990,1991", "#/year", "not_whole"),
        ("year=!1990", "#/year", "not_whole"),
        ("year=..", "#/year", "empty_range"),
        ("year=1999..1990", "#/year", "empty_range"),
        ("year=1990...1999", "#/year", "not_whole"),
        ("year=0", "#/year", "out_of_range"),
        ("year__gte=1990..1999", "#/year__gte", "not_whole"),
        ("year__gt=1990", "#/year__gt", "unknown_parameter"),
        ("rating__gte=nan", "#/rating__gte", "not_a_number"),
        ("rating__gte=inf", "#/rating__gte", "not_a_number"),
        ("rating__gte=1e400", "#/rating__gte", "not_a_number"),
        ("rating__gte=10.01", "#/rating__gte", "out_of_range"),
        ("rating__gte=8&rating__gte=9", "#/rating__gte", "repeated"),
        ("revenue__lte=9223372036854775808", "#/revenue__lte", "out_of_range"),
        ("title__startswith=", "#/title__startswith", "blank"),
        ("title__startswith=%CC%81", "#/title__startswith", "blank"),
        ("title__startswith=" + "a" * 201, "#/title__startswith", "too_long"),
        ("ids=1,1", "#/ids", "duplicate"),
        ("ids=!1", "#/ids", "not_whole"),
        ("ids=0", "#/ids", "out_of_range"),
        ("ids=" + ",".join(map(str, range(1, 202))), "#/ids", "too_many"),
        ("ids=1&sort=year", "#/sort", "misplaced"),
        ("ids=1&year=1990", "#/year", "misplaced"),
        ("cursor=", "#/cursor", "bad_cursor"),
        ("cursor=%C3%A9", "#/cursor", "bad_cursor"),
        ("cursor=AAAA", "#/cursor", "bad_cursor"),
        ("cursor=" + "A" * 2001, "#/cursor", "bad_cursor"),
        ("title__startswith=%FF", "#", "not_utf8"),
        ("genre=%ED%A0%80", "#", "not_utf8"),
        ("genre=a%00b", "#", "nul"),
        ("a%00=b", "#", "nul"),
        ("title__startswith=%zz", "#", "bad_escape"),
        ("title__startswith=100%", "#", "bad_escape"),
        ("title__startswith=%C3%A", "#", "bad_escape"),
        ("%=1", "#", "bad_escape"),
        ("rating__gte=8&rating__lte=7", "#/rating__gte", "empty_range"),
        ("year=1990..1999&year__gte=2000", "#/year__gte", "empty_range"),
        ("year=1990..1999&year__lte=1989", "#/year", "empty_range"),
        ("year=1990..&year__lte=1989", "#/year", "empty_range"),
        ("&".join("limit=5" for _ in range(65)), "#", "too_many"),
    ],
)
def test_a_query_that_means_nothing_is_a_bad_request(client: Client, query: str, pointer: str, code: str) -> None:
    answer = client.get(f"/api/movies?{query}")
    assert answer.status == 400
    assert answer.codes[pointer] == code


@pytest.mark.contract("filters.unknown", "lists.limit")
@pytest.mark.parametrize(
    "query,hint",
    [
        ("limit=999", "200"),
        ("lmit=5", "the nearest is 'limit'"),
        ("fields=titel", "the nearest is 'title'"),
        ("sort=-raiting", "the nearest is 'rating'"),
        ("genre=horor", "the nearest is 'horror'"),
        ("country=fr", "the nearest is 'FR'"),
        ("title__startswith=%zz", "'%zz'"),
        ("rating__gte=8&rating__lte=7", "rating__gte and rating__lte leave nothing"),
        ("year=1990..1999&year__gte=2000", "year__gte and year leave nothing"),
    ],
)
def test_an_error_names_what_would_be_right(client: Client, query: str, hint: str) -> None:
    Genre.objects.create(slug="horror", name="Horror")
    assert hint in client.get(f"/api/movies?{query}").json["detail"]


@pytest.mark.contract("filters.unknown")
@pytest.mark.parametrize("query", ["zzzqqq=1", "sort=%F0%9F%98%80", "genre=polka", "country=UK", "fields=wxyz"])
def test_what_is_like_nothing_that_there_is_has_no_nearest(client: Client, query: str) -> None:
    Genre.objects.create(slug="horror", name="Horror")
    assert "nearest" not in client.get(f"/api/movies?{query}").json["detail"]


@pytest.mark.contract("errors.faults")
def test_all_faults_are_told_at_once(client: Client) -> None:
    """Those of the query's form and those that only the database knows."""
    answer = client.get("/api/movies?limit=0&sort=x&colour=red&genre=nope&year=x")
    assert set(answer.codes) == {"#/limit", "#/sort", "#/colour", "#/genre", "#/year"}
    assert answer.json["detail"] == "The request has 5 faults: see errors."


@pytest.mark.parametrize("query", ["fields=titel,id,yeer", "sort=titel,-yeer", "person=x,1,y", "ids=0,1,y"])
def test_each_fault_of_a_list_is_told(client: Client, query: str) -> None:
    faults = client.get(f"/api/movies?{query}").json["errors"]
    assert len([fault for fault in faults if fault["code"] != "unknown_value"]) == 2


def test_faults_of_one_list_are_told_up_to_ten(client: Client) -> None:
    assert len(client.get("/api/movies?fields=" + ",".join(f"x{n}" for n in range(99))).json["errors"]) == 10


def test_faults_that_only_the_catalogue_sees_are_told_together(client: Client) -> None:
    answer = client.get("/api/movies?title__startswith=%CC%81&genre=nope&person=9")
    assert set(answer.codes) == {"#/title__startswith", "#/genre", "#/person"}


def test_unknown_values_are_told_up_to_ten(client: Client) -> None:
    assert len(client.get("/api/movies?genre=" + ",".join(f"x{n}" for n in range(99))).json["errors"]) == 10


def test_without_any_genre_there_is_no_nearest(client: Client) -> None:
    Genre.objects.all().delete()
    assert client.get("/api/movies?genre=horror").json["detail"] == "There is no genre 'horror'."


def test_raw_bytes_that_are_no_text_are_refused() -> None:
    """A parser that lets them through, as aiohttp's in Python does, makes lone surrogates of them."""
    assert [fault.code for fault in params.film_list("genre=\udcff").faults] == ["not_utf8"]


def test_a_long_value_is_cut_in_the_error(client: Client) -> None:
    assert len(client.get("/api/movies?limit=" + "x" * 5000).json["detail"]) < 200


@pytest.fixture
def cursor(client: Client) -> str:
    """A cursor of the list by year."""
    for number in range(3):
        Film.objects.create(title=f"Film {number}", year=1990, published=True)
    link: str = client.get("/api/movies?sort=year&limit=1").json["page"]["next"]
    return link.partition("cursor=")[2]


@pytest.mark.contract("lists.cursor_other")
@pytest.mark.parametrize("query", ["", "sort=-year", "sort=year,title", "sort=year&year=1990", "sort=random&seed=1"])
def test_a_cursor_of_another_list_is_refused(client: Client, cursor: str, query: str) -> None:
    assert client.get(f"/api/movies?{query}&cursor={cursor}").codes == {"#/cursor": "other_list"}


@pytest.mark.contract("lists.cursor_limit")
def test_a_cursor_takes_other_fields_and_limits(client: Client, cursor: str) -> None:
    answer = client.get(f"/api/movies?sort=year&fields=title&limit=200&cursor={cursor}")
    assert answer.json["data"] == [{"title": "Film 1"}, {"title": "Film 2"}]


def test_a_cursor_with_another_spelling_is_refused(client: Client, cursor: str) -> None:
    assert client.get(f"/api/movies?sort=year&cursor={cursor}=").codes == {"#/cursor": "bad_cursor"}


def forged(*place: Any, sort: str) -> str:
    """A cursor as we would write it, with keys that we never would."""
    shape = params.film_list(f"sort={sort}").shape
    packed = msgspec.msgpack.encode((shape, msgspec.msgpack.encode(place)))
    return urlsafe_b64encode(packed).rstrip(b"=").decode()


@pytest.mark.contract("promise.opaque")
@pytest.mark.parametrize(
    "sort,place",
    [
        ("year", (False, 1)),
        ("year", (False, 1, 2, 3)),
        ("year", (False, 1, "x")),
        ("year", (False, 1, 2**63)),
        ("year", (False, 2**63, 1)),
        ("year", (0, 1, 1)),
        ("rating", (False, 1, float("nan"))),
        ("rating", (False, 1, float("inf"))),
        ("title", (False, 1, "a\0b")),
        ("release_date", (False, 1, "1990-02-30")),
        ("created", (False, 1, "0001-01-01T00:00:00+14:00")),
    ],
)
def test_a_forged_cursor_is_refused(client: Client, sort: str, place: tuple[Any, ...]) -> None:
    answer = client.get(f"/api/movies?sort={sort}&cursor={forged(*place, sort=sort)}")
    assert answer.codes == {"#/cursor": "bad_cursor"}


@pytest.mark.parametrize(
    "sort,key",
    [
        ("year", 2**63 - 1),
        ("year", -(2**63)),
        ("votes", 2**40),
        ("rating", 1e300),
        ("title", "\U0010ffff"),
        ("release_date", "9999-12-31"),
    ],
)
def test_a_cursor_at_the_edge_of_its_type_is_only_a_position(client: Client, sort: str, key: Any) -> None:
    assert client.get(f"/api/movies?sort={sort}&cursor={forged(False, 2**63 - 1, key, sort=sort)}").status == 200
    sort = f"-{sort},popularity"
    assert client.get(f"/api/movies?sort={sort}&cursor={forged(True, 1, key, 1.0, sort=sort)}").status == 200


@pytest.mark.contract("lists.cursor")
@pytest.mark.parametrize("name", FILM_SORTS)
def test_every_sort_has_cursors_that_come_back_as_they_were(name: str) -> None:
    examples = {int: 7, float: 0.1, str: "é"}
    key_type = FILM_SORTS[name].type
    key = examples.get(getattr(key_type, "__origin__", key_type)) or MOMENTS[name]
    position = Position((key,), 9, backward=True)
    text = cursors.encode(position, b"12345678")
    assert cursors.decode(text, b"12345678", (key_type,)) == position
    assert urlsafe_b64decode(text + "=" * (-len(text) % 4))


MOMENTS: dict[str, Any] = {
    "release_date": datetime(1990, 5, 1).date(),  # noqa: DTZ001  a date has no zone
    "created": datetime(2020, 1, 1, 1, 2, 3, 456789, tzinfo=timezone(timedelta(0))),
    "updated": datetime(2020, 1, 1, tzinfo=timezone(timedelta(0))),
}
