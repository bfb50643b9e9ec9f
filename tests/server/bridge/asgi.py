"""Calls of an ASGI application by hand, for scopes that no server would make."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from server.bridge import Bridge, bridge

Message = MutableMapping[str, Any]


def scope_with(**changes: Any) -> Message:
    """A plain GET, with `changes`; a value of None takes a key away."""
    scope: Message = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"films.example")],
        "client": ("192.0.2.1", 50_000),
        "server": ("192.0.2.2", 80),
        **changes,
    }
    return {key: value for key, value in scope.items() if value is not None}


@dataclass
class Asked:
    """The messages that the application has sent."""

    messages: list[Message] = field(default_factory=list)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.messages[0]["headers"])

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.messages[1:])

    @classmethod
    async def of(
        cls,
        app: Bridge,
        scope: Message,
        *bodies: bytes,
        receive: Callable[[], Awaitable[Message]] | None = None,
        send: Callable[[Message], Awaitable[None]] | None = None,
        lifespan: bool = False,
    ) -> "Asked":
        asked = cls()
        pieces = [{"type": "http.request", "body": body, "more_body": True} for body in bodies or (b"",)]
        pieces[-1]["more_body"] = False

        async def receive_next() -> Message:
            if pieces:
                return pieces.pop(0)
            await asyncio.Event().wait()
            raise AssertionError

        async def keep(message: Message) -> None:
            asked.messages.append(message)

        async with app.lifespan() if lifespan else nullcontext():
            await asyncio.wait_for(app(scope, receive or receive_next, send or keep), 10)
        return asked


def ask(app: web.Application, scope: Message, *bodies: bytes, **options: Any) -> Asked:
    """One request to `bridge(app, **options)`, started and closed around it."""
    return asyncio.run(Asked.of(bridge(app, **options), scope, *bodies, lifespan=True))
