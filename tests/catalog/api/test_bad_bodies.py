"""Whatever is wrong with a body is told: what is no JSON with its place, what breaks rules with all faults at once."""

from io import BytesIO
from typing import Any

import pytest

from catalog.api.keys import Policy
from catalog.models import Collection, Company, Film, Genre, Person
from catalog.values import Scope
from tests.catalog.api.client import Client, SharedConnectionExecutor, bearer, run_client
from tests.catalog.api.writing import Writer, full_film


@pytest.mark.parametrize(
    "body, code, told",
    [
        (b"{", "not_json", "line 1, column 2"),
        (b'{"title": "X",\n "year": }', "not_json", "line 2, column 10"),
        (b'{"title": "X"} {}', "not_json", "Extra data"),
        (b"{'title': 'X'}", "not_json", "line 1"),
        (b'{"title": "X", "rating": NaN}', "not_json", "NaN"),
        (b'{"title": "X", "popularity": -Infinity}', "not_json", "-Infinity"),
        (b'\xef\xbb\xbf{"title": "X"}', "not_json", "byte order mark"),
        (b'{"title": "\xff"}', "not_utf8", "byte 11"),
        (b'{"title": "\xed\xa0\x80"}', "not_utf8", "byte 11"),
        ('{"title": "X"}'.encode("utf-16"), "not_utf8", "byte 0"),
        (b'{"title": "X", "title": "Y"}', "duplicate_member", "'title' stands twice"),
        (b'{"title": "X", "cast": [{"order": 1, "order": 1}]}', "duplicate_member", "'order' stands twice"),
        (b"[" * 33 + b"1" + b"]" * 33, "too_deep", "32 deep"),
        (b"[" * 500_000, "too_deep", "32 deep"),
        (b'{"a":' * 150_000, "too_deep", "32 deep"),
        (b'{"title": "X", "budget": ' + b"9" * 5000 + b"}", "too_long_number", "400 digits"),
        (b'{"title": "a\x01b"}', "not_json", "control character"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(writer: Writer, body: bytes, code: str, told: str) -> None:
    answer = writer.post("/api/movies", body)
    assert (answer.status, answer.codes) == (400, {"#": code})
    assert told in answer.json["detail"]


FAULTS: list[tuple[Any, str, str]] = [
    # What the type of a member forbids is tried for every member in test_every_member.py.
    ([], "#", "wrong_type"),
    (7, "#", "wrong_type"),
    ({}, "#/title", "required"),
    ({"title": None}, "#/title", "wrong_type"),
    ({"title": ""}, "#/title", "blank"),
    ({"title": " \n\u2003"}, "#/title", "blank"),
    ({"languages": [{"code": "x"}]}, "#/languages/0/code", "too_short"),
    ({"title": "a\0b"}, "#/title", "nul"),
    ({"titel": "X"}, "#/titel", "unknown_member"),
    ({"a~b/c": 1}, "#/a~0b~1c", "unknown_member"),
    ({"year": "1999"}, "#/year", "wrong_type"),
    ({"year": 1869}, "#/year", "out_of_range"),
    ({"budget": 2**63}, "#/budget", "out_of_range"),
    ({"status": "relesed"}, "#/status", "unknown_value"),
    ({"release_date": "1999-02-30"}, "#/release_date", "bad_date"),
    ({"release_date": "1999-02-02", "release_precision": "year"}, "#/release_date", "too_precise"),
    ({"release_precision": "year"}, "#/release_precision", "misplaced"),
    ({"original_language": "EN"}, "#/original_language", "bad_form"),
    ({"original_language": "en\n"}, "#/original_language", "bad_form"),
    ({"original_language": "zzz"}, "#/original_language", "unknown_value"),
    ({"genres": ["darma"]}, "#/genres/0", "unknown_value"),
    ({"genres": ["drama", "drama"]}, "#/genres/1", "duplicate"),
    ({"genres": ["drama", {"slug": "drama"}]}, "#/genres/1", "duplicate"),
    ({"genres": [{"slug": "drama", "name": "Tragedy"}]}, "#/genres/0/name", "read_only"),
    ({"genres": [{"name": "Drama"}]}, "#/genres/0/slug", "required"),
    ({"genres": ["drama"] * 51}, "#/genres", "too_many"),
    ({"countries": ["US", "us"]}, "#/countries/1", "bad_form"),
    ({"countries": ["XX"]}, "#/countries/0", "unknown_value"),
    ({"countries": ["US", {"code": "US"}]}, "#/countries/1", "duplicate"),
    ({"countries": [{"code": "US", "name": "Utopia"}]}, "#/countries/0/name", "read_only"),
    ({"languages": ["en", "en"]}, "#/languages/1", "duplicate"),
    ({"languages": [{"code": "en", "name": "Latin"}]}, "#/languages/0/name", "read_only"),
    ({"languages": [{"code": "xx"}]}, "#/languages/0", "unknown_value"),
    ({"keywords": [{}]}, "#/keywords/0", "required"),
    ({"keywords": [{"name": "!!!"}]}, "#/keywords/0/name", "no_letters"),
    ({"keywords": [{"name": "A B"}, {"name": "a b"}]}, "#/keywords/1", "duplicate"),
    ({"keywords": ["nothing"]}, "#/keywords/0", "unknown_value"),
    ({"companies": [{"id": 99}]}, "#/companies/0", "unknown_value"),
    ({"companies": [{"id": 2**63 - 1}]}, "#/companies/0", "unknown_value"),
    ({"companies": [{"id": 1}, {"id": 1}]}, "#/companies/1", "duplicate"),
    ({"companies": [{"name": "A"}, {"name": "A"}]}, "#/companies/1", "duplicate"),
    ({"companies": [{"id": 1, "name": "Another"}]}, "#/companies/0/name", "read_only"),
    ({"companies": [{"id": 1, "country": "US"}]}, "#/companies/0/country", "read_only"),
    ({"collection": {"id": 99}}, "#/collection", "unknown_value"),
    ({"collection": {"id": 2**63 - 1}}, "#/collection", "unknown_value"),
    ({"collection": {"id": 1, "name": "Another"}}, "#/collection/name", "read_only"),
    ({"collection": {}}, "#/collection", "required"),
    ({"titles": [{"title": "X", "region": "XX"}]}, "#/titles/0/region", "unknown_value"),
    ({"titles": [{"title": "X"}, {"title": "X"}]}, "#/titles/1", "duplicate"),
    ({"titles": [{"title": "X", "kind": "other"}]}, "#/titles/0/kind", "unknown_value"),
    ({"titles": [{"title": "X", "language": "zzz"}]}, "#/titles/0/language", "unknown_value"),
    ({"cast": [{"person": {"id": 99}}]}, "#/cast/0/person/id", "unknown_value"),
    ({"cast": [{"person": {"id": 2**63 - 1}}]}, "#/cast/0/person/id", "unknown_value"),
    ({"crew": [{"person": {"id": 99}, "job": "x", "department": "Crew"}]}, "#/crew/0/person/id", "unknown_value"),
    ({"crew": [{"person": {"id": 1}, "job": "x", "department": "Crew"}] * 2}, "#/crew/1", "duplicate"),
    ({"cast": [{"person": {}}]}, "#/cast/0/person", "required"),
    ({"cast": [{"person": {"id": 1, "name": "Nobody"}}]}, "#/cast/0/person/name", "read_only"),
    ({"cast": [{"person": {"name": "Twin"}}]}, "#/cast/0/person/name", "ambiguous"),
    ({"cast": [{"person": {"name": "A"}}, {"person": {"name": "A"}}]}, "#/cast/1", "duplicate"),
    ({"cast": [{"character": "A"}]}, "#/cast/0/person", "required"),
    ({"crew": [{"person": {"id": 1}, "job": "x", "department": "Magic"}]}, "#/crew/0/department", "unknown_value"),
    ({"external_ids": {"imdb": "nm0000151"}}, "#/external_ids/imdb", "bad_form"),
    ({"external_ids": {"imbd": "tt0111161"}}, "#/external_ids/imbd", "unknown_member"),
    ({"external_ids": {"tmdb": "٢"}}, "#/external_ids/tmdb", "bad_form"),
    ({"ratings": [{"source": "imdb", "average": 8, "scale": 5, "count": 1}]}, "#/ratings/0/average", "out_of_range"),
    ({"ratings": [{"source": "imdb", "average": 8, "scale": 7, "count": 1}]}, "#/ratings/0/scale", "out_of_range"),
    ({"ratings": [{"source": "imdb", "average": 8, "count": 1}] * 2}, "#/ratings/1", "duplicate"),
    ({"rating": 9.9}, "#/rating", "read_only"),
    ({"version": 1}, "#/version", "read_only"),
    ({"id": 7}, "#/id", "read_only"),
]


@pytest.fixture
def people(db: None) -> None:
    Genre.objects.create(slug="drama", name="Drama")
    Person.objects.create(pk=1, name="Ann")
    Company.objects.create(pk=1, name="Mosfilm", country_id="SU")
    Collection.objects.create(pk=1, name="Alien")
    for _ in range(2):
        Person.objects.create(name="Twin")


@pytest.mark.contract("errors.422", "errors.faults", "types.null")
@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("value, pointer, code", FAULTS)
def test_a_value_that_breaks_a_rule_is_told_where_it_stands(
    writer: Writer, value: Any, pointer: str, code: str
) -> None:
    answer = writer.post("/api/movies", value)
    assert (answer.status, answer.codes.get(pointer)) == (422, code)
    assert not Film.objects.exists()


@pytest.mark.parametrize("body", [b'{"title": "\\ud800"}', b'{"title": "\\udc00x"}'])
def test_half_a_surrogate_pair_is_no_text(writer: Writer, body: bytes) -> None:
    assert writer.post("/api/movies", body).codes == {"#/title": "surrogate"}


def test_a_member_named_by_half_a_surrogate_pair_is_told(writer: Writer) -> None:
    answer = writer.post("/api/movies", b'{"title": "X", "\\ud800": 1, "external_ids": {"\\ud800": "1"}}')
    assert set(answer.codes.values()) == {"unknown_member"}


def test_a_whole_pair_is_one_character(writer: Writer) -> None:
    assert writer.post("/api/movies", b'{"title": "\\ud83d\\ude00"}').json["title"] == "\U0001f600"


@pytest.mark.contract("types.null")
@pytest.mark.parametrize(
    "member,value,words",
    [
        ("year", 0, "0"),
        ("year", False, "false"),
        ("title", None, "null"),
        ("year", 1.5, "1.5"),
        ("year", [], "an array"),
    ],
)
def test_a_value_is_called_what_it_is(writer: Writer, member: str, value: Any, words: str) -> None:
    detail = writer.post("/api/movies", {"title": "X", member: value}).json["detail"]
    assert detail.endswith(f", not {words}.")


@pytest.mark.contract("errors.faults")
def test_all_faults_are_told_at_once(writer: Writer) -> None:
    """Those of the form, those between members, and those that only the catalogue knows."""
    value = {"titel": "X", "year": 1, "genres": ["x"], "ratings": [{}], "release_precision": "day", "version": 3}
    answer = writer.post("/api/movies", value)
    assert set(answer.codes) == {
        *("#/titel", "#/title", "#/year", "#/genres/0", "#/release_precision", "#/version"),
        *("#/ratings/0/source", "#/ratings/0/average", "#/ratings/0/count"),
    }
    assert answer.json["detail"] == "The request has 9 faults: see errors."


def test_an_unknown_member_names_the_nearest(writer: Writer) -> None:
    detail = writer.post("/api/movies", {"title": "X", "runtme": 7}).json["detail"]
    assert detail == "runtme is no member here; the nearest is 'runtime'."


def test_no_more_than_a_hundred_faults_of_form_are_told(writer: Writer) -> None:
    answer = writer.post("/api/movies", {"title": "X", "keywords": [7] * 500})
    assert len(answer.json["errors"]) == 100


def test_whole_numbers_may_be_written_with_a_point(writer: Writer) -> None:
    answer = writer.post("/api/movies", b'{"title": "X", "year": 1999.0, "popularity": 1, "runtime": 1e2}')
    assert (answer.json["year"], answer.json["runtime"]) == (1999, 100)


@pytest.mark.parametrize("name", ["id", "votes", "rating", "poster", "version", "created", "updated"])
def test_what_the_service_keeps_may_be_sent_as_it_is_and_not_otherwise(writer: Writer, name: str) -> None:
    address = f"/api/movies/{full_film().pk}"
    true = writer.client.get(address).json[name]
    assert writer.patch(address, {name: true}).status == 200
    assert writer.patch(address, {name: "2001-01-01T00:00:00Z"}).codes == {f"#/{name}": "read_only"}


@pytest.mark.contract("errors.415")
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/merge-patch+json"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_a_body_of_another_type_is_refused_with_what_is_taken(client: Client, headers: dict[str, str]) -> None:
    answer = client.request(
        "POST", "/api/movies", data=b"{}", headers={**bearer(Scope.WRITE_MOVIES), **headers}, skip_auto_headers=SKIP
    )
    assert (answer.status, answer.headers["Accept-Post"]) == (415, "application/json")


SKIP = ["Content-Type"]


@pytest.mark.contract("errors.415")
def test_a_patch_of_another_type_is_refused_with_what_is_taken(writer: Writer) -> None:
    answer = writer.patch(f"/api/movies/{full_film().pk}", {}, Content_Type="application/json")
    assert (answer.status, answer.headers["Accept-Patch"]) == (415, "application/merge-patch+json")


def test_types_are_compared_without_case_and_parameters(writer: Writer) -> None:
    assert writer.post("/api/movies", {"title": "X"}, Content_Type='Application/JSON; charset="UTF-8"').status == 201


def test_a_body_is_needed(writer: Writer) -> None:
    assert writer.post("/api/movies", b"").status in {400, 415}


@pytest.mark.contract("errors.413", "limits.body")
def test_a_body_that_is_too_large_is_refused_by_its_header_and_by_its_bytes(writer: Writer) -> None:
    body = b'{"title": "' + b"x" * 2_000_000 + b'"}'
    headers = {**writer.token, "Content-Type": "application/json"}
    answer = writer.client.request("POST", "/api/movies", data=BytesIO(body), headers=headers)
    assert (answer.status, "2,000,000 bytes" in answer.json["detail"]) == (413, True)

    async def chunks() -> Any:
        yield body[:1_500_000]
        yield body[1_500_000:]

    assert writer.client.request("POST", "/api/movies", data=chunks(), headers=headers).status == 413


@pytest.mark.contract("errors.413", "limits.body")
def test_whoever_runs_the_service_says_how_large_bodies_may_be(db: None) -> None:
    """What refuses them and what the document says are one."""
    executor = SharedConnectionExecutor()
    for client in run_client(executor, Policy(body_bytes=20, bulk_bytes=30)):
        writer = Writer(client)
        refused = writer.post("/api/movies", {"title": "A long title"})
        assert (refused.status, "at most 20 bytes" in refused.json["detail"]) == (413, True)
        paths = client.get("/api/openapi.json").json["paths"]
        told = [paths[path]["post"]["requestBody"]["description"] for path in ("/api/movies", "/api/movies/bulk")]
        assert ["20 bytes" in told[0], "30 bytes" in told[1]] == [True, True]
        assert writer.post("/api/movies/bulk?mode=insert", [{"title": "A very long title"}]).status == 413
    executor.close()


@pytest.mark.contract("errors.413", "limits.body")
def test_a_bulk_may_be_larger_and_has_a_limit_too(writer: Writer) -> None:
    """Known by its head: who sends 64 MB in vain is told before."""
    token = writer.token["Authorization"].encode()
    head = b"POST /api/movies/bulk?mode=insert HTTP/1.1\r\nHost: x\r\nAuthorization: %b\r\n" % token
    head += b"Content-Type: application/jsonl\r\nExpect: 100-continue\r\nContent-Length: "
    assert writer.client.raw(head + b"64000000\r\n\r\n").startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert b" 413 " in writer.client.raw(head + b"64000001\r\n\r\n").splitlines()[0]


def test_a_body_that_may_come_is_asked_for(writer: Writer) -> None:
    """Who waits for that would else wait for ever."""
    token = writer.token["Authorization"].encode()
    head = b"POST /api/movies HTTP/1.%d\r\nHost: x\r\nAuthorization: %b\r\nContent-Type: application/json\r\n"
    head += b"Expect: 100-continue\r\nContent-Length: 13\r\n\r\n"
    assert writer.client.raw(head % (1, token)) == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert b" 201 " in writer.client.raw(head % (0, token) + b'{"title":"X"}').splitlines()[0]


def test_a_body_that_would_be_refused_is_never_asked_for(writer: Writer) -> None:
    head = b"POST /api/movies HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9000000\r\n"
    assert b" 413 " in writer.client.raw(head + b"Content-Type: application/json\r\n\r\n").splitlines()[0]
    assert b" 415 " in writer.client.raw(head + b"Content-Type: text/plain\r\n\r\n").splitlines()[0]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_change_takes_no_parameters(writer: Writer, method: str) -> None:
    path = "/api/movies" if method == "POST" else "/api/movies/1"
    value = None if method == "DELETE" else {"title": "X"}
    assert writer.send(method, f"{path}?fields=id", value).codes == {"#/fields": "unknown_parameter"}
