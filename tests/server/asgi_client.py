"""A way to call an ASGI application in a test without a server."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Scope


@dataclass
class Answer:
    """What an application sent: the start message's parts, and the body joined."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    messages: list[Message] = field(default_factory=list)

    def header(self, name: str) -> str | None:
        """The header's value, or None; two of a name are a fault of the test's subject."""
        found = [value for key, value in self.headers if key.lower() == name.encode()]
        assert len(found) <= 1
        return found[0].decode() if found else None


def http_scope(
    path: str = "/", *, method: str = "GET", headers: Iterable[tuple[bytes, bytes]] = (), **more: Any
) -> Scope:
    """A scope as uvicorn makes it, addressed to `testserver` unless the headers name a host."""
    given = list(headers)
    if not any(name == b"host" for name, _ in given):
        given.insert(0, (b"host", b"testserver"))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": given,
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
    }
    return scope | more


async def call(app: ASGIApp, scope: Scope) -> Answer:
    """Send one request without a body and collect the answer."""
    answer = Answer()
    requested = False

    async def receive() -> Message:
        nonlocal requested
        if requested:
            await asyncio.sleep(3600)
        requested = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        answer.messages.append(message)
        if message["type"] == "http.response.start":
            answer.status, answer.headers = message["status"], list(message["headers"])
        answer.body += message.get("body", b"")

    await app(scope, receive, send)
    return answer
