"""The API asked within this process, without a server or a socket: the same handlers, the same answers."""

import asyncio
from collections.abc import Callable, Iterable, MutableMapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from catalog.api.http import problems
from moviedb.api import bridged
from server.executor import Executor
from server.front import Front

WAIT_SECONDS = 60.0
REDIRECTS_LIMIT = 5

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Head:
    """How an answer begins; header names in small letters."""

    status: int
    headers: tuple[tuple[str, str], ...]

    def header(self, name: str) -> str:
        """The header's value; nothing where it is absent."""
        return next((value for each, value in self.headers if each == name), "")


Heard = Callable[[Head, bytes, bool], None]
"""Told of each part of a body: the answer's head, the bytes, and whether more will come."""


def ask(method: str, target: str, headers: Pairs, heard: Heard) -> Head:
    """The head of the answer to a request without a body; `heard` is told of its body as it comes.

    target: path and query, beginning with `/api`. Redirects within the API are followed, five at most.
    """
    return asyncio.run(_ask(method, target, tuple(headers), heard))


async def _ask(method: str, target: str, headers: Pairs, heard: Heard) -> Head:
    executor = Executor(threads=1, queue_limit=10, wait_seconds=WAIT_SECONDS)
    api = bridged(executor)
    async with AsyncExitStack() as stack:
        executor.start()
        stack.push_async_callback(executor.close, grace_seconds=WAIT_SECONDS)
        await stack.enter_async_context(api.lifespan(None))
        front = Front(api, hosts=["*"], problem=problems.body)
        for _ in range(REDIRECTS_LIMIT):
            exchange = Exchange(heard)
            await front(scope(method, target, headers), exchange.receive, exchange.send)
            if exchange.head.status not in {307, 308}:
                break
            target = exchange.head.header("location")
    return exchange.head


def scope(method: str, target: str, headers: Pairs) -> MutableMapping[str, Any]:
    """The ASGI scope of a request, as uvicorn would make it."""
    path, _, query = target.partition("?")
    given = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "root_path": "",
        "headers": [(b"host", b"localhost"), *given],
        "client": None,
        "server": None,
    }


class Exchange:
    """One request without a body, and what is heard of its answer; redirects are not told."""

    def __init__(self, heard: Heard) -> None:
        self.heard = heard
        self.head = Head(500, ())
        self._asked = False

    async def receive(self) -> dict[str, Any]:
        if self._asked:
            await asyncio.Event().wait()  # nobody hangs up; the bridge stops asking when it is done
        self._asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"])
            self.head = Head(message["status"], tuple(headers))
        elif message["type"] == "http.response.body" and self.head.status not in {307, 308}:
            self.heard(self.head, message.get("body", b""), message.get("more_body", False))
