"""Load at a constant rate: what is counted, and from when."""

import socket
import threading
import time
from itertools import repeat

import pytest

from bench import steady
from tests.bench.site import site

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


@pytest.mark.parametrize("received, status", [(b"HTTP/1.1 20", 0), (HEAD, 0), (HEAD + b"{", 0), (HEAD + b"{}", 200)])
def test_an_answer_counts_when_it_is_whole(received: bytes, status: int) -> None:
    assert steady.status(bytearray(received)) == status


def test_an_answer_without_a_length_is_refused() -> None:
    with pytest.raises(ValueError, match="no Content-Length"):
        steady.status(bytearray(b"HTTP/1.1 200 OK\r\n\r\n"))


def test_the_rate_is_what_was_asked_for() -> None:
    with site() as server:
        report = steady.measure(server.port, repeat("/"), rate=100, seconds=0.5, connections=2)
    assert (report.requests, len(server.asked), report.errors) == (50, 100, 0)


def test_refusals_are_errors() -> None:
    with site(status=503) as server:
        report = steady.measure(server.port, repeat("/"), rate=50, seconds=0.2, connections=1)
    assert report.non_2xx == 35


def test_requests_that_a_stall_keeps_from_being_sent_count_with_all_that_they_waited() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=stalled, args=(listener, 0.3), daemon=True).start()
        report = steady.measure(listener.getsockname()[1], repeat("/"), rate=100, seconds=0.2, connections=1)
    # The stall begins 0.1 s before the warm-up ends and holds up the first 20 of the 20 requests that count.
    assert report.p50_ms > 50


def stalled(listener: socket.socket, seconds: float) -> None:
    """Answers one connection, with a pause before its 40th answer."""
    with listener.accept()[0] as connection:
        for number in range(70):
            connection.recv(1000)
            if number == 40:
                time.sleep(seconds)
            connection.sendall(HEAD + b"{}")
