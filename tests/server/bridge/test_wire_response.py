"""The pure core homeward: response bytes, however they are cut, become the same events."""

from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.wire_head import Head, HeadReader, WireError
from server.wire_response import ResponseReader

SOFTWARE = b"Python/3 aiohttp/3"


class Read(NamedTuple):
    statuses: list[int]
    headers: dict[bytes, bytes]
    body: bytes
    complete: bool
    surplus: int


def read(*pieces: bytes, head_only: bool = False, software: bytes | None = SOFTWARE) -> Read:
    reader = ResponseReader(HeadReader(software), head_only=head_only)
    events = [event for piece in pieces for event in reader.feed(piece)]
    heads = [event for event in events if isinstance(event, Head)]
    body = b"".join(event for event in events if isinstance(event, bytes))
    headers = dict(heads[-1].headers) if heads else {}
    return Read([head.status for head in heads], headers, body, reader.complete, reader.surplus)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in pairwise(edges)]


def test_a_length_frames_the_body() -> None:
    assert read(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc") == (
        [200],
        {b"content-length": b"3"},
        b"abc",
        True,
        0,
    )


def test_chunks_are_unwrapped() -> None:
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"
    assert read(data) == ([200], {}, b"abc0123456789", True, 0)


def test_informational_heads_come_before_the_answer() -> None:
    data = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"
    assert read(data).statuses == [100, 204]


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_ends_at_its_head(status: int) -> None:
    answer = read(b"HTTP/1.1 %d X\r\nContent-Length: 9\r\n\r\n" % status)
    assert (answer.complete, answer.headers) == (True, {})


def test_the_answer_to_head_keeps_its_length_and_ends() -> None:
    answer = read(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", head_only=True)
    assert (answer.complete, answer.headers) == (True, {b"content-length": b"9"})


def test_without_a_length_the_body_goes_on_to_the_end() -> None:
    reader = ResponseReader(HeadReader())
    assert reader.feed(b"HTTP/1.0 200 OK\r\n\r\nabc")[1:] == [b"abc"]
    assert (reader.complete, reader.end()) == (False, True)


def test_what_is_cut_off_is_not_whole() -> None:
    reader = ResponseReader(HeadReader())
    reader.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab")
    assert not reader.end()


def test_what_comes_after_the_end_is_surplus() -> None:
    assert read(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcde").surplus == 2
    assert read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nxyz").surplus == 3


def test_date_and_the_default_server_stay_behind_unless_kept() -> None:
    data = b"HTTP/1.1 204 X\r\nDate: now\r\nServer: Python/3 aiohttp/3\r\n\r\n"
    assert read(data).headers == {}
    assert set(read(data, software=None).headers) == {b"date", b"server"}


def test_a_server_that_the_handler_chose_passes() -> None:
    assert read(b"HTTP/1.1 204 X\r\nServer: mine\r\n\r\n").headers == {b"server": b"mine"}


def test_connection_close_passes_and_keep_alive_does_not() -> None:
    assert read(b"HTTP/1.1 204 X\r\nConnection: close\r\n\r\n").headers == {b"connection": b"close"}
    assert read(b"HTTP/1.1 204 X\r\nConnection: keep-alive\r\n\r\n").headers == {}


def test_a_remembered_head_reads_the_same_again() -> None:
    heads = HeadReader(SOFTWARE)
    data = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nab"
    assert ResponseReader(heads).feed(data) == ResponseReader(heads).feed(data)
    assert heads.known


def test_heads_that_may_hold_secrets_are_not_remembered() -> None:
    heads = HeadReader(SOFTWARE)
    ResponseReader(heads).feed(b"HTTP/1.1 204 X\r\nSet-Cookie: token=1\r\n\r\n")
    assert not heads.known


@pytest.mark.parametrize(
    "wrong",
    [
        b"SMTP ready\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\nC: d\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA B: c\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 100,
        b"x" * 1_100_000,
    ],
)
def test_what_is_no_response_is_an_error(wrong: bytes) -> None:
    with pytest.raises(WireError):
        read(wrong)


chunks = st.lists(st.binary(min_size=1, max_size=300), max_size=6)
places = st.lists(st.integers(0, 5000), max_size=10)


@given(chunks, places)
def test_a_chunked_answer_is_the_same_however_it_is_cut(pieces: list[bytes], at: list[int]) -> None:
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    data += b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    answer = read(*cut(data, at))
    assert (answer.body, answer.complete, answer.surplus) == (b"".join(pieces), True, 0)


@given(st.binary(max_size=500), places)
def test_an_answer_with_a_length_is_the_same_however_it_is_cut(body: bytes, at: list[int]) -> None:
    data = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    answer = read(*cut(data, at))
    assert (answer.statuses, answer.body, answer.complete) == ([100, 200], body, True)


@given(st.binary(max_size=300), places)
def test_no_bytes_crash_the_reader(data: bytes, at: list[int]) -> None:
    try:
        read(*cut(b"HTTP/1.1 200 OK\r\n" + data, at))
        read(*cut(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + data, at))
    except WireError:
        pass
