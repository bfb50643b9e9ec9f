"""Bad input, from the client, from the handler and from the ASGI server."""

import asyncio
import threading
from collections.abc import MutableMapping
from http.client import IncompleteRead
from typing import Any

import pytest
from aiohttp import web

from server.bridge import bridge
from tests.server.bridge.asgi import Asked, ask, scope_with
from tests.server.bridge.serving import Serve, one_route


async def ok(_: web.Request) -> web.Response:
    return web.Response(text="ok")


async def echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\x00b"])
def test_control_characters_in_a_header_are_a_500_and_inject_nothing(serve: Serve, value: str) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(headers={"X-Own": value})

    response, _ = serve(one_route(handler)).ask("GET", "/")
    assert response.status == 500
    assert "x-evil" not in response.headers


def test_a_handler_that_raises_before_its_answer_is_a_500(serve: Serve) -> None:
    async def handler(_: web.Request) -> web.Response:
        raise ValueError("broken")

    server = serve(one_route(handler))
    assert [server.ask("GET", "/")[0].status for _ in range(2)] == [500, 500]


def test_a_handler_that_raises_amid_its_answer_cuts_it_off(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"half")
        raise ValueError("broken")

    with pytest.raises(IncompleteRead):
        serve(one_route(handler)).ask("GET", "/")


def test_a_handler_that_raises_after_its_answer_spoils_nothing(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.Response(text="whole")
        await response.prepare(request)
        await response.write_eof()
        raise ValueError("broken")

    server = serve(one_route(handler))
    assert [server.ask("GET", "/")[1] for _ in range(2)] == [b"whole", b"whole"]


def test_a_handler_that_returns_no_response_is_a_500(serve: Serve) -> None:
    async def handler(_: web.Request) -> None: ...

    assert serve(one_route(handler)).ask("GET", "/")[0].status == 500


def test_a_handler_that_cancels_itself_is_a_500(serve: Serve) -> None:
    async def handler(_: web.Request) -> web.Response:
        raise asyncio.CancelledError

    assert serve(one_route(handler)).ask("GET", "/")[0].status == 500


def test_an_answer_shorter_than_its_length_is_cut_off(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "10"})
        await response.prepare(request)
        await response.write(b"abc")
        return response

    with pytest.raises(IncompleteRead):
        serve(one_route(handler)).ask("GET", "/")


def test_an_answer_longer_than_its_length_is_clipped(serve: Serve) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=b"x" * 20, headers={"Content-Length": "10"})

    connection = serve(one_route(handler)).connect()
    for _ in range(2):
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"x" * 10
    connection.close()


def test_a_handler_that_writes_to_the_transport_itself_is_cut_off(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.write(b"this is no HTTP\r\n\r\n")
        return web.Response()

    assert serve(one_route(handler)).ask("GET", "/")[0].status == 500


def test_a_handler_that_never_returns_is_left_at_shutdown(serve: Serve) -> None:
    ended = threading.Event()

    async def handler(_: web.Request) -> web.Response:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return web.Response()

    server = serve(one_route(handler), server={"timeout_graceful_shutdown": 1}, shutdown_timeout=0.1)
    with server.open() as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        server.ask_later()
        server.stop()
    assert ended.wait(5)


def test_a_request_that_aiohttp_cannot_read_is_rendered_by_the_hook(serve: Serve) -> None:
    def problem(_: Any, status: int, detail: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
        return [(b"content-type", b"application/problem+json")], f"{status} {bool(detail)}".encode()

    response, body = serve(one_route(ok), problem=problem, max_field_size=100).ask("GET", "/", headers={"X": "y" * 200})
    assert (response.status, body) == (400, b"400 True")
    assert response.headers["content-type"] == "application/problem+json"


def test_without_a_lifespan_the_answer_is_503_and_the_log_says_why(caplog: pytest.LogCaptureFixture) -> None:
    answer = asyncio.run(Asked.of(bridge(one_route(ok)), scope_with()))
    assert answer.status == 503
    assert "lifespan" in caplog.text


def test_a_scope_without_raw_path_is_quoted() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=request.raw_path)

    answer = ask(one_route(handler), scope_with(path="/é x", raw_path=None))
    assert answer.body == b"/%C3%A9%20x"


def test_a_scope_without_client_or_server_has_no_remote() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=f"{request.remote} {bool(request.host)}")

    assert ask(one_route(handler), scope_with(client=None, server=None)).body == b"None True"


def test_a_scope_with_lists_for_addresses_is_served() -> None:
    assert ask(one_route(ok), scope_with(client=["1.2.3.4", 5], server=["h", 80])).body == b"ok"


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "GE T"},
        {"method": ""},
        {"raw_path": b"/a b"},
        {"query_string": b"a\r\nX: 1"},
        {"headers": [(b"x", b"a\r\nb: c")]},
        {"headers": [(b"x:y", b"a")]},
        {"headers": [(b"", b"a")]},
        {"headers": [(b"content-length", b"1"), (b"content-length", b"2")]},
        {"headers": [(b"content-length", b"-1")]},
    ],
)
def test_a_scope_that_would_break_the_framing_is_a_400(wrong: dict[str, Any]) -> None:
    assert ask(one_route(ok), scope_with(**wrong)).status == 400


def test_a_body_longer_than_its_length_is_refused_and_asks_nothing_else() -> None:
    paths = []

    async def handler(request: web.Request) -> web.Response:
        paths.append(request.path)
        return web.Response(body=await request.read())

    smuggled = b"abcGET /evil HTTP/1.1\r\nHost: a\r\n\r\n"
    answer = ask(one_route(handler), scope_with(method="POST", headers=[(b"content-length", b"3")]), smuggled)
    assert (answer.status, paths) == (400, ["/"])


def test_a_body_shorter_than_its_length_is_refused() -> None:
    answer = ask(one_route(echo), scope_with(method="POST", headers=[(b"content-length", b"9")]), b"abc")
    assert answer.status == 400


def test_http2_bodies_need_no_length() -> None:
    scope = scope_with(method="POST", http_version="2", headers=[(b"host", b"a")])
    assert ask(one_route(echo), scope, b"ab", b"", b"cd").body == b"abcd"


def test_a_receive_that_fails_is_a_lost_client(caplog: pytest.LogCaptureFixture) -> None:
    async def receive() -> dict[str, Any]:
        raise RuntimeError("server trouble")

    scope = scope_with(method="POST", headers=[(b"content-length", b"9")])
    answer = asyncio.run(Asked.of(bridge(one_route(echo)), scope, receive=receive, lifespan=True))
    assert answer.messages == []
    assert "receive failed" in caplog.text


def test_a_send_that_fails_is_a_lost_client() -> None:
    async def send(_: MutableMapping[str, Any]) -> None:
        raise ConnectionResetError

    answer = asyncio.run(Asked.of(bridge(one_route(ok)), scope_with(), send=send, lifespan=True))
    assert answer.messages == []


def test_an_unknown_scope_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="telnet"):
        asyncio.run(Asked.of(bridge(one_route(ok)), {"type": "telnet"}))


@pytest.mark.parametrize("limit, status", [(8190, 400), (65536, 200)])
def test_a_long_line_is_refused_at_aiohttps_limit_and_the_limit_is_an_option(
    serve: Serve, limit: int, status: int
) -> None:
    server = serve(one_route(ok), max_line_size=limit, max_field_size=limit)
    assert server.ask("GET", "/?" + "q" * 20_000)[0].status == status
