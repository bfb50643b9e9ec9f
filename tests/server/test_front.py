"""The front: what every request passes before the router."""

import json
import logging
from collections.abc import Sequence
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from server.accesslog import AccessLog
from server.front import DENIAL, Front, read_headers, tell_request_id, without_port
from tests.server.asgi_client import call, http_scope

pytestmark = pytest.mark.anyio


def problem(status: int, detail: str, instance: str, request_id: str) -> bytes:
    content = {"status": status, "detail": detail, "instance": instance, "request_id": request_id}
    return json.dumps(content).encode()


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


def front(app: ASGIApp = hello, hosts: Sequence[str] = ("testserver",), log: AccessLog | None = None) -> Front:
    return Front(app, hosts=hosts, problem=problem, access_log=log)


async def test_every_answer_carries_the_request_id_and_nosniff() -> None:
    answer = await call(front(), http_scope())
    assert answer.header("x-content-type-options") == "nosniff"
    assert len(answer.header("x-request-id") or "") == 16


async def test_a_well_formed_request_id_of_the_client_is_kept() -> None:
    answer = await call(front(), http_scope(headers=[(b"x-request-id", b"trace-1.2_3")]))
    assert answer.header("x-request-id") == "trace-1.2_3"


@pytest.mark.parametrize("given", [b"", b"a b", b"a" * 65, b"\xff", b"a\r\nb"])
def test_a_malformed_request_id_is_replaced_in_the_scope_too(given: bytes) -> None:
    scope = http_scope(headers=[(b"x-request-id", given)])
    request_id = read_headers(scope)[1]
    tell_request_id(scope, request_id)
    assert [value for name, value in scope["headers"] if name == b"x-request-id"] == [request_id]
    assert request_id != given


@pytest.mark.parametrize(
    "hosts,host",
    [
        (["films.example.org"], b"films.example.org"),
        (["films.example.org"], b"FILMS.example.org:8000"),
        ([".example.org"], b"films.example.org"),
        ([".example.org"], b"example.org"),
        (["*"], b"anything"),
        (["[::1]"], b"[::1]:8000"),
    ],
)
async def test_an_allowed_host_passes(hosts: list[str], host: bytes) -> None:
    answer = await call(front(hosts=hosts), http_scope(headers=[(b"host", host)]))
    assert answer.status == 200


@pytest.mark.parametrize(
    "headers",
    [
        [(b"host", b"evil.example.org")],
        [(b"host", b"")],
        [(b"host", b"testserver.evil.org")],
        [(b"host", b"testserver"), (b"host", b"testserver")],
    ],
)
async def test_any_other_host_is_refused_with_a_problem(headers: list[tuple[bytes, bytes]]) -> None:
    answer = await call(front(), http_scope(headers=headers))
    assert (answer.status, answer.header("content-type")) == (400, "application/problem+json")
    assert json.loads(answer.body)["request_id"] == answer.header("x-request-id")


async def test_a_request_without_host_is_refused() -> None:
    answer = await call(front(), {**http_scope(), "headers": []})
    assert answer.status == 400


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_probes_come_by_any_host(path: str) -> None:
    answer = await call(front(), http_scope(path, headers=[(b"host", b"10.1.2.3:8000")]))
    assert answer.status == 200


async def test_a_websocket_to_another_host_is_closed() -> None:
    scope = http_scope(headers=[(b"host", b"evil.example.org")], type="websocket")
    answer = await call(front(), scope)
    assert answer.messages == [{"type": "websocket.close", "code": 1008}]


def socket_scope(**more: Any) -> Scope:
    """A request for a WebSocket, by a server that lets it be refused with an answer."""
    scope = http_scope("/live", type="websocket", extensions={DENIAL: {}}, **more)
    del scope["method"]
    return scope


async def closing(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.close", "code": scope["state"]["code"]})


@pytest.mark.parametrize("code,status", [(1000, 404), (1011, 400)])
async def test_a_websocket_that_is_not_opened_is_a_problem(code: int, status: int) -> None:
    answer = await call(front(closing), socket_scope(state={"code": code}))
    assert [message["type"] for message in answer.messages] == [f"{DENIAL}.start", f"{DENIAL}.body"]
    assert (answer.messages[0]["status"], json.loads(answer.messages[1]["body"])["status"]) == (status, status)


async def test_a_websocket_to_another_host_is_a_problem_where_it_may_be() -> None:
    answer = await call(front(), socket_scope(headers=[(b"host", b"evil.example.org")]))
    assert answer.messages[0]["status"] == 400


async def test_an_answer_to_a_websocket_says_nothing_that_is_for_us() -> None:
    async def denying(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": f"{DENIAL}.start", "status": 200, "headers": [(b"surrogate-key", b"films")]})
        await send({"type": f"{DENIAL}.body", "body": b"{}"})

    names = {name for name, _ in (await call(front(denying), socket_scope())).messages[0]["headers"]}
    assert names == {b"x-request-id", b"x-content-type-options"}


async def test_an_open_websocket_closes_as_it_likes() -> None:
    async def short(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 1000})

    answer = await call(front(short), socket_scope())
    assert [message["type"] for message in answer.messages] == ["websocket.accept", "websocket.close"]


async def test_an_exception_before_the_answer_becomes_a_problem_without_its_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("secret")

    with caplog.at_level(logging.ERROR):
        answer = await call(front(broken), http_scope())
    assert answer.status == 500
    assert b"secret" not in answer.body
    assert "secret" in caplog.text


async def test_an_exception_amid_the_answer_reaches_the_server() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await hello(scope, receive, send)
        raise ValueError("too late")

    with pytest.raises(ValueError, match="too late"):
        await call(front(broken), http_scope())


async def test_a_routers_refusal_keeps_its_status_and_headers() -> None:
    async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
        raise HTTPException(405, "POST is not possible here.", {"Allow": "GET, HEAD"})

    answer = await call(front(refusing), http_scope(method="POST"))
    assert (answer.status, answer.header("allow")) == (405, "GET, HEAD")
    assert json.loads(answer.body)["detail"] == "POST is not possible here."


async def test_a_problem_for_head_has_no_body() -> None:
    answer = await call(front(), http_scope(method="HEAD", headers=[(b"host", b"evil.org")]))
    assert (answer.status, answer.body) == (400, b"")


async def test_each_request_is_noted_with_status_and_size() -> None:
    log = AccessLog()
    await call(front(log=log), http_scope("/a", query_string=b"b=c"))
    assert log.lines[0].split()[3:6] == [b'/a?b=c"', b"200", b"5"]


async def test_a_request_that_got_no_answer_is_noted_as_such() -> None:
    async def silent(scope: Scope, receive: Receive, send: Send) -> None:
        return

    log = AccessLog()
    await call(front(silent, log=log), http_scope())
    assert log.lines[0].split()[4] == b"499"


async def test_the_application_sees_the_request_id_as_a_header() -> None:
    seen: list[bytes] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend(value for name, value in scope["headers"] if name == b"x-request-id")
        await hello(scope, receive, send)

    answer = await call(front(app), http_scope())
    assert [value.decode() for value in seen] == [answer.header("x-request-id")]


def test_a_port_is_cut_off_names_and_addresses() -> None:
    assert [without_port(host) for host in (b"a:1", b"[::1]:1", b"a", b"[::1]")] == [b"a", b"[::1]", b"a", b"[::1]"]
