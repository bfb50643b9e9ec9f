"""What is answered without aiohttp's preparing is what aiohttp would have answered."""

import asyncio
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from server.bridge import Bridge, bridge
from server.bridge_exchange import ResponseTruncated
from tests.server.bridge.asgi import Asked, Message, ask, scope_with

NAMES = st.sampled_from(("Vary", "ETag", "X-A", "Server", "Date", "Connection", "Content-Type", "Transfer-Encoding"))
VALUES = st.sampled_from(("a", " é ", "close", "keep-alive", "chunked", "", "a\tb", "a\r\nb", "a\x01", "\ud800"))
HEADERS = st.dictionaries(NAMES | st.sampled_from(("Content-Length", "B d", "B:d")), VALUES | st.just("3"), max_size=4)
BODIES = st.sampled_from((b"abc", b"", None, bytearray(b"abc"), b"a" * 65536, b"a" * 65537))
STATUSES = st.sampled_from((200, 201, 204, 206, 304, 404, 500, 503))
REQUESTS = st.fixed_dictionaries(
    {
        "method": st.sampled_from(("GET", "GET", "HEAD", "OPTIONS", "DELETE")),
        "headers": st.sampled_from(([(b"host", b"a")], [(b"host", b"a"), (b"connection", b"close")])),
    }
)
CHANGES = st.sampled_from((None, None, "force_close", "enable_chunked_encoding", "enable_compression", "set_cookie"))


class Subclass(web.Response):
    """A kind that the bridge can't know."""


async def signalled(_: web.Request, __: web.StreamResponse) -> None: ...


def answering(make: Any, *, by_aiohttp: bool, **options: Any) -> Bridge:
    """An application that answers with `make()`; a signal on preparing leaves the answers to aiohttp."""

    async def handler(_: web.Request) -> web.StreamResponse:
        response: web.StreamResponse = make()
        return response

    app = web.Application()
    app.router.add_route("*", "/", handler)
    if by_aiohttp:
        app.on_response_prepare.append(signalled)
    return bridge(app, access_log=None, **options)


def response_of(headers: dict[str, str], body: Any, status: int, change: str | None) -> web.Response:
    response = web.Response(headers=headers, body=body, status=status)
    if change == "set_cookie":
        response.set_cookie("a", "b")
    elif change is not None:
        getattr(response, change)()
    return response


async def answer(app: Bridge, scope: Message) -> object:
    """Status, headers and body; twice, since heads are remembered."""
    async with app.lifespan():
        try:
            first, second = [await Asked.of(app, scope) for _ in range(2)]
        except ResponseTruncated:
            return "a Content-Length that is not the body's"
    assert first == second
    return first.status, first.messages[0]["headers"], first.body


@settings(max_examples=150, deadline=None)
@given(HEADERS, BODIES, STATUSES, CHANGES, REQUESTS)
def test_a_plain_answer_is_what_aiohttp_writes(
    headers: Any, body: Any, status: int, change: str | None, request: Message
) -> None:
    async def both() -> list[object]:
        def make() -> web.Response:
            return response_of(headers, body, status, change)

        apps = [answering(make, by_aiohttp=by_aiohttp) for by_aiohttp in (True, False)]
        return [await answer(app, scope_with(**request)) for app in apps]

    try:
        response_of(headers, body, status, change)
    except (ValueError, RuntimeError):
        return  # aiohttp refuses to make it
    aiohttps, ours = asyncio.run(both())
    assert ours == aiohttps


def prepared(made: web.Response, **options: Any) -> bool:
    """Whether aiohttp has prepared the response that the handler gave."""
    asyncio.run(Asked.of(answering(lambda: made, by_aiohttp=False, **options), scope_with(), lifespan=True))
    return made.prepared


def test_an_ordinary_response_is_not_prepared() -> None:
    assert not prepared(web.json_response({"a": 1}, headers={"ETag": '"a"'}, status=404))


@pytest.mark.parametrize(
    "made, options",
    [
        (web.Response(), {}),
        (Subclass(body=b"a"), {}),
        (web.Response(body=bytearray(b"a")), {}),
        (web.Response(body=b"a", headers={"Content-Length": "1"}), {}),
        (web.Response(body=b"a"), {"keep_server_headers": True}),
    ],
    ids=str,
)
def test_what_is_not_plain_is_left_to_aiohttp(made: web.Response, options: dict[str, Any]) -> None:
    assert prepared(made, **options)


def test_a_handler_that_waits_answers_alike() -> None:
    made = web.Response(body=b"a")

    async def handler(_: web.Request) -> web.Response:
        await asyncio.sleep(0)
        return made

    app = web.Application()
    app.router.add_get("/", handler)
    assert ask(app, scope_with(), access_log=None).body == b"a"
    assert not made.prepared


def test_a_second_response_beside_one_already_begun_is_not_sent_in_its_place() -> None:
    async def handler(request: web.Request) -> web.Response:
        await web.Response(body=b"first").prepare(request)
        return web.Response(body=b"second")

    app = web.Application()
    app.router.add_get("/", handler)
    ours = ask(app, scope_with(), access_log=None)
    app = web.Application()
    app.router.add_get("/", handler)
    app.on_response_prepare.append(signalled)
    assert ours == ask(app, scope_with(), access_log=None)
