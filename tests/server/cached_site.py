"""An application behind a front with a cache, over a database that a test moves by hand."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from starlette.types import Receive, Scope, Send

from server.cache import Cache, Shared
from server.front import Front
from server.nodes import Nodes
from server.revision import Reading
from tests.server.asgi_client import Answer, call, http_scope

T = TypeVar("T")

BUDGET_BYTES = 1_000_000


class Clock:
    """A database's state that a test moves by hand, and its change log."""

    def __init__(self) -> None:
        self.state = 1
        self.log: list[str] = []
        self.number = 0
        self.generation = 1
        self.asked_at = "here"
        self.lacking: list[str] = []
        self.away = False
        self.asked = 0

    def commit(self, *keys: str, logged: bool = True) -> None:
        """A commit whose changes have these surrogate keys."""
        self.state += 1
        if logged:
            self.log.append(" ".join(keys) or "something")

    @property
    def questions(self) -> int:
        return self.number

    async def now(self) -> Reading | None:
        self.number += 1
        return None if self.away else Reading(self.number, self.generation, self.state, self.asked_at)

    async def close(self) -> None:
        self.away = True

    def position(self) -> str:
        self.asked += 1
        return str(len(self.log))

    def changed_since(self, token: str) -> list[str]:
        return " ".join(self.log[int(token) :]).split()

    def standing(self) -> list[str]:
        return self.lacking


class Site:
    """An application that counts its answers, behind a front with a cache."""

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        self.clock = Clock()
        self.answered = 0
        self.gate: Callable[[], Awaitable[None]] | None = None
        self.status = 200
        self.headers: list[tuple[bytes, bytes]] = [(b"etag", b'"one"'), (b"content-type", b"text/plain")]
        self.chunks: list[bytes] = []
        self.data_at = "here"
        self.nodes = Nodes(lambda: self.data_at)
        self.nodes.note()
        self.cache = Cache(Shared(self.key, self.clock, budget_bytes), self.clock, self.run, self.nodes)
        self.front = Front(self.app, hosts=["*"], problem=lambda *_: b"problem", cache=self.cache)

    @staticmethod
    def key(scope: Scope) -> bytes | None:
        return None if scope["path"] == "/alone" else scope["raw_path"]

    async def run(self, unit: Callable[[], T]) -> T:
        await asyncio.sleep(0)
        result = unit()
        if not self.nodes.known():
            self.nodes.note()
        return result

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  ASGI's signature
        self.answered += 1
        number = self.answered
        if self.gate is not None:
            await self.gate()
        chunks = self.chunks or [b"answer %d" % number]
        await send({"type": "http.response.start", "status": self.status, "headers": list(self.headers)})
        for chunk in chunks[:-1]:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": chunks[-1]})

    async def get(self, path: str = "/a", **more: Any) -> Answer:
        return await call(self.front, http_scope(path, **more))


def held(gates: list[asyncio.Event]) -> Callable[[], Awaitable[None]]:
    """A gate at which each computation waits for its own event."""
    waiting = iter(gates)

    async def gate() -> None:
        await next(waiting).wait()

    return gate


async def settle() -> None:
    """Let every task run until it waits for something else."""
    for _ in range(20):
        await asyncio.sleep(0)
