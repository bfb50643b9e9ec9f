"""Sends webhooks: signed, to public addresses only, once, without following anybody anywhere.

The name is resolved once, every address of it is judged, and the connection goes to one that was judged: a name that
leads elsewhere at the second asking (DNS rebinding) leads nowhere.
"""

import asyncio
import base64
import hashlib
import hmac
import logging
import socket
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from catalog.api.changes import changed
from catalog.api.representations import encode
from catalog.selectors.changes import ChangePage
from catalog.services import webhooks
from catalog.services.addresses import NotPublic, is_public, judge
from catalog.services.queue import Taken
from catalog.services.webhooks import Message, Outcome

logger = logging.getLogger(__name__)

CONNECT_SECONDS, TOTAL_SECONDS = 5.0, 15.0
ANSWER_BYTES = 4096
"""Of an answer no more is read; its body is of no interest."""

TYPE = "catalogue.changed"
USER_AGENT = "moviedb-webhooks"


class Payload(msgspec.Struct):
    """What is sent, by the form of Standard Webhooks."""

    type: str
    timestamp: str
    data: dict[str, Any]


class PublicOnly(AbstractResolver):
    """Resolves names, and refuses one of whose addresses any is not public."""

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002  every address must be public, of either family
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=socket.AF_UNSPEC)
        addresses = [(kind, where[0]) for kind, _, _, _, where in found if kind in {socket.AF_INET, socket.AF_INET6}]
        if not addresses or not all(is_public(str(address)) for _, address in addresses):
            raise NotPublic("must not lie inside a private network")
        return [
            ResolveResult(
                hostname=host, host=str(address), port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST
            )
            for kind, address in addresses
        ]

    async def close(self) -> None:
        """There is nothing to close."""


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over id, time and body with dots between."""
    signed = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    digest = hmac.new(webhooks.secret_bytes(secret), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def rendered(page: ChangePage) -> bytes:
    """A page of changes as a message; runs in the executor."""
    data = {"changes": [changed(each) for each in page.changes], "reset": page.reset, "position": page.position}
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return encode(Payload(TYPE, now, data))


class Sender:
    """Does the jobs of webhooks. `run` is the executor's; anywhere: also inside private networks."""

    def __init__(self, run: Callable[..., Awaitable[Any]], *, anywhere: bool = False) -> None:
        self._run = run
        self.anywhere = anywhere

    async def __call__(self, job: Taken) -> float | None:
        """Send what the webhook of a job has to send; gives when it is to be looked at again."""
        asked = partial(webhooks.next_message, int(job.key), rendered)
        message = await self._run(asked, write=True)
        if not isinstance(message, Message):
            again: float | None = message
            return again
        outcome = await self.send(message)
        if not outcome.succeeded:
            logger.warning("webhook %d was not taken: %s", message.webhook_id, outcome.error or outcome.status)
        noted: float | None = await self._run(partial(webhooks.note_attempt, message, outcome), write=True)
        return noted

    async def send(self, message: Message) -> Outcome:
        """One attempt."""
        begun = time.monotonic()
        status, error = None, ""
        try:
            status = await self._post(URL(message.url), self._headers(message), message.body)
        except (ClientError, OSError, TimeoutError, ValueError) as refused:
            error = str(refused) or type(refused).__name__
        return Outcome(status, error, round(time.monotonic() - begun, 3))

    def _headers(self, message: Message) -> dict[str, str]:
        now = int(time.time())
        return {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "webhook-id": message.id,
            "webhook-timestamp": str(now),
            "webhook-signature": signature(message.secret, message.id, now, message.body),
        }

    async def _post(self, url: URL, headers: dict[str, str], body: bytes) -> int:
        if not self.anywhere:
            named = url.user is not None or url.password is not None
            judge(scheme=url.scheme, host=url.host, port=url.port, credentials=named)
        connector = TCPConnector(
            resolver=None if self.anywhere else PublicOnly(), use_dns_cache=False, force_close=True
        )
        async with (
            ClientSession(
                connector=connector,
                timeout=ClientTimeout(total=TOTAL_SECONDS, connect=CONNECT_SECONDS),
                cookie_jar=DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            ) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            await answer.content.read(ANSWER_BYTES)
            return answer.status
