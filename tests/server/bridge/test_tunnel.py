"""WebSockets on uvicorn's real transport: what ASGI can't carry arrives."""

import asyncio

import aiohttp
import pytest
from aiohttp import WSMsgType, web
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from server.bridge_tunnel import TransportWebSocket
from tests.server.bridge.serving import Serve
from tests.server.bridge.test_websocket import app_of, echo, talk

TUNNEL = {"ws": TransportWebSocket}


def test_messages_of_any_size_come_back(serve: Serve) -> None:
    async def words(socket: aiohttp.ClientWebSocketResponse) -> bytes:
        await socket.send_bytes(b"x" * 5_000_000)
        return await socket.receive_bytes()

    assert talk(serve(app_of(echo), server=TUNNEL), words) == b"x" * 5_000_000


def test_pings_and_pongs_go_all_the_way(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        await socket.ping(b"from the handler")
        await socket.send_str((await socket.receive()).type.name)
        return socket

    async def words(socket: aiohttp.ClientWebSocketResponse) -> tuple[WSMsgType, bytes, str]:
        ping = await socket.receive()
        await socket.pong(ping.data)
        return ping.type, ping.data, await socket.receive_str()

    said = talk(serve(app_of(handler), server=TUNNEL), words, autoping=False)
    assert said == (WSMsgType.PING, b"from the handler", "PONG")


def test_compression_is_aiohttps_own(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(str(socket.compress))
        return socket

    async def words(socket: aiohttp.ClientWebSocketResponse) -> tuple[int, str]:
        return socket.compress, await socket.receive_str()

    assert talk(serve(app_of(handler), server=TUNNEL), words, compress=15) == (15, "15")


def test_a_heartbeat_without_an_answer_ends_the_socket(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=0.1)
        await socket.prepare(request)
        await socket.receive()
        return socket

    async def words(socket: aiohttp.ClientWebSocketResponse) -> list[WSMsgType]:
        return [(await socket.receive()).type for _ in range(2)]

    said = talk(serve(app_of(handler), server=TUNNEL), words, autoping=False)
    assert said == [WSMsgType.PING, WSMsgType.CLOSED]


def test_a_handler_that_declines_opens_no_way_past_the_router(serve: Serve) -> None:
    """What the client pipelines behind a declined handshake is never read as a request."""
    paths = []

    async def handler(request: web.Request) -> web.Response:
        paths.append(request.path)
        raise web.HTTPForbidden

    app = app_of(handler)
    app.router.add_get("/evil", handler)
    opening = (
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1Ng==\r\n\r\n"
    )
    answer = serve(app, server=TUNNEL).raw(opening + b"GET /evil HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 403")
    assert paths == ["/"]


def test_an_accepted_socket_reads_no_request(serve: Serve) -> None:
    paths = []

    async def evil(request: web.Request) -> web.Response:
        paths.append(request.path)
        return web.Response()

    app = app_of(echo)
    app.router.add_get("/evil", evil)
    opening = (
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1Ng==\r\n\r\n"
    )
    with serve(app, server=TUNNEL).open() as client:
        client.sendall(opening)
        assert client.recv(1000).startswith(b"HTTP/1.1 101")
        client.sendall(b"GET /evil HTTP/1.1\r\nHost: a\r\n\r\n")
        rest = b"".join(iter(lambda: client.recv(1000), b""))
    assert b"HTTP/1.1" not in rest
    assert paths == []


def test_when_the_server_stops_the_handler_hears_1012(serve: Serve) -> None:
    codes: list[int | None] = []

    async def handler(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str("ready")
        await socket.receive()
        codes.append(socket.close_code)
        return socket

    server = serve(app_of(handler), server=TUNNEL)

    async def words(socket: aiohttp.ClientWebSocketResponse) -> WSMsgType:
        await socket.receive_str()
        await asyncio.to_thread(server.stop)
        return (await socket.receive()).type

    assert talk(server, words) is WSMsgType.CLOSE
    assert codes == [1012]


@pytest.mark.parametrize("text", ["a", "b" * 100_000])
def test_other_websocket_applications_are_served_as_ever(serve: Serve, text: str) -> None:
    async def starlette_echo(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(await socket.receive_text())
        await socket.close()

    async def words(socket: aiohttp.ClientWebSocketResponse) -> str:
        await socket.send_str(text)
        return await socket.receive_str()

    app = Starlette(routes=[WebSocketRoute("/", starlette_echo)])
    assert talk(serve(app, server=TUNNEL), words) == text
