"""The pure core outward: a scope becomes request bytes, and nothing else can be made of it."""

import re
from typing import Any

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import wire
from tests.server.bridge.asgi import scope_with

TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
HOST = b"films.example"
token_bytes = st.from_regex(TOKEN, fullmatch=True)
any_headers = st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=40)), max_size=8)
good_headers = st.lists(
    st.tuples(token_bytes.map(bytes.lower), st.binary(max_size=30).filter(lambda v: not re.search(rb"[\x00\r\n]", v))),
    max_size=8,
)


class Parsed:
    """What an independent parser makes of request bytes."""

    def __init__(self, data: bytes) -> None:
        self.urls: list[bytes] = []
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.complete = 0
        self._parser = httptools.HttpRequestParser(self)
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self.urls.append(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete += 1


@pytest.mark.parametrize(
    "raw_path, root_path, left",
    [
        (b"/api/films", "/api", b"/films"),
        (b"/%61pi/a%2Fb", "/api", b"/a%2Fb"),
        (b"/api", "/api", b"/"),
        (b"/apis/x", "/api", b"/apis/x"),
        (b"/other", "/api", b"/other"),
        (b"/api/x", "/api/", b"/x"),
        (b"/caf%C3%A9/x", "/café", b"/x"),
        (b"/a%20b/x", "/a b", b"/x"),
        (b"/50%25/x", "/50%", b"/x"),
        (b"/%2Fapi/x", "/api", b"/%2Fapi/x"),
    ],
)
def test_the_prefix_is_compared_decoded_and_taken_off_raw(raw_path: bytes, root_path: str, left: bytes) -> None:
    assert wire.without_prefix(raw_path, root_path) == left


@pytest.mark.parametrize(
    "name, spelled", [(b"etag", b"ETag: "), (b"x-own", b"X-Own: "), (b"sec-websocket-key", b"Sec-WebSocket-Key: ")]
)
def test_names_get_their_usual_case(name: bytes, spelled: bytes) -> None:
    assert wire.spell(name) == spelled


@pytest.mark.parametrize(
    "headers, length",
    [
        ([], 0),
        ([(b"content-length", b"7")], 7),
        ([(b"content-length", b"7"), (b"content-length", b"7")], 7),
        ([(b"transfer-encoding", b"chunked")], None),
        ([(b"transfer-encoding", b"chunked"), (b"content-length", b"7")], None),
    ],
)
def test_the_bodys_length_is_read_from_the_headers(headers: wire.Headers, length: int | None) -> None:
    assert wire.request_headers(headers, host=HOST).length == length


@pytest.mark.parametrize("value", [b"", b"x", b"-1", b"1 2", b"9" * 19])
def test_an_unusable_length_is_refused(value: bytes) -> None:
    with pytest.raises(wire.BadRequest):
        wire.request_headers([(b"content-length", value)], host=HOST)


def test_hop_by_hop_headers_stay_behind_but_for_the_wish_to_close() -> None:
    headers = [
        (b"connection", b"Upgrade, close"),
        (b"upgrade", b"h2c"),
        (b"http2-settings", b"x"),
        (b"keep-alive", b"5"),
    ]
    assert wire.request_headers(headers, host=HOST).lines == b"Host: films.example\r\nConnection: close\r\n\r\n"


def test_an_expectation_is_passed_and_noted() -> None:
    headers = wire.request_headers([(b"expect", b"100-Continue"), (b"content-length", b"3")], host=HOST)
    assert headers.expects
    assert b"Expect: 100-Continue\r\n" in headers.lines


@pytest.mark.parametrize(
    "server, host",
    [
        (("::1", 8000), b"[::1]:8000"),
        (("films.example", 80), b"films.example"),
        (None, b"localhost"),
        (("/a.sock", None), b"/a.sock"),
    ],
)
def test_a_missing_host_is_the_servers_own(server: Any, host: bytes) -> None:
    assert wire.host_of({"server": server}) == host


@given(any_headers)
def test_no_headers_crash_or_inject(headers: wire.Headers) -> None:
    try:
        lines = wire.request_headers(headers, host=HOST).lines
    except wire.BadRequest:
        return
    assert lines.endswith(b"\r\n\r\n")
    assert lines.count(b"\r\n\r\n") == 1 or lines == b"\r\n"
    assert len(lines.split(b"\r\n")) - 2 <= len(headers) + 1


@given(st.text(max_size=10), st.binary(max_size=30), st.binary(max_size=20), st.text(max_size=10))
def test_no_scope_makes_more_than_one_line(method: str, raw_path: bytes, query: bytes, root_path: str) -> None:
    scope = scope_with(method=method, raw_path=raw_path, query_string=query, root_path=root_path)
    try:
        line = wire.request_line(scope, strip_root_path=True)
    except wire.BadRequest:
        return
    assert re.fullmatch(rb"[^\x00-\x20\x7f]+ [^\x00-\x20\x7f]+ HTTP/1\.[01]\r\n", line)


@given(good_headers, st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20))
def test_another_parser_reads_the_same_request(headers: wire.Headers, path: str) -> None:
    scope = scope_with(path="/" + path, raw_path=None)
    plain = [(name, value) for name, value in headers if name not in wire._OWN]
    line = wire.request_line(scope, strip_root_path=False)
    lines = wire.request_headers(plain, host=HOST).lines
    try:
        parsed = Parsed(line + lines)
    except httptools.HttpParserError:
        return  # bytes that are legal to us and not to a stricter parser: refused, never misread
    assert parsed.complete == 1
    assert len(parsed.headers) <= len(plain) + 1


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=6))
def test_a_chunked_body_loses_and_doubles_nothing(pieces: list[bytes]) -> None:
    body = wire.RequestBody(None)
    framed = b"".join(body.frame(piece, more=True) for piece in pieces) + body.frame(b"", more=False)
    parsed = Parsed(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + framed)
    assert (parsed.body, parsed.complete, body.complete) == (b"".join(pieces), 1, True)


@given(st.lists(st.binary(min_size=1, max_size=50), min_size=1, max_size=6), st.integers(-3, 3))
def test_a_body_is_never_longer_than_its_length(pieces: list[bytes], off: int) -> None:
    length = max(0, sum(map(len, pieces)) + off)
    body = wire.RequestBody(length)
    written = b""
    try:
        for number, piece in enumerate(pieces):
            written += body.frame(piece, more=number < len(pieces) - 1)
    except wire.BadRequest:
        assert length != sum(map(len, pieces))
    assert len(written) <= length


def test_the_table_of_names_does_not_grow_without_bound() -> None:
    for number in range(3000):
        wire.spell(b"x-%d" % number)
    assert len(wire._spelled) <= 1024
