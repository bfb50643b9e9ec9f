"""A head that is never written out is read as its bytes would be."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from server.wire_head import Head, HeadReader, WireError

SOFTWARE = b"Python/3 aiohttp/3"
NAMES = st.sampled_from(
    ("Vary", "ETag", "Connection", "Content-Length", "Transfer-Encoding", "Date", "Server", "Upgrade")
)
VALUES = st.text(max_size=8) | st.sampled_from(("close", "chunked", "3", "Python/3 aiohttp/3", "\t a b ", "é"))
FIELDS = st.lists(st.tuples(NAMES | st.text(max_size=4), VALUES), max_size=5).map(tuple)
LINES = st.sampled_from(("HTTP/1.1 200 OK", "HTTP/1.1 304 X", "HTTP/1.0 400 Bad", "HTTP/1.1 101 ", "HTTP/2 200"))


def written(line: str, fields: Any) -> bytes:
    return "\r\n".join((line, *(f"{name}: {value}" for name, value in fields))).encode()


def as_bytes(heads: HeadReader, line: str, fields: Any) -> Head | None:
    try:
        return heads.read(written(line, fields))
    except (WireError, UnicodeError):
        return None


@given(LINES | st.text(max_size=20), FIELDS)
@example("HTTP/1.1 200 OK", (("a:b", "c"),))
@example("HTTP/1.1 200 OK", (("a", "b\r\nc: d"),))
@example("HTTP/1.1 200 O\r\nK", ())
def test_a_head_is_the_same_as_fields_and_as_bytes(line: str, fields: Any) -> None:
    heads = HeadReader(SOFTWARE)
    first, second = heads.of(line, fields), heads.of(line, fields)
    assert first == second
    assert first is None or first == as_bytes(HeadReader(SOFTWARE), line, fields)


@given(st.lists(st.tuples(st.sampled_from(("Vary", "ETag", "Content-Type")), VALUES), max_size=3).map(tuple))
def test_ordinary_fields_make_a_head(fields: Any) -> None:
    head = HeadReader(SOFTWARE).of("HTTP/1.1 200 OK", fields)
    assert (head is None) == (as_bytes(HeadReader(SOFTWARE), "HTTP/1.1 200 OK", fields) is None)


def test_a_plain_head_says_the_length_and_the_type() -> None:
    heads = HeadReader(SOFTWARE)
    assert heads.plain(200, "OK", (("ETag", '"a"'),), 3) == heads.of(
        "HTTP/1.1 200 OK", (("ETag", '"a"'), ("Content-Length", "3"), ("Content-Type", "application/octet-stream"))
    )


@given(LINES, FIELDS)
def test_a_header_seen_before_is_read_as_the_first_time(line: str, fields: Any) -> None:
    heads = HeadReader(SOFTWARE)
    for field in fields:
        heads.of("HTTP/1.1 200 OK", (field,))
    assert heads.of(line, fields) == HeadReader(SOFTWARE).of(line, fields)


def test_heads_and_names_are_remembered_within_bounds_and_secrets_never() -> None:
    heads = HeadReader(SOFTWARE)
    for number in range(3000):
        heads.plain(200, "OK", (("Vary", str(number)), (f"X-{number}", "a")), 1)
        heads.plain(200, "OK", (("Vary", str(number)),), 1)
        heads.plain(200, "OK", (("Set-Cookie", "secret"), ("ETag", "secret")), 1)
    kept = [value for value in vars(heads).values() if isinstance(value, dict)]
    assert max(map(len, kept)) <= 1024
    assert "secret" not in str(kept)
