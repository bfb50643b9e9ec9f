"""Clients that leave, are slow, or send much; and the context variables of each request."""

import asyncio
import contextvars
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from server.bridge import bridge
from tests.server.bridge.serving import Serve, one_route

MEGABYTE = 1024 * 1024
HELD_LIMIT_BYTES = 4 * MEGABYTE
tag: contextvars.ContextVar[str] = contextvars.ContextVar("tag", default="none")


@pytest.mark.parametrize("cancellation, end", [(True, "cancelled"), (False, "finished")])
def test_a_client_that_leaves_cancels_the_handler_only_if_asked(serve: Serve, cancellation: bool, end: str) -> None:
    begun, ended, ends = threading.Event(), threading.Event(), []

    async def handler(_: web.Request) -> web.Response:
        begun.set()
        try:
            await asyncio.sleep(0.5)
            ends.append("finished")
        except asyncio.CancelledError:
            ends.append("cancelled")
            raise
        finally:
            ended.set()
        return web.Response()

    with serve(one_route(handler), handler_cancellation=cancellation).open() as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert begun.wait(5)
    assert ended.wait(5)
    assert ends == [end]


def test_an_endless_stream_ends_when_its_client_leaves(serve: Serve) -> None:
    ended = threading.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"tick\n")
                await asyncio.sleep(0.01)
        except ConnectionError:
            ended.set()
            raise

    with serve(one_route(handler)).open() as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        client.recv(100)
    assert ended.wait(5)


def test_a_client_that_leaves_amid_its_upload_is_told_to_the_handler(serve: Serve) -> None:
    told, errors = threading.Event(), []

    async def handler(request: web.Request) -> web.Response:
        try:
            await request.read()
        except (ConnectionError, web.RequestPayloadError) as error:
            errors.append(error)
        finally:
            told.set()
        return web.Response()

    with serve(one_route(handler)).open() as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
    assert told.wait(5)
    assert errors


def test_a_large_upload_to_a_slow_handler_is_held_back(serve: Serve) -> None:
    """100 MB, of which the process never holds more than the limit."""
    sizes = []

    async def handler(request: web.Request) -> web.Response:
        total = 0
        async for data in request.content.iter_chunked(MEGABYTE // 2):
            total += len(data)
            sizes.append(tracemalloc.get_traced_memory()[0])
            await asyncio.sleep(0.002)
        return web.Response(text=str(total))

    piece = bytes(MEGABYTE // 4)
    server = serve(one_route(handler))
    with traced():
        before = tracemalloc.get_traced_memory()[0]
        _, body = server.ask("POST", "/", (piece for _ in range(400)))
    held = max(sizes) - before
    assert body == str(100 * MEGABYTE).encode()
    assert held < HELD_LIMIT_BYTES


def test_a_large_download_by_a_slow_client_is_held_back(serve: Serve) -> None:
    """100 MB; the client first reads nothing, and the handler stops within the limit."""
    written = [0]

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(100 * MEGABYTE)})
        await response.prepare(request)
        for _ in range(1600):
            await response.write(bytes(65536))
            written[0] += 65536
        return response

    server = serve(one_route(handler))
    with server.open() as client, traced():
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        before = tracemalloc.get_traced_memory()[0]
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        settle(lambda: written[0])
        held = tracemalloc.get_traced_memory()[0] - before
        total = sum(len(data) for data in iter(lambda: client.recv(MEGABYTE), b""))
    assert held < HELD_LIMIT_BYTES
    assert total > 100 * MEGABYTE


def settle(value: Callable[[], int]) -> None:
    """Wait until `value` stays the same: the handler has been made to wait."""
    seen = -1
    while seen != (seen := value()) or not seen:
        time.sleep(0.2)


class traced:  # noqa: N801
    """Memory that Python allocates, traced for the length of a block."""

    def __enter__(self) -> None:
        tracemalloc.start()

    def __exit__(self, *error: object) -> None:
        tracemalloc.stop()


def test_each_handler_has_the_context_variables_of_its_own_request(serve: Serve) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(text=tag.get())

    inner = bridge(one_route(handler))

    async def tagging(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and (text := scope["query_string"].decode()):
            tag.set(text)
        await inner(scope, receive, send)

    connection = serve(tagging).connect()
    seen = []
    for query in ("one", "two", ""):
        connection.request("GET", f"/?{query}")
        seen.append(connection.getresponse().read())
    connection.close()
    assert seen == [b"one", b"two", b"none"]


def test_a_thousand_clients_leave_nothing_behind(serve: Serve) -> None:
    bridged = bridge(one_route(answer))
    server = serve(bridged)
    for number in range(1000):
        with server.open() as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            if number % 2:
                client.recv(1000)
    assert bridged.server is not None
    assert len(bridged.server.connections) <= 1024
    assert server.ask("GET", "/")[1] == b"ok"


async def answer(_: web.Request) -> web.Response:
    return web.Response(text="ok")
