"""The revision cache: whole answers, each given again only while the revision says that it holds.

A request takes three steps. `key` says under which name its answer may be shared, or that it may not. `find` asks the
revision, after the request has arrived, and then looks: what it finds is an answer or a computation to take part in.
Where there is neither, it asks nothing: what is read from now on is as new as the request wants it.
`compute` answers from that computation: the first request makes it, all others wait for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.cache_answer import Header, Kept, Recorder
from server.cache_shelf import ENTRY_PART, Shelf
from server.cache_validity import ChangeLog, Run, Validity
from server.nodes import Nodes
from server.revision import Revision

STORED: Header = (b"cache-status", b"revision; fwd=uri-miss; stored")
NOT_STORED: Header = (b"cache-status", b"revision; fwd=uri-miss")
COLLAPSED: Header = (b"cache-status", b"revision; fwd=uri-miss; collapsed")
PASSED_BY: Header = (b"cache-status", b"revision; fwd=bypass")
"""What has become of a request (RFC 9211, 2)."""

CacheKey = Callable[[Scope], bytes | None]


class Computation:
    """An answer that is being made for all who ask for it, begun after the shelf had noted `since` changes."""

    __slots__ = ("begun", "key", "since", "waiting")

    def __init__(self, key: bytes, since: int) -> None:
        self.key = key
        self.since = since
        self.begun = False
        self.waiting: list[asyncio.Future[Kept | None]] = []

    async def result(self) -> Kept | None:
        """The answer once it is made; None when there is none to share."""
        waiter: asyncio.Future[Kept | None] = asyncio.get_running_loop().create_future()
        self.waiting.append(waiter)
        return await waiter

    def settle(self, kept: Kept | None) -> None:
        for waiter in self.waiting:
            if not waiter.done():
                waiter.set_result(kept)


Give = Callable[[Kept, Sequence[bytes], Header, Sequence[Header]], Awaitable[None]]
"""Sends a kept answer to a client who has those of these tags; what has become of the request, and its own headers."""


class Request(NamedTuple):
    """One request as ASGI brings it, what gives it a kept answer, and the tags that its If-None-Match names."""

    scope: Scope
    receive: Receive
    send: Send
    give: Give
    if_none_match: Sequence[bytes] = ()


class Counts:
    """What has become of the requests since the start."""

    __slots__ = ("bypasses", "hits", "misses")

    def __init__(self) -> None:
        self.hits = self.misses = self.bypasses = 0


@dataclass(frozen=True)
class Shared:
    """What the application lets be shared.

    key: the name under which a request's answer may be shared, None where it may not. log: says what has changed of all
    that an answer could show. budget_bytes: what all kept answers may take together.
    """

    key: CacheKey
    log: ChangeLog
    budget_bytes: int


class Cache:
    """Whole answers of one application.

    run: runs a blocking question to the log in the executor. nodes: the servers that its threads are connected to.
    """

    def __init__(self, shared: Shared, revision: Revision, run: Run, nodes: Nodes) -> None:
        self.key = shared.key
        self.counts = Counts()
        self.shelf = Shelf(shared.budget_bytes)
        self.validity = Validity(revision, shared.log, run, nodes=nodes, drop=self.drop)
        self._computing: dict[bytes, Computation] = {}

    async def find(self, key: bytes) -> Kept | Computation | None:
        """The kept answer, else the computation to take part in; None where the cache must be passed by.

        Both reflect everything that was visible when this was called. For a computation that is so since its data are
        read after `_position` of the validity, from which nothing has changed until then.
        """
        made = key in self.shelf or key in self._computing
        if (made or not self.validity.established) and not await self.validity.holds():
            self.counts.bypasses += 1
            return None
        kept = self.shelf.get(key)
        if kept is not None:
            self.counts.hits += 1
            return kept
        self.counts.misses += 1
        computation = self._computing.get(key)
        if computation is None:
            computation = self._computing[key] = Computation(key, self.shelf.changes)
        return computation

    def compute(self, computation: Computation, app: ASGIApp, request: Request) -> Awaitable[None]:
        """Answer a request for which nothing is kept: from the application, through one request for all who ask."""
        return (self._join if computation.begun else self._lead)(computation, app, request)

    async def _join(self, computation: Computation, app: ASGIApp, request: Request) -> None:
        """Wait for the answer that another request makes."""
        if (kept := await computation.result()) is not None:
            await request.give(kept, request.if_none_match, COLLAPSED, ())
        else:
            await pass_by(app, request)

    async def _lead(self, computation: Computation, app: ASGIApp, request: Request) -> None:
        """Make the answer, whether or not this client stays: others may wait for it."""
        computation.begun = True
        recorder = Recorder(
            with_status(request.send, NOT_STORED),
            limit_bytes=self.shelf.budget_bytes // ENTRY_PART,
            head_only=request.scope["method"] == "HEAD",
        )
        try:
            await app(unconditional(request.scope), Silence().receive, recorder.send)
        except BaseException:
            self._finish(computation, None)
            raise
        kept = recorder.kept()
        stored = self._finish(computation, kept)
        if kept is not None:
            outcome = STORED if stored else NOT_STORED
            await request.give(kept, request.if_none_match, outcome, recorder.own())

    def _finish(self, computation: Computation, kept: Kept | None) -> bool:
        """Tell all who wait; whether the answer is now kept."""
        # Another one under this key, or none, means: something has changed since this one began.
        if self._computing.get(computation.key) is computation:
            del self._computing[computation.key]
        stored = kept is not None and self.shelf.put(computation.key, kept, computation.since)
        computation.settle(kept)
        return stored

    def drop(self, keys: AbstractSet[bytes]) -> None:
        """Something has changed that has these surrogate keys: what depends on it goes.

        What is being computed tells its keys only at its end: who comes from now on takes no part in it.
        """
        self.shelf.note(keys)
        self._computing = {}

    async def close(self) -> None:
        await self.validity.revision.close()
        self.validity.doubt()


class Silence:
    """The `receive` of a computation: a request without a body, from a client that never leaves."""

    def __init__(self) -> None:
        self._asked = False

    async def receive(self) -> Message:
        if self._asked:
            await asyncio.get_running_loop().create_future()
        self._asked = True
        return {"type": "http.request", "body": b"", "more_body": False}


def unconditional(scope: Scope) -> Scope:
    """The request as a GET that depends on nothing that its client has already."""
    headers = [pair for pair in scope["headers"] if pair[0] != b"if-none-match"]
    if scope["method"] == "GET" and len(headers) == len(scope["headers"]):
        return scope
    return {**scope, "method": "GET", "headers": headers}


async def pass_by(app: ASGIApp, request: Request) -> None:
    """Let the application answer, as if there were no cache, and say so."""
    await app(request.scope, request.receive, with_status(request.send, PASSED_BY))


def with_status(send: Send, status: Header) -> Send:
    """A `send` that adds a Cache-Status to the start of the answer."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], status]}
        await send(message)

    return sending
