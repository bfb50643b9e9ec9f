"""API.md, Errors: problem details from every layer, router and server included. Each layer refuses something here."""

import json
import re

import pytest

from tests.live.site import Site

pytestmark = pytest.mark.live

HEAD = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r]*\r\n(.*?)\r\n\r\n(.*)", re.DOTALL)

REFUSED = {
    "404 of the router": (404, b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "404 of the API": (404, b"GET /api/nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "404 of a film": (404, b"GET /api/movies/0 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "405 of a page": (405, b"POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"),
    "405 of the API": (405, b"DELETE /api/movies HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "406": (406, b"GET /api/movies HTTP/1.1\r\nHost: localhost\r\nAccept: image/png\r\n\r\n"),
    "400 of another host": (400, b"GET /api HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n"),
    "400 of a query": (400, b"GET /api/movies?limit=0 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "400 of what is no HTTP": (400, b"GET /api HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n"),
    "401": (401, b"DELETE /api/movies/1 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "414": (414, b"GET /api/movies?" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "417": (417, b"GET /api HTTP/1.1\r\nHost: localhost\r\nExpect: nothing\r\n\r\n"),
    "431": (431, b"GET /api HTTP/1.1\r\nHost: localhost\r\n" + b"X-A: " + b"a" * 70_000 + b"\r\n\r\n"),
}


def answer(site: Site, sent: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers in small letters and body of what comes back for bytes on a connection of their own."""
    received = b""
    with site.connect() as connection:
        connection.sendall(sent)
        while (found := HEAD.fullmatch(received)) is None or not whole(found):
            part = connection.recv(65536)
            assert part, received
            received += part
    lines = (line.partition(": ") for line in found[2].decode().split("\r\n"))
    return int(found[1]), {name.lower(): value for name, _, value in lines}, found[3]


def whole(found: "re.Match[bytes]") -> bool:
    """Whether the body is there."""
    length = re.search(rb"content-length: (\d+)", found[2], re.IGNORECASE)
    return length is not None and len(found[3]) >= int(length[1])


@pytest.mark.contract(
    "errors.problem",
    "errors.members",
    "errors.400",
    "errors.404",
    "errors.405",
    "errors.406",
    "errors.414",
    "errors.417",
    "errors.431",
)
@pytest.mark.parametrize("name", REFUSED)
def test_every_layer_refuses_with_a_problem_that_explains_itself(site: Site, name: str) -> None:
    expected, sent = REFUSED[name]
    status, headers, body = answer(site, sent)
    problem = json.loads(body)
    assert (status, headers["content-type"]) == (expected, "application/problem+json")
    assert problem["status"] == status
    assert problem["request_id"] == headers["x-request-id"]
    explained = json.loads(site.ask(problem["type"]).body)
    assert (explained["status"], explained["title"]) == (status, problem["title"])


@pytest.mark.contract("errors.405")
@pytest.mark.parametrize("name", ["405 of a page", "405 of the API"])
def test_what_is_not_allowed_is_told_beside_what_is(site: Site, name: str) -> None:
    assert "GET" in answer(site, REFUSED[name][1])[1]["allow"]


@pytest.mark.contract("errors.401")
def test_who_is_not_known_is_told_how_to_say_who(site: Site) -> None:
    assert answer(site, REFUSED["401"][1])[1]["www-authenticate"].startswith("Bearer")


@pytest.mark.contract("errors.discreet")
@pytest.mark.parametrize("name", REFUSED)
def test_no_refusal_shows_how_the_server_is_made(site: Site, name: str) -> None:
    body = answer(site, REFUSED[name][1])[2]
    assert not re.search(rb"Traceback|SELECT|\.py\b|aiohttp|uvicorn|/srv|/usr", body)
