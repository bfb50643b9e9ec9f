"""Handlers that run in the ASGI call itself: what they see, and what becomes of what they write."""

import asyncio
import logging
from contextvars import ContextVar
from typing import Any

import pytest
from aiohttp import web

from server.bridge import Bridge, bridge
from tests.server.bridge.asgi import Asked, Message, ask, scope_with

NAME: ContextVar[str] = ContextVar("NAME")


def app_of(handler: Any) -> web.Application:
    app = web.Application()
    app.router.add_route("*", "/", handler)
    return app


async def calls(app: Bridge, scope: Message, count: int) -> list[Asked]:
    async with app.lifespan():
        return [await Asked.of(app, scope) for _ in range(count)]


def test_the_handler_runs_in_the_asgi_calls_own_task() -> None:
    tasks: list[object] = []

    async def handler(request: web.Request) -> web.Response:
        tasks.extend((asyncio.current_task(), request.task))
        return web.Response()

    async def run() -> None:
        app = bridge(app_of(handler))
        async with app.lifespan():
            task = asyncio.create_task(app(scope_with(), nothing, keep))
            await task
        assert tasks == [task, task]

    async def nothing() -> Message:
        raise AssertionError

    async def keep(_: Message) -> None: ...

    asyncio.run(run())


def test_a_whole_answer_is_two_messages() -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.json_response({"a": 1})

    messages = ask(app_of(handler), scope_with()).messages
    assert [message["type"] for message in messages] == ["http.response.start", "http.response.body"]
    assert messages[1]["body"] == b'{"a": 1}'


def test_what_is_written_before_a_wait_is_sent_before_it_ends() -> None:
    sent = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first")
        await asyncio.wait_for(sent.wait(), 5)
        await response.write(b"second")
        return response

    async def run() -> bytes:
        app, bodies = bridge(app_of(handler)), []

        async def send(message: Message) -> None:
            bodies.append(message.get("body", b""))
            sent.set()

        await Asked.of(app, scope_with(), send=send, lifespan=True)
        return b"".join(bodies)

    assert asyncio.run(run()) == b"firstsecond"


def test_an_answer_that_the_handler_ends_itself_is_out_while_it_goes_on() -> None:
    out = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.Response(text="early")
        await response.prepare(request)
        await response.write_eof()
        await asyncio.wait_for(out.wait(), 5)
        return response

    async def run() -> list[bytes]:
        bodies: list[bytes] = []

        async def send(message: Message) -> None:
            bodies.append(message.get("body", b""))
            out.set()

        await Asked.of(bridge(app_of(handler)), scope_with(), send=send, lifespan=True)
        return bodies

    assert asyncio.run(run()) == [b"", b"early"]


@pytest.mark.parametrize("size", [0, 1, 65536, 65537, 1_000_000])
@pytest.mark.parametrize("waits", [False, True])
def test_bodies_of_any_size_arrive(size: int, waits: bool) -> None:
    async def handler(_: web.Request) -> web.Response:
        if waits:
            await asyncio.sleep(0)
        return web.Response(body=bytearray(b"x" * size))

    assert ask(app_of(handler), scope_with()).body == b"x" * size


@pytest.mark.parametrize("method, status", [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_answers_without_a_body_have_none(method: str, status: int) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=status, text="body" if method == "HEAD" else None)

    asked = ask(app_of(handler), scope_with(method=method))
    assert (asked.status, asked.body) == (status, b"")


def test_a_timeout_is_a_504_as_on_aiohttps_server() -> None:
    async def handler(_: web.Request) -> web.Response:
        raise TimeoutError

    assert ask(app_of(handler), scope_with()).status == 504


def test_a_returned_exception_is_an_answer_and_a_warning() -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.HTTPNotFound()

    with pytest.warns(DeprecationWarning, match="HTTPException"):
        assert ask(app_of(handler), scope_with()).status == 404


def test_a_failure_in_answering_is_logged_and_a_500(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(request: web.Request, response: web.StreamResponse) -> None:
        raise ValueError("no answer today")

    async def handler(_: web.Request) -> web.Response:
        return web.Response()

    app = app_of(handler)
    app.on_response_prepare.append(fail)
    assert ask(app, scope_with()).status == 500
    assert "no answer today" in caplog.text


def test_a_line_break_in_a_header_is_never_sent_though_the_same_bytes_were_once_an_answer() -> None:
    forged = iter(({"Vary": "a", "X-A": "b"}, {"Vary": "a\r\nX-A: b"}))

    async def handler(_: web.Request) -> web.Response:
        return web.Response(headers=next(forged))

    first, second = asyncio.run(calls(bridge(app_of(handler)), scope_with(), 2))
    assert (first.status, second.status) == (200, 500)


def test_a_handler_that_is_cancelled_by_the_server_is_cancelled() -> None:
    cancelled = []

    async def handler(_: web.Request) -> web.Response:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise
        return web.Response()

    async def run() -> None:
        app = bridge(app_of(handler))
        async with app.lifespan():
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(Asked.of(app, scope_with()), 0.05)

    asyncio.run(run())
    assert cancelled == [True]


@pytest.mark.parametrize("cancels", [True, False])
def test_a_client_that_leaves_cancels_its_handler_if_asked_and_the_call_ends_well(cancels: bool) -> None:
    ended = []

    async def handler(_: web.Request) -> web.Response:
        try:
            await asyncio.sleep(0.3)
            ended.append("finished")
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        return web.Response()

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def run() -> None:
        asked = await Asked.of(
            bridge(app_of(handler), handler_cancellation=cancels), scope_with(), receive=gone, lifespan=True
        )
        assert asked.messages == []

    asyncio.run(run())
    assert ended == ["cancelled" if cancels else "finished"]


@pytest.mark.parametrize("method", ["GET", "POST"], ids=["in the call", "by the parser"])
def test_requests_of_one_client_share_one_connection_of_aiohttps(method: str) -> None:
    protocols: list[object] = []

    async def handler(request: web.Request) -> web.Response:
        protocols.append(request.protocol)
        return web.Response(text="ok")

    async def run() -> None:
        app = bridge(app_of(handler))
        async with app.lifespan():
            for client in (1, 1, 2):
                await Asked.of(app, scope_with(method=method, client=("192.0.2.1", client)))
            assert app.server is not None
            assert app.server.requests_count == 3

    asyncio.run(run())
    first, second, other = protocols
    assert first is second is not other


def test_access_lines_are_written_once(caplog: pytest.LogCaptureFixture) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(text="four")

    caplog.set_level(logging.INFO, "aiohttp.access")
    ask(app_of(handler), scope_with(), access_log_format="%r %s")
    assert [record.getMessage() for record in caplog.records if record.name == "aiohttp.access"] == [
        "GET / HTTP/1.1 200"
    ]


def test_context_variables_are_those_around_the_call() -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(text=NAME.get())

    async def run() -> bytes:
        NAME.set("around")
        return (await Asked.of(bridge(app_of(handler)), scope_with(), lifespan=True)).body

    assert asyncio.run(run()) == b"around"
