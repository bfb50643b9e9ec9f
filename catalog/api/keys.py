"""What the application holds for its handlers, under typed keys."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

import msgspec
from aiohttp import web

from catalog.api.http.operations import ORDINARY_BYTES, STREAMED_BYTES

T = TypeVar("T")


class Executor(Protocol):
    """Runs blocking units of work away from the event loop.

    `run` raises an asyncio.QueueFull when the unit could not be taken in time and a ConnectionError when the database
    is away; whatever the unit itself raises comes through. A read may be tried twice; a write (`write=True`) never is.
    """

    async def run(self, unit: Callable[[], T], *, write: bool = False) -> T: ...


EXECUTOR: web.AppKey[Executor] = web.AppKey("executor", Executor)


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What whoever runs the service has decided.

    public_read: whether reads need no token. require_if_match: whether a change must say which version it changes.
    webhooks_anywhere: whether webhooks may go inside private networks too. request_seconds: the longest that a request
    may take from its head to its answer, what streams apart. body_bytes, bulk_bytes: what a body may have, the latter
    that of a bulk write. bulk_seconds: how long a bulk write may take.
    """

    public_read: bool = True
    require_if_match: bool = False
    webhooks_anywhere: bool = False
    request_seconds: float = 10.0
    body_bytes: int = ORDINARY_BYTES
    bulk_bytes: int = STREAMED_BYTES
    bulk_seconds: float = 300.0


POLICY: web.AppKey[Policy] = web.AppKey("policy", Policy)


class Draining(Protocol):
    """Set once the process has been asked to stop: what would go on for ever ends then. An asyncio.Event is one."""

    async def wait(self) -> Any: ...


DRAINING: web.AppKey[Draining] = web.AppKey("draining", Draining)

USES: web.AppKey[dict[int, datetime]] = web.AppKey("uses", dict)
"""When each token, by id, was used last, as far as that is not in the database yet."""

RUNNING: web.AppKey[set[str]] = web.AppKey("running", set)
"""The idempotency keys, as digests, of the requests that are being worked on here."""
