"""WebSockets through a real uvicorn, with aiohttp's own client at the other end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType, web
from websockets.sync.client import connect

from server.bridge_tunnel import TransportWebSocket
from tests.server.bridge.serving import Serve, Server

Talk = Callable[[aiohttp.ClientWebSocketResponse], Awaitable[object]]


def app_of(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.Application:
    app = web.Application()
    app.router.add_get("/", handler)
    return app


async def echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(protocols=("films", "people"), max_msg_size=0)
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
        else:
            await socket.send_bytes(message.data)
    return socket


def talk(server: Server, words: Talk, **options: Any) -> object:
    async def run() -> object:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"http://127.0.0.1:{server.port}/", max_msg_size=0, **options) as socket,
        ):
            return await asyncio.wait_for(words(socket), 15)

    return asyncio.run(run())


@pytest.mark.parametrize("text", ["", "a", "é" * 100, "x" * 70_000])
def test_text_comes_back(serve: Serve, text: str) -> None:
    async def words(socket: aiohttp.ClientWebSocketResponse) -> str:
        await socket.send_str(text)
        return await socket.receive_str()

    assert talk(serve(app_of(echo)), words) == text


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536, 5_000_000])
def test_binary_of_any_size_comes_back(serve: Serve, size: int) -> None:
    async def words(socket: aiohttp.ClientWebSocketResponse) -> bytes:
        await socket.send_bytes(b"\x00\xff" * (size // 2))
        return await socket.receive_bytes()

    assert talk(serve(app_of(echo), server={"ws_max_size": 10_000_000}), words) == b"\x00\xff" * (size // 2)


@pytest.mark.parametrize("options", [{}, {"ws": TransportWebSocket}], ids=["by messages", "on the transport"])
def test_a_fragmented_message_arrives_as_one(serve: Serve, options: dict[str, Any]) -> None:
    server = serve(app_of(echo), server=options)
    with connect(f"ws://127.0.0.1:{server.port}/", compression=None) as client:
        client.send([b"first ", b"", b"second"])
        assert client.recv(10) == b"first second"


def test_a_subprotocol_is_agreed(serve: Serve) -> None:
    async def words(socket: aiohttp.ClientWebSocketResponse) -> str | None:
        return socket.protocol

    assert talk(serve(app_of(echo)), words, protocols=("people", "x")) == "people"


def test_compression_is_the_servers_and_the_handler_sees_none(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(f"{socket.compress} " + "x" * 10_000)
        await socket.close()
        return socket

    async def words(socket: aiohttp.ClientWebSocketResponse) -> tuple[bool, str]:
        return bool(socket.compress), (await socket.receive_str())[:2]

    assert talk(serve(app_of(handler)), words, compress=15) == (True, "0 ")


def test_a_message_that_the_handler_compresses_itself_is_inflated(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str("x" * 10_000, compress=15)
        return socket

    async def words(socket: aiohttp.ClientWebSocketResponse) -> str:
        return await socket.receive_str()

    assert talk(serve(app_of(handler)), words) == "x" * 10_000


def test_the_handlers_close_code_and_reason_reach_the_client(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.close(code=4001, message=b"enough")
        return socket

    async def words(socket: aiohttp.ClientWebSocketResponse) -> tuple[int, str | None]:
        message = await socket.receive()
        return message.data, message.extra

    assert talk(serve(app_of(handler)), words) == (4001, "enough")


def test_the_clients_close_code_reaches_the_handler(serve: Serve) -> None:
    codes = []

    async def handler(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        message = await socket.receive()
        codes.append((message.type, message.data, socket.close_code))
        return socket

    async def words(socket: aiohttp.ClientWebSocketResponse) -> bool:
        return await socket.close(code=4002)

    server = serve(app_of(handler))
    talk(server, words)
    server.stop()
    assert codes == [(WSMsgType.CLOSE, 4002, 4002)]


def test_a_heartbeat_is_content(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=0.05)
        await socket.prepare(request)
        await socket.send_str(await socket.receive_str())
        return socket

    async def words(socket: aiohttp.ClientWebSocketResponse) -> str:
        await asyncio.sleep(0.4)
        await socket.send_str("still here")
        return await socket.receive_str()

    assert talk(serve(app_of(handler)), words) == "still here"


def test_a_handler_that_declines_is_heard_as_http(serve: Serve) -> None:
    async def handler(_: web.Request) -> web.WebSocketResponse:
        raise web.HTTPUnauthorized(text="who are you?", headers={"X-Why": "token"})

    async def words(_: aiohttp.ClientWebSocketResponse) -> None: ...

    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        talk(serve(app_of(handler), server={"ws": "websockets-sansio"}), words)
    assert refusal.value.status == 401
    assert refusal.value.headers is not None
    assert refusal.value.headers["x-why"] == "token"


def test_can_prepare_tells_a_websocket_from_a_plain_request(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        if not socket.can_prepare(request):
            return web.Response(text="plain")
        await socket.prepare(request)
        await socket.send_str("socket")
        return socket

    async def words(socket: aiohttp.ClientWebSocketResponse) -> str:
        return await socket.receive_str()

    server = serve(app_of(handler))
    assert server.ask("GET", "/")[1] == b"plain"
    assert talk(server, words) == "socket"


def test_a_client_that_vanishes_ends_the_handlers_loop(serve: Serve) -> None:
    ends = []

    async def handler(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        ends.append((await socket.receive()).type)
        return socket

    async def words(socket: aiohttp.ClientWebSocketResponse) -> None:
        transport = socket._response.connection.transport  # type: ignore[union-attr]
        transport.abort()  # type: ignore[union-attr]

    server = serve(app_of(handler))
    talk(server, words)
    server.stop()
    assert ends
    assert ends[0] in (WSMsgType.CLOSED, WSMsgType.CLOSE)


def test_a_handler_that_fails_after_the_handshake_hangs_up(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        raise ValueError("broken")

    async def words(socket: aiohttp.ClientWebSocketResponse) -> int | None:
        await socket.receive()
        return socket.close_code

    assert talk(serve(app_of(handler)), words) == 1006
