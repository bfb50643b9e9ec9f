"""`/api/movies.jsonl` and `.csv`: whole lists, streamed, resumed by cursor, complete or cut off."""

import csv
import gzip
import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import brotli
import msgspec
import pytest

from catalog.api import export_params
from catalog.api.exports import guarded
from catalog.models import CastCredit, Film, Genre, Person
from catalog.values import FILM_FIELDS
from tests.catalog.api.client import Answer, Client

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


@pytest.fixture(autouse=True)
def batches_of_five(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_params, "BATCH", 5)


@pytest.fixture
def films(db: None) -> list[Film]:
    """Twelve films and a draft; every second one is horror."""
    films = Film.objects.bulk_create(
        [Film(title=f"F{n}", year=1990 + n % 3, rating=n % 5 or None, published=True) for n in range(12)]
    )
    Film.objects.create(title="Draft")
    Genre.objects.create(slug="horror", name="Horror").films.set(films[::2])
    return films


def lines(answer: Answer) -> list[dict[str, Any]]:
    """The films of an export as JSON Lines."""
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/jsonl")
    return [msgspec.json.decode(line) for line in answer.body.splitlines()]


def table(answer: Answer) -> list[dict[str, str]]:
    """The films of an export as CSV."""
    assert answer.status == 200
    return list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))


def walked(client: Client, query: str) -> list[dict[str, Any]]:
    """The same films from the list, page by page."""
    page = client.get(f"/api/movies?{query}").json
    films = list(page["data"])
    while link := page["page"]["next"]:
        page = client.get(link).json
        films += page["data"]
    return films


@pytest.mark.contract("resources.jsonl", "resources.csv")
@pytest.mark.parametrize(
    "query",
    [
        "sort=id",
        "sort=-rating,title",
        "sort=-year",
        "genre=horror",
        "year=1990..1991&genre=!horror&sort=year",
        "sort=random&seed=7",
        "q=F1",
        "fields=title,id&sort=rating",
        "include=genres,cast&sort=id",
        "year=1",
    ],
)
def test_an_export_is_the_list(client: Client, films: list[Film], query: str) -> None:
    shown = lines(client.get(f"/api/movies.jsonl?{query}"))
    for film in shown:
        film.pop("cursor", None)
    assert shown == walked(client, query)


def test_each_film_has_all_of_its_columns_and_its_cursor(client: Client, films: list[Film]) -> None:
    assert {tuple(film) for film in lines(client.get("/api/movies.jsonl"))} == {(*FILM_FIELDS, "cursor")}


@pytest.mark.parametrize(
    "fields,expected", [("title", ("title",)), ("cursor,id", ("id", "cursor")), ("cursor", ("cursor",))]
)
def test_fields_choose_and_the_cursor_stands_last(
    client: Client, films: list[Film], fields: str, expected: tuple[str, ...]
) -> None:
    assert {tuple(film) for film in lines(client.get(f"/api/movies.jsonl?fields={fields}"))} == {expected}


@pytest.mark.contract("resources.jsonl", "resources.csv")
@pytest.mark.parametrize("sort", ["id", "-year", "-rating,title", "random&seed=3"])
@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_export_goes_on_after_any_line(client: Client, films: list[Film], sort: str, form: str) -> None:
    read = {"jsonl": lines, "csv": table}[form]
    whole = read(client.get(f"/api/movies.{form}?sort={sort}"))
    for place in (0, 4, 7, 11):
        rest = client.get(f"/api/movies.{form}?sort={sort}&cursor={whole[place]['cursor']}")
        assert read(rest) == whole[place + 1 :]


def test_a_list_goes_on_from_an_export_and_an_export_from_a_list(client: Client, films: list[Film]) -> None:
    exported = lines(client.get("/api/movies.jsonl?sort=-year&fields=id,cursor"))
    page = client.get(f"/api/movies?sort=-year&fields=id&cursor={exported[2]['cursor']}").json
    assert page["data"][0]["id"] == exported[3]["id"]
    following = client.get("/api/movies?sort=-year&limit=4").json["page"]["next"].partition("cursor=")[2]
    assert lines(client.get(f"/api/movies.jsonl?sort=-year&cursor={following}&fields=id,cursor")) == exported[4:]


def test_a_table_has_a_header_and_unknown_values_are_empty(client: Client, films: list[Film]) -> None:
    answer = client.get("/api/movies.csv?fields=id,title,rating,overview&year=1990")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    first = films[0]
    assert answer.body.decode().split("\r\n")[:2] == ["id,title,rating,overview", f"{first.pk},F0,,"]


@pytest.mark.contract("resources.csv")
def test_a_table_says_what_the_lines_say(client: Client, films: list[Film]) -> None:
    """Numbers, dates and times are spelled as in JSON."""
    moment = datetime(2026, 1, 2, 3, 4, 5, 600, UTC)
    Film.objects.filter(pk=films[0].pk).update(
        release_date="1990-05-01", release_precision="day", created=moment, runtime=90, popularity=0.5
    )
    shown, said = lines(client.get("/api/movies.jsonl"))[0], table(client.get("/api/movies.csv"))[0]
    assert said == {name: "" if value is None else str(value) for name, value in shown.items()}
    assert said["created"] == "2026-01-02T03:04:05.000600Z"


def test_a_table_quotes_as_the_standard_says(client: Client, db: None) -> None:
    """Commas, quotes and ends of line within a value (RFC 4180, 2.6 and 2.7)."""
    Film.objects.create(title='A, "B"', overview="one\r\ntwo", published=True)
    answer = client.get("/api/movies.csv?fields=title,overview")
    assert answer.body == b'title,overview\r\n"A, ""B""","one\r\ntwo"\r\n'
    assert table(answer) == [{"title": 'A, "B"', "overview": "one\r\ntwo"}]


@pytest.mark.parametrize(
    "text,written",
    [
        ("=SUM(A1:A9)", "'=SUM(A1:A9)"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@cmd", "'@cmd"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("'71", "'71"),
        ("a=1", "a=1"),
        ("Amélie", "Amélie"),
        ("", ""),
    ],
)
def test_a_text_is_no_formula(text: str, written: str) -> None:
    assert guarded(text) == written


@pytest.mark.parametrize("value", [None, -1, 0.5, True])
def test_only_texts_are_guarded(value: Any) -> None:
    assert guarded(value) is value


def test_a_title_is_no_formula_in_a_table(client: Client, db: None) -> None:
    Film.objects.create(title="=HYPERLINK(0)", published=True)
    assert client.get("/api/movies.csv?fields=title").body == b"title\r\n'=HYPERLINK(0)\r\n"
    assert lines(client.get("/api/movies.jsonl?fields=title")) == [{"title": "=HYPERLINK(0)"}]


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@pytest.mark.parametrize(
    "query,pointer,code",
    [
        ("limit=5", "#/limit", "unknown_parameter"),
        ("page=2", "#/page", "unknown_parameter"),
        ("count=exact", "#/count", "unknown_parameter"),
        ("facet=genre", "#/facet", "unknown_parameter"),
        ("ids=1", "#/ids", "unknown_parameter"),
        ("fields=titel", "#/fields", "unknown_field"),
        ("fields=cursor,cursor", "#/fields", "duplicate"),
        ("sort=titel", "#/sort", "unknown_sort"),
        ("sort=random", "#/sort", "needs_seed"),
        ("seed=7", "#/seed", "misplaced"),
        ("cursor=x", "#/cursor", "bad_cursor"),
        ("genre=horor", "#/genre", "unknown_value"),
        ("title__startswith=%CC%81", "#/title__startswith", "blank"),
    ],
)
def test_a_bad_parameter_is_named(client: Client, form: str, query: str, pointer: str, code: str) -> None:
    answer = client.get(f"/api/movies.{form}?{query}")
    assert (answer.status, answer.codes) == (400, {pointer: code})


def test_a_table_has_no_room_for_relations(client: Client) -> None:
    assert client.get("/api/movies.csv?include=cast").codes == {"#/include": "unknown_parameter"}


def test_a_cursor_of_another_list_or_one_that_leads_back_is_refused(client: Client, films: list[Film]) -> None:
    last = lines(client.get("/api/movies.jsonl?sort=-year"))[3]["cursor"]
    assert client.get(f"/api/movies.jsonl?sort=year&cursor={last}").codes == {"#/cursor": "other_list"}
    back = client.get(f"/api/movies?sort=-year&cursor={last}").json["page"]["prev"].partition("cursor=")[2]
    assert client.get(f"/api/movies.jsonl?sort=-year&cursor={back}").codes == {"#/cursor": "backward"}


@pytest.mark.parametrize("accept,status", [("application/jsonl", 200), ("*/*", 200), ("application/json", 406)])
def test_lines_are_given_to_whoever_can_take_them(client: Client, accept: str, status: int) -> None:
    assert client.get("/api/movies.jsonl", headers={"Accept": accept}).status == status


@pytest.mark.contract("fresh.codings")
@pytest.mark.parametrize(
    "coding,decode",
    [("zstd", zstd.decompress), ("br", brotli.decompress), ("gzip", gzip.decompress), ("identity", bytes)],
)
def test_an_export_is_compressed_as_it_flows(
    films: list[Film], client: Client, coding: str, decode: Callable[[bytes], bytes]
) -> None:
    plain = client.get("/api/movies.csv", headers={"Accept-Encoding": "identity"}).body
    told, sent = client._runner.run(undecoded(client, "/api/movies.csv", coding))
    assert (told, decode(sent)) == (None if coding == "identity" else coding, plain)


async def undecoded(client: Client, path: str, coding: str) -> tuple[str | None, bytes]:
    asked = client._client.get(path, headers={"Accept-Encoding": coding}, auto_decompress=False)
    async with asked as response:
        return response.headers.get("Content-Encoding"), await response.read()


def test_credits_of_an_export_are_those_of_the_film(client: Client, films: list[Film]) -> None:
    CastCredit.objects.create(film=films[7], person=Person.objects.create(name="Someone"), character="X")
    shown = {film["id"]: film["cast"] for film in lines(client.get("/api/movies.jsonl?include=cast"))}
    assert [len(shown[film.pk]) for film in films] == [0] * 7 + [1] + [0] * 4
