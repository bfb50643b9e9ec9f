"""Access lines: written in batches, never in the way."""

import io

import pytest

from server import accesslog
from server.accesslog import AccessLog, line


def entry(target: bytes = b"/api") -> bytes:
    return line(("127.0.0.1", 5000), "GET", target, 200, size=5, seconds=0.001, request_id=b"id1")


def test_lines_are_written_at_the_latest_when_the_log_stops() -> None:
    stream = io.BytesIO()
    log = AccessLog(stream)
    log.start()
    log.add(entry())
    log.add(entry(b"/api/movies"))
    log.stop()
    assert [text.split()[3] for text in stream.getvalue().splitlines()] == [b'/api"', b'/api/movies"']


@pytest.mark.parametrize("target", [b"/a\nb", b"/a\x1b[31m", b'/a"b', b"/\xff"])
def test_a_target_can_neither_end_its_line_nor_colour_a_terminal(target: bytes) -> None:
    written = entry(target).decode("ascii")
    assert written.isprintable() is False
    assert written[:-1].isprintable()
    assert written.count('"') == 2


def test_what_a_stuck_stream_does_not_take_is_counted_and_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accesslog, "KEPT_LINES", 2)
    stream = io.BytesIO()
    log = AccessLog(stream)
    for _ in range(5):
        log.add(entry())
    log.start()
    log.stop()
    assert b"3 lines dropped" in stream.getvalue()


def test_a_closed_stream_does_not_end_the_thread() -> None:
    stream = io.BytesIO()
    stream.close()
    log = AccessLog(stream)
    log.start()
    log.add(entry())
    log.stop()
    assert log.dropped == 1


def test_stopping_a_log_that_never_started_does_nothing() -> None:
    AccessLog(io.BytesIO()).stop()


def test_a_line_says_who_asked_what_and_what_came_of_it() -> None:
    words = entry().split()
    assert words[1:] == [b"127.0.0.1", b'"GET', b'/api"', b"200", b"5", b"1.00ms", b"id1"]


def test_a_client_without_an_address_is_a_dash() -> None:
    assert line(None, "GET", b"/", 200, size=0, seconds=0.0, request_id=b"id1").split()[1] == b"-"
