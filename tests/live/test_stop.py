"""How the process ends: what runs is finished, and nothing stays behind."""

import json
import os
import signal
import socket
import struct
import time
from pathlib import Path

import pytest

from tests.live.site import Site

pytestmark = pytest.mark.live
CLIENTS = int(os.environ.get("MOVIEDB_LEAVING_CLIENTS", "400"))
SLOW_BODY = b"username=ann&password=guess"
POST = b"POST /admin/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"


def read_all(connection: socket.socket) -> bytes:
    """What still comes, until the server closes."""
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def wait_until_refusing(site: Site) -> None:
    """Return once the process takes no new connection, and so has begun to stop."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            site.connect().close()
        except ConnectionRefusedError:
            return
        time.sleep(0.02)
    raise AssertionError(f"still listening:\n{site.log}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_process_ends_when_told_to(own_site: Site, number: signal.Signals) -> None:
    own_site.process.send_signal(number)
    assert own_site.wait_until_ended() in {0, -number}
    assert "Traceback" not in own_site.log


def test_a_request_that_has_begun_is_finished(own_site: Site) -> None:
    with own_site.connect() as connection:
        length = f"Content-Length: {len(SLOW_BODY)}\r\n\r\n".encode()
        connection.sendall(POST + length + SLOW_BODY[:5])
        own_site.ask("/livez")  # the loop has read the first part by now
        own_site.terminate()
        wait_until_refusing(own_site)
        connection.sendall(SLOW_BODY[5:])
        assert read_all(connection).startswith(b"HTTP/1.1 403 ")  # the form came without its token
    assert own_site.wait_until_ended() in {0, -signal.SIGTERM}


def test_requests_under_load_get_a_whole_answer_or_none(own_site: Site) -> None:
    connections = [own_site.connect() for _ in range(30)]
    for connection in connections:
        connection.sendall(b"GET /api/movies?limit=50 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    first = read_all(connections[0])
    own_site.terminate()
    answers = [first, *(read_all(connection) for connection in connections[1:])]
    for connection in connections:
        connection.close()
    assert own_site.wait_until_ended() in {0, -signal.SIGTERM}
    assert all(len(json.loads(answer.partition(b"\r\n\r\n")[2])["data"]) == 50 for answer in answers if answer)


def test_an_event_stream_gets_its_last_event_and_ends(own_site: Site) -> None:
    """Uvicorn alone would wait for it until the grace period is over."""
    connection = own_site.connect()
    connection.sendall(b"GET /api/changes/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
    begun = b""
    while b"retry: " not in begun:
        begun += connection.recv(65536)
    own_site.terminate()
    assert b"event: end\n" in read_all(connection)
    connection.close()
    assert own_site.wait_until_ended() in {0, -signal.SIGTERM}


def leave(site: Site, number: int) -> None:
    """Connect, and go away at a different point each time: before, within or after a request, politely or not."""
    requests = (
        b"",
        b"GET /api/mov",
        b"GET /api/movies?limit=200 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        POST + b"Content-Length: 1000\r\n\r\nusername=",
        b"GET /admin/login/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b'POST /api/movies HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a"',
    )
    connection = site.connect()
    connection.sendall(requests[number % len(requests)])
    if number // len(requests) % 2:
        reset_instead_of_end = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset_instead_of_end)
    connection.close()


def settled(site: Site, most: tuple[int, int]) -> tuple[int, int]:
    """Threads and descriptors, once they have come down to `most`, or as they are after a while."""
    deadline = time.monotonic() + 15
    now = site.open_things()
    while time.monotonic() < deadline and (now[0] > most[0] or now[1] > most[1]):
        time.sleep(0.1)
        now = site.open_things()
    return now


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs Linux's /proc to count threads and descriptors")
def test_clients_that_leave_midway_leave_nothing_behind(own_site: Site) -> None:
    for number in range(60):  # so that all threads and connections that stay are there
        leave(own_site, number)
    assert own_site.ask("/api/movies").status == 200
    time.sleep(1)
    before = own_site.open_things()
    for number in range(CLIENTS):
        leave(own_site, number)
    after = settled(own_site, before)
    assert own_site.ask("/readyz").status == 200
    assert after <= before
    assert after[1] <= before[1]
    assert "Traceback" not in own_site.log
