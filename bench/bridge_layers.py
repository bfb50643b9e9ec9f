"""Where the bridge's time goes: the layers of one request in this process, without a server and its sockets.

    python -m bench.bridge_layers [--batches 40] [--requests 3000] [--body-bytes 1000]

Each line is what a layer adds to those above it. The best batch counts: whatever else the machine does only adds.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvloop
from aiohttp import EMPTY_PAYLOAD, web

from bench.bridge import application, bare
from server.bridge import bridge
from server.bridge_lane import Lane
from server.bridge_message import MessageReader, reader_for
from server.bridge_plain import plain_answer
from server.bridge_pool import LanePool
from server.bridge_writer import AnswerWriter
from server.wire_head import HeadReader

CLIENTS = 32
Scope = dict[str, Any]
Layer = Callable[[Scope], Awaitable[object]]


def scope_of(number: int) -> Scope:
    """What uvicorn makes of wrk's request on one of CLIENTS connections."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50_000 + number % CLIENTS),
        "scheme": "http",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1:%d" % 8000)],
        "state": {},
        "method": "GET",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
    }


async def receive() -> dict[str, Any]:
    raise RuntimeError("nothing is asked of the client")


async def send(message: MutableMapping[str, Any]) -> None: ...


async def nothing(scope: Scope) -> None: ...


class Parts:
    """What a request passes in the bridge, each part by itself."""

    def __init__(self, server: web.Server) -> None:
        self.server = server
        self.heads = HeadReader(b"")
        self.messages: MessageReader = reader_for({}, strip_root_path=True)
        self.pool = LanePool(self._connect, idle_seconds=60)

    def _connect(self, extra: dict[str, Any]) -> Lane:
        lane = Lane(extra)
        lane.handler, lane.messages = self.server(), self.messages
        lane.connect(lane.handler)
        return lane

    async def read(self, scope: Scope) -> tuple[Lane, Any]:
        lane = self.pool.take(scope)
        self.pool.give(lane)
        return lane, lane.messages.read(scope)

    async def make(self, scope: Scope) -> tuple[Any, AnswerWriter]:
        lane, message = await self.read(scope)
        writer = AnswerWriter(lane.handler, lane.loop)
        writer.lane, writer.heads = lane, self.heads
        task: Any = asyncio.current_task(lane.loop)
        return self.server.request_factory(message, EMPTY_PAYLOAD, lane.handler, writer, task), writer

    async def handle(self, scope: Scope) -> tuple[Any, AnswerWriter, Any]:
        request, writer = await self.make(scope)
        return request, writer, await self.server.request_handler(request)

    async def answer(self, scope: Scope) -> None:
        request, writer, response = await self.handle(scope)
        if plain_answer(response, request, writer) is None:
            raise RuntimeError("the answer is not plain")

    async def answer_by_aiohttp(self, scope: Scope) -> None:
        request, _, response = await self.handle(scope)
        await response.prepare(request)
        await response.write_eof()


async def microseconds(layer: Layer, options: argparse.Namespace) -> float:
    """What one request takes in the best of the batches."""
    scopes = range(options.requests)
    batches = []
    for _ in range(options.batches):
        begin = time.perf_counter()
        for number in scopes:
            await layer(scope_of(number))
        batches.append((time.perf_counter() - begin) / len(scopes) * 1e6)
    return min(batches)


async def measure(options: argparse.Namespace) -> dict[str, float]:
    body = b"x" * options.body_bytes
    asgi, app = bare(body), bridge(application(body), access_log=None)
    runner = web.AppRunner(application(body), access_log=None)
    await runner.setup()
    if runner.server is None:
        raise RuntimeError("aiohttp's runner has no server")
    parts = Parts(runner.server)
    layers: dict[str, Layer] = {
        "the scope": nothing,
        "bare ASGI": lambda scope: asgi(scope, receive, send),
        "lane and message": parts.read,
        "request": parts.make,
        "route and handler": parts.handle,
        "answer": parts.answer,
        "answer by aiohttp": parts.answer_by_aiohttp,
        "bridge": lambda scope: app(scope, receive, send),
    }
    async with app.lifespan():
        figures = {name: await microseconds(layer, options) for name, layer in layers.items()}
    await runner.cleanup()
    return figures


def report(figures: dict[str, float]) -> None:
    scope = figures["the scope"]
    lines = {
        "bare ASGI, two messages": figures["bare ASGI"] - scope,
        "the bridge, a whole call": figures["bridge"] - scope,
        "  finding the lane, reading the message": figures["lane and message"] - scope,
        "  making aiohttp's request": figures["request"] - figures["lane and message"],
        "  aiohttp's router and the handler": figures["route and handler"] - figures["request"],
        "  the answer": figures["answer"] - figures["route and handler"],
        "  the call itself, two messages": figures["bridge"] - figures["answer"],
        "an answer prepared and written by aiohttp": figures["answer by aiohttp"] - figures["route and handler"],
    }
    for name, figure in lines.items():
        print(f"{name:44}{figure:6.2f} µs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, default=40)
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--body-bytes", type=int, default=1000)
    report(uvloop.run(measure(parser.parse_args())))


if __name__ == "__main__":
    main()
