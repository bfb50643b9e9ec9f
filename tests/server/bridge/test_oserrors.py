"""An OSError is the server's word for a client that has gone when `send` or `receive` raises it, and else an error."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from server.bridge import bridge
from server.bridge_exchange import ResponseTruncated
from tests.server.bridge.asgi import Asked, Message, ask, scope_with

GET = scope_with()
POST = scope_with(method="POST", headers=[(b"host", b"a"), (b"content-length", b"1")])


def app_of(handler: Any) -> web.Application:
    app = web.Application()
    app.router.add_route("*", "/", handler)
    return app


async def at_once(_: web.Request) -> web.Response:
    return web.Response(body=b"a")


async def after_a_wait(_: web.Request) -> web.Response:
    await asyncio.sleep(0)
    return web.Response(body=b"a")


async def by_aiohttp(_: web.Request) -> web.Response:
    return web.Response(body=b"a", headers={"Content-Length": "1"})


async def in_pieces(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"a")
    await asyncio.sleep(0.01)
    await response.write(b"b")
    return response


@pytest.mark.parametrize("scope", [GET, POST], ids=["direct", "by the parser"])
@pytest.mark.parametrize("error", [OSError, ConnectionResetError, BrokenPipeError, FileNotFoundError])
@pytest.mark.parametrize("waits", [False, True])
def test_a_handlers_oserror_is_a_500_and_in_the_log(
    scope: Message, error: type[OSError], waits: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def handler(_: web.Request) -> web.Response:
        if waits:
            await asyncio.sleep(0)
        raise error("no such disk")

    assert ask(app_of(handler), scope, b"x").status == 500
    assert "no such disk" in caplog.text


def test_an_oserror_amid_a_streamed_answer_is_logged_and_cuts_it_off(caplog: pytest.LogCaptureFixture) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        await in_pieces(request)
        raise OSError("no such disk")

    with pytest.raises(ResponseTruncated):
        ask(app_of(handler), GET)
    assert "no such disk" in caplog.text


@pytest.mark.parametrize("scope", [GET, POST], ids=["direct", "by the parser"])
@pytest.mark.parametrize("handler", [at_once, after_a_wait, by_aiohttp, in_pieces])
@pytest.mark.parametrize("refused", [1, 2])
def test_a_send_that_raises_ends_the_call_in_silence(scope: Message, handler: Any, refused: int) -> None:
    sent: list[str] = []

    async def send(message: Message) -> None:
        sent.append(message["type"])
        if len(sent) == refused:
            raise BrokenPipeError("the client has gone")

    asyncio.run(Asked.of(bridge(app_of(handler), access_log=None), scope, b"x", send=send, lifespan=True))
    assert len(sent) == refused


async def gone() -> Message:
    raise ConnectionResetError("the client has gone")


@pytest.mark.parametrize("version", ["2", "3"])
def test_a_first_receive_that_raises_asks_no_handler(version: str) -> None:
    asked = []

    async def handler(_: web.Request) -> web.Response:
        asked.append(True)
        return web.Response()

    app = bridge(app_of(handler))
    answer = asyncio.run(Asked.of(app, scope_with(http_version=version), receive=gone, lifespan=True))
    assert (asked, answer.messages) == ([], [])


def test_a_receive_that_raises_amid_a_body_is_a_lost_client() -> None:
    read: list[type[BaseException]] = []

    async def handler(request: web.Request) -> web.Response:
        try:
            await request.read()
        except Exception as error:
            read.append(type(error))
            raise
        return web.Response()

    answer = asyncio.run(Asked.of(bridge(app_of(handler)), POST, receive=gone, lifespan=True))
    assert answer.messages == []
    assert len(read) == 1


def test_a_client_that_has_gone_is_refused_in_silence() -> None:
    async def send(_: Message) -> None:
        raise BrokenPipeError

    asyncio.run(Asked.of(bridge(app_of(at_once)), scope_with(method="GE T"), send=send, lifespan=True))


def test_after_a_lost_client_the_next_request_is_answered() -> None:
    async def broken(_: Message) -> None:
        raise BrokenPipeError

    async def run() -> bytes:
        app = bridge(app_of(at_once), access_log=None)
        async with app.lifespan():
            await Asked.of(app, GET, send=broken)
            return (await Asked.of(app, GET)).body

    assert asyncio.run(run()) == b"a"


def test_a_transport_that_the_handler_closes_before_it_waits_breaks_nothing() -> None:
    async def handler(request: web.Request) -> web.Response:
        response = web.Response(body=b"a", headers={"Content-Length": "1"})
        await response.prepare(request)
        assert request.transport is not None
        request.transport.close()
        await asyncio.sleep(0)
        return response

    assert ask(app_of(handler), GET).status == 500
