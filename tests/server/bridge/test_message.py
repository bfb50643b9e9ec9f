"""What is read without aiohttp's parser is what the parser would have read."""

import asyncio
from typing import Any

import pytest
from aiohttp.http import HttpRequestParser, RawRequestMessage
from hypothesis import given, settings
from hypothesis import strategies as st

from server.bridge_message import MessageReader
from server.wire import host_of, request_headers, request_line
from tests.server.bridge.asgi import Message, scope_with

NAMES = st.sampled_from((b"accept", b"cookie", b"etag", b"x-forwarded-for", b"x-a", b"connection", b"host", b"te"))
VALUES = st.binary(max_size=12) | st.sampled_from((b"close", b"keep-alive", "é".encode(), b"a, b", b" a", b"a\t", b""))
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=5)
TARGETS = st.binary(max_size=20).map(lambda rest: b"/" + rest) | st.from_regex(rb"/[a-z%20?#/:]{0,20}", fullmatch=True)


def reader(**limits: int) -> MessageReader:
    return MessageReader(strip_root_path=True, **{"limit_bytes": 8190, "header_limit": 100, **limits})


def parsed(scope: Message) -> RawRequestMessage:
    """What aiohttp's own parser reads from the same scope as bytes."""
    head = request_line(scope, strip_root_path=True) + request_headers(scope["headers"], host=host_of(scope)).lines

    async def run() -> Any:
        parser: Any = HttpRequestParser(None, asyncio.get_running_loop(), 65536)
        return parser.feed_data(head)[0][0][0]

    message: RawRequestMessage = asyncio.run(run())
    return message


def facts(message: RawRequestMessage) -> list[object]:
    flags = bool(message.should_close), bool(message.upgrade), bool(message.chunked), message.compression
    fields = [(name.lower(), value) for name, value in message.headers.items()]
    return [message.method, message.path, message.version, message.url, fields, message.raw_headers, flags]


@settings(max_examples=200, deadline=None)
@given(TARGETS, st.sampled_from((b"", b"a=1&b=%20", b"?", b"x=\xe9", b"a#b")), HEADERS)
def test_a_message_is_what_the_parser_reads(raw_path: bytes, query: bytes, headers: Any) -> None:
    scope = scope_with(raw_path=raw_path, query_string=query, headers=headers)
    message = reader().read(scope)
    assert message is None or facts(message) == facts(parsed(scope))


def test_an_ordinary_request_needs_no_parser() -> None:
    headers = [(b"host", b"a"), (b"accept-encoding", b"gzip, br"), (b"cookie", b"a=b"), (b"connection", b"keep-alive")]
    assert reader().read(scope_with(headers=headers, raw_path=b"/films/%2F", query_string=b"a=b"))


@pytest.mark.parametrize(
    "change",
    [
        {"method": "POST"},
        {"method": "CONNECT"},
        {"http_version": "1.0"},
        {"http_version": "2"},
        {"raw_path": b"//films.example/"},
        {"raw_path": b"*"},
        {"raw_path": b"/a b"},
        {"raw_path": "/é".encode()},
        {"query_string": b"a#b"},
        {"raw_path": b"/" + b"a" * 8190},
        {"headers": [(b"content-length", b"1")]},
        {"headers": [(b"content-length", b"x")]},
        {"headers": [(b"transfer-encoding", b"chunked")]},
        {"headers": [(b"content-encoding", b"gzip")]},
        {"headers": [(b"expect", b"100-continue")]},
        {"headers": [(b"x-a", b"a\x01")]},
        {"headers": [(b"x-a", b"a ")]},
        {"headers": [(b"x-a", b"a"), (b"x-a", b"b")]},
        {"headers": [(b"x-a", b"a" * 8190)]},
        {"headers": [(b"x-%d" % number, b"") for number in range(101)]},
    ],
    ids=str,
)
def test_what_is_not_plain_is_left_to_the_parser(change: Message) -> None:
    assert reader().read(scope_with(**change)) is None


def test_what_a_client_repeats_is_read_once() -> None:
    messages = reader()
    first = messages.read(scope_with())
    assert messages.read(scope_with()) is first
    other = messages.read(scope_with(raw_path=b"/other"))
    assert first
    assert other
    assert (other.path, other.headers) == ("/other", first.headers)


def test_a_list_of_headers_that_the_server_uses_again_is_read_again() -> None:
    messages, headers = reader(), [(b"host", b"a")]
    messages.read(scope_with(headers=headers))
    headers.append((b"x-a", b"b"))
    message = messages.read(scope_with(headers=headers))
    assert message
    assert message.headers["X-A"] == "b"


def test_the_mounts_prefix_is_taken_off() -> None:
    messages = reader()
    paths = [messages.read(scope_with(raw_path=b"/api/films", root_path=prefix)) for prefix in ("/api", "")]
    assert [message.path for message in paths if message] == ["/films", "/api/films"]


def test_a_close_is_heard() -> None:
    message = reader().read(scope_with(headers=[(b"host", b"a"), (b"connection", b"close")]))
    assert message
    assert message.should_close


@settings(max_examples=100, deadline=None)
@given(HEADERS, st.lists(st.from_regex(rb"[a-z0-9 ]{3,4}", fullmatch=True) | VALUES, min_size=2, max_size=4))
def test_the_next_request_of_a_client_differs_in_its_id(headers: Any, ids: list[bytes]) -> None:
    used = reader()
    for request_id in ids:
        scope = scope_with(headers=[*headers, (b"x-request-id", request_id)])
        message, anew = used.read(scope), reader().read(scope)
        assert (message and facts(message)) == (anew and facts(anew))
