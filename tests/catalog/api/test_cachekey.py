"""Which requests may share an answer: the name it is kept under, or that it may not be."""

from operator import itemgetter
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from catalog.api.http import cachekey
from catalog.api.http.cachekey import QUERY_LIMIT_BYTES, cache_key
from catalog.api.http.query import PARAMETER_LIMIT, is_plain, pairs_of

LIST = "/api/movies"


def key(target: str = LIST, *headers: tuple[bytes, bytes], method: str = "GET", **more: Any) -> bytes | None:
    """The key of a request for `target`."""
    path, _, query = target.partition("?")
    scope = {"method": method, "root_path": "", "raw_path": path.encode(), "query_string": query.encode()}
    return cache_key({**scope, "headers": [(b"host", b"films.example.org"), *headers], **more})


@pytest.mark.parametrize(
    "path",
    [
        *("/api", LIST, f"{LIST}/1", f"{LIST}/923372036854775", "/api/problems"),
        *(f"{LIST}/1/credits", f"{LIST}/1/titles", "/api/genres", "/api/countries", "/api/languages"),
        *("/api/people", "/api/people/1", "/api/people/1/credits"),
    ],
)
def test_open_reads_may_be_shared(path: str) -> None:
    assert key(path) is not None


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/admin/", "/livez", "/static/a.css", "/api/", "/api/nothing", "/apis", "/api/movies.jsonl"),
        *(f"{LIST}/", f"{LIST}/0", f"{LIST}/01", f"{LIST}/1/casting", f"{LIST}/imdb:tt0111161", f"{LIST}/%31"),
        *(f"{LIST}/{'9' * 19}", "/api/%6dovies", "/api/problems/not-found"),
    ],
)
def test_every_other_address_is_left_alone(path: str) -> None:
    assert key(path) is None


@pytest.mark.parametrize(
    "one,other",
    [
        ("limit=5&sort=year", "sort=year&limit=5"),
        ("genre=horror", "genre=%68orror"),
        ("title__startswith=a+b", "title__startswith=a%20b"),
        ("sort=year,-id", "sort=year%2c-id"),
        ("genre=a&limit=5&genre=b", "limit=5&genre=a&genre=b"),
    ],
)
def test_what_means_the_same_has_one_key(one: str, other: str) -> None:
    assert key(f"{LIST}?{one}") == key(f"{LIST}?{other}") is not None


@pytest.mark.parametrize(
    "one,other",
    [
        ("sort=year,title", "sort=title,year"),
        ("ids=1,2", "ids=2,1"),
        ("genre=a&genre=b", "genre=b&genre=a"),
        ("genre=a&genre=b", "genre=a,b"),
        ("limit=5", "limit=6"),
        ("fields=id,title", "fields=title,id"),
        ("title__startswith=a%26limit=5", "title__startswith=a&limit=5"),
        ("limit=", ""),
        ("q=%25zz", "q=%zz"),
    ],
)
def test_what_may_mean_another_thing_has_another_key(one: str, other: str) -> None:
    assert key(f"{LIST}?{one}") != key(f"{LIST}?{other}")


@pytest.mark.parametrize(
    "query",
    [
        *("colour=red", "limit=5&Limit=6", "q=%ff", "q=%zz", "q=100%", "q=%2", "%=1", "title__startswith=%00"),
        *("sort=random", "sort=random&limit=5", "sort=title&sort=random"),
        "&".join(["genre=a"] * (PARAMETER_LIMIT + 1)),
        f"genre={'a' * QUERY_LIMIT_BYTES}",
        "&".join(f"p{number}=" for number in range(10_000)),
        f"title__startswith={'a' * 100_000}",
    ],
)
def test_unknown_faulty_unseeded_and_absurd_queries_have_none(query: str) -> None:
    assert key(f"{LIST}?{query}") is None


def test_a_seeded_random_order_may_be_shared() -> None:
    assert key(f"{LIST}?sort=random&seed=7") != key(f"{LIST}?sort=random&seed=8")


@pytest.mark.parametrize("path", ["/api", "/api/problems", f"{LIST}/1"])
def test_each_resource_knows_its_own_parameters(path: str) -> None:
    assert key(f"{path}?limit=5") is None


@pytest.mark.parametrize(
    "header",
    [
        (b"authorization", b"Bearer mdb_1"),
        (b"cookie", b"sessionid=1"),
        (b"range", b"bytes=0-1"),
        (b"if-match", b'"1"'),
        (b"write-position", b""),
        (b"if-unmodified-since", b"Mon, 01 Jan 2024 00:00:00 GMT"),
        (b"expect", b"100-continue"),
        (b"content-length", b"2"),
        (b"transfer-encoding", b"chunked"),
        (b"accept", b"text/html"),
        (b"accept-encoding", b"a" * QUERY_LIMIT_BYTES + b"b"),
    ],
)
def test_a_request_that_is_somebodys_own_or_no_plain_read_has_none(header: tuple[bytes, bytes]) -> None:
    assert key(LIST, header) is None


def test_two_accept_headers_are_left_to_the_api() -> None:
    assert key(LIST, (b"accept", b"*/*"), (b"accept", b"application/json")) is None


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get"])
def test_only_reads_have_one(method: str) -> None:
    assert key(method=method) is None


def test_head_shares_with_get() -> None:
    assert key(method="HEAD") == key(method="GET")


def test_what_a_client_can_take_is_a_part_of_the_key() -> None:
    codings = [b"identity", b"gzip", b"br", b"zstd"]
    assert len({key(LIST, (b"accept-encoding", coding)) for coding in codings}) == len(codings)
    assert key("/api/problems", (b"accept", b"text/html")) != key("/api/problems")


@pytest.mark.parametrize(
    "headers",
    [
        [(b"accept", b"*/*")],
        [(b"accept", b"application/json")],
        [(b"accept-encoding", b"")],
        [(b"accept-encoding", b"identity;q=0.5"), (b"accept-encoding", b"deflate")],
        [(b"x-request-id", b"a1"), (b"user-agent", b"curl"), (b"if-none-match", b'"1"'), (b"content-length", b"0")],
    ],
)
def test_headers_that_choose_the_same_share_a_key(headers: list[tuple[bytes, bytes]]) -> None:
    assert key(LIST, *headers) == key()


@given(path=st.binary(max_size=50), query=st.binary(max_size=50), accept=st.binary(max_size=20))
def test_whatever_is_sent_it_never_fails(path: bytes, query: bytes, accept: bytes) -> None:
    more = {"raw_path": path, "query_string": query, "headers": [(b"accept", accept), (b"accept-encoding", accept)]}
    for target in (path, LIST.encode()):
        assert cache_key({"method": "GET", "root_path": "", **more, "raw_path": target}) != b""


def test_a_mounted_application_has_other_addresses() -> None:
    assert key(root_path="/films") is None


def test_a_server_that_gives_no_raw_path_shares_nothing() -> None:
    assert key(raw_path=None) is None


def test_long_addresses_have_keys_and_are_not_remembered() -> None:
    """Beyond the cache's budget a million distinct addresses must leave next to nothing behind."""
    ids = ",".join(map(str, range(1, 200)))
    before = cachekey.target_of.cache_info().currsize
    assert cachekey.key_of(b"/api/movies", f"ids={ids}".encode(), None, None) is not None
    assert cachekey.target_of.cache_info().currsize == before


@given(st.text("abz_=&&-%+.5 ", max_size=20))
def test_a_query_in_its_normal_form_stays_as_it_is_and_says_the_same(query: str) -> None:
    names = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
    normal = cachekey.normal_query(query.encode(), names) or b""
    assume(normal)  # it may be empty, no UTF-8, or badly escaped
    by_name = sorted(parse_qsl(query, keep_blank_values=True), key=itemgetter(0))
    read = pairs_of(normal.decode(), plain=is_plain(normal.decode()))
    assert parse_qsl(normal.decode(), keep_blank_values=True) == read == by_name
    assert cachekey.normal_query(normal, names) == normal
