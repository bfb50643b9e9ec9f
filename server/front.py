"""What every request passes before the router: one ASGI function, since each further wrapper costs several per cent.

It checks the host, gives the request its id, answers from the cache, adds what every answer has, turns an escaped
exception into a problem and notes the access line.
"""

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import count
from typing import Any, Protocol

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from server.accesslog import AccessLog, line
from server.cache import Cache, Request, pass_by
from server.cache_answer import HIT, NOSNIFF, SURROGATE_KEY, WHOLE, Header, Kept
from server.traffic import Traffic

logger = logging.getLogger(__name__)

PROBES = frozenset({"/livez", "/readyz", "/metrics"})
"""Platforms probe by address, with any Host."""

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
FORWARDED = frozenset((b"x-forwarded-for", b"x-forwarded-proto"))
OF_INTEREST = FORWARDED | {b"host", b"x-request-id", b"if-none-match"}
PROCESS_ID = secrets.token_hex(4).encode()
"""Begins the ids that are made here: no other process has it, and a running number ends them."""

numbers = count(1)
PROBLEM_HEADERS = [(b"content-type", b"application/problem+json"), (b"cache-control", b"no-store")]
NO_HEADERS: Mapping[str, str] = {}
NO_EXTENSIONS: Mapping[str, Any] = {}
DENIAL = "websocket.http.response"
"""The extension by which a WebSocket is refused with an answer (ASGI, "Websocket Denial Response")."""

STARTS = frozenset(("http.response.start", f"{DENIAL}.start"))
NORMAL_CLOSURE = 1000
DENIED_SECONDS = 0.01  # uvicorn logs an error where an application ends before the connection that it has refused
CLIENT_GONE = 499
"""The access line of a request whose client left before the answer began."""


class Problem(Protocol):
    """Renders an error as application/problem+json (RFC 9457)."""

    def __call__(self, status: int, detail: str, instance: str, request_id: str) -> bytes: ...


def problem_answer(problem: Problem) -> Callable[[Scope, int, str], tuple[list[tuple[bytes, bytes]], bytes]]:
    """The same renderer for the bridge: headers and body of an error that aiohttp's parser has found."""

    def answer(scope: Scope, status: int, detail: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
        request_id = next(value for name, value in scope["headers"] if name == b"x-request-id")
        return PROBLEM_HEADERS, problem(status, detail, scope["path"], request_id.decode())

    return answer


class Front:
    """The first ASGI application; `app` is the router.

    hosts: as in Django's ALLOWED_HOSTS; `*` is any, a leading dot any subdomain.
    proxies: addresses or networks whose X-Forwarded-For and -Proto are believed.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Sequence[str],
        problem: Problem,
        proxies: Sequence[str] = (),
        access_log: AccessLog | None = None,
        cache: Cache | None = None,
    ) -> None:
        self.app = app
        self.problem = problem
        self.access_log = access_log
        self.cache = cache
        self.traffic = Traffic()
        self.serves = lru_cache(maxsize=64)(Hosts(hosts).serves)
        self.believe = ProxyHeadersMiddleware(nothing, list(proxies))  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hosts, request_id, if_none_match, forwarded = read_headers(scope)
        exchange = Exchange(scope, send, request_id)
        try:
            if forwarded:
                await self.believe(scope, receive, send)  # type: ignore[arg-type]
            # Exactly one Host (RFC 9112, 3.2).
            if (len(hosts) != 1 or not self.serves(hosts[0])) and scope["path"] not in PROBES:
                await self.refuse_host(exchange, scope)
            elif scope["type"] != "http":
                tell_request_id(scope, request_id)
                await self.app(scope, receive, self.socket_send(exchange))
            elif (cache := self.cache) is None or (key := cache.key(scope)) is None:
                tell_request_id(scope, request_id)
                await self.app(scope, receive, exchange.send)
            else:
                found = await cache.find(key)
                if isinstance(found, Kept):
                    await exchange.give(found, if_none_match)
                else:
                    tell_request_id(scope, request_id)
                    request = Request(scope, receive, exchange.send, exchange.give, if_none_match)
                    await (pass_by(self.app, request) if found is None else cache.compute(found, self.app, request))
        except HTTPException as refusal:
            await self.send_problem(exchange, refusal.status_code, refusal.detail, refusal.headers or {})
        except Exception:
            logger.exception("%s %s failed (request %s)", scope.get("method", "WS"), scope["path"], request_id)
            if exchange.status or scope["type"] != "http":
                raise  # it has begun: the server can only cut it off
            await self.send_problem(exchange, 500, "Something went wrong here; the error has been logged.")
        finally:
            if scope["type"] == "http":
                self.note(exchange)

    def note(self, exchange: "Exchange") -> None:
        """Write the access line and count the request; an answer of the cache is counted there."""
        seconds = time.perf_counter() - exchange.started
        status = exchange.status or CLIENT_GONE
        if self.access_log is not None:
            self.access_log.add(exchange.line(status, seconds))
        if not exchange.hit:
            self.traffic.note(exchange.scope, status, seconds)
        elif status != 200:
            self.traffic.not_modified += 1

    def socket_send(self, exchange: "Exchange") -> Send:
        """A `send` for a WebSocket: who closes it before it is open refuses it, and that is told as any refusal."""

        async def sending(message: Message) -> None:
            if message["type"] == "websocket.accept":
                exchange.status = 101
            if message["type"] == "websocket.close" and not exchange.status and may_be_denied(exchange.scope):
                missing = message.get("code", NORMAL_CLOSURE) == NORMAL_CLOSURE  # the router's word for it
                await self.send_problem(exchange, 404 if missing else 400, "No WebSocket is opened here.")
            else:
                await exchange.send(message)

        return sending

    async def refuse_host(self, exchange: "Exchange", scope: Scope) -> None:
        if scope["type"] == "websocket" and not may_be_denied(scope):
            await exchange.raw_send({"type": "websocket.close", "code": 1008})
            return
        await self.send_problem(exchange, 400, "The Host header names no site that is served here.")

    async def send_problem(
        self, exchange: "Exchange", status: int, detail: str, more: Mapping[str, str] = NO_HEADERS
    ) -> None:
        body = self.problem(status, detail, exchange.scope["path"], exchange.request_id.decode())
        headers = [
            *PROBLEM_HEADERS,
            (b"content-length", str(len(body)).encode()),
            *((name.lower().encode(), value.encode()) for name, value in more.items()),
        ]
        kind = "http.response" if exchange.scope["type"] == "http" else DENIAL
        await exchange.send({"type": f"{kind}.start", "status": status, "headers": headers})
        body = b"" if exchange.scope.get("method") == "HEAD" else body
        await exchange.send({"type": f"{kind}.body", "body": body})
        if kind == DENIAL:
            await asyncio.sleep(DENIED_SECONDS)


class Exchange:
    """One request and what has been sent of its answer."""

    __slots__ = ("hit", "raw_send", "request_id", "scope", "size", "started", "status")

    def __init__(self, scope: Scope, send: Send, request_id: bytes) -> None:
        self.scope = scope
        self.raw_send = send
        self.request_id = request_id
        self.started = time.perf_counter()
        self.status = 0
        self.size = 0
        self.hit = False

    async def send(self, message: Message) -> None:
        if message["type"] in STARTS:
            self.status = message["status"]
            headers = [pair for pair in message["headers"] if pair[0] != SURROGATE_KEY]
            headers += [(b"x-request-id", self.request_id), NOSNIFF]
            message = {**message, "headers": headers}
        else:
            self.size += len(message.get("body", b""))
        await self.raw_send(message)

    async def give(
        self, kept: Kept, if_none_match: Sequence[bytes], outcome: Header = HIT, own: Sequence[Header] = ()
    ) -> None:
        """Give a kept answer: in one piece where the server takes it (WHOLE), else in ASGI's messages."""
        scope = self.scope
        self.hit = outcome is HIT
        brief = bool(if_none_match) and kept.matches(if_none_match)
        self.status = 304 if brief else 200
        body = b"" if brief or scope["method"] == "HEAD" else kept.body
        self.size = len(body)
        whole = scope.get("extensions", NO_EXTENSIONS).get(WHOLE)
        if whole is not None:
            head = b"%bx-request-id: %b\r\n" % (kept.head_for(outcome, brief=brief), self.request_id)
            if own:
                head += b"".join([b"%b: %b\r\n" % pair for pair in own])
            if whole(scope, head, body):
                return
        request_id = (b"x-request-id", self.request_id)
        for message in kept.messages(scope["method"], if_none_match, outcome, request_id, NOSNIFF, *own):
            await self.raw_send(message)

    def line(self, status: int, seconds: float) -> bytes:
        scope = self.scope
        target = scope.get("raw_path") or scope["path"].encode()
        if scope["query_string"]:
            target += b"?" + scope["query_string"]
        client, method, request_id = scope.get("client"), scope["method"], self.request_id
        return line(client, method, target, status, size=self.size, seconds=seconds, request_id=request_id)


def may_be_denied(scope: Scope) -> bool:
    """Whether the server lets a WebSocket be refused with an answer."""
    return DENIAL in scope.get("extensions", NO_EXTENSIONS)


def read_headers(scope: Scope) -> tuple[list[bytes], bytes, list[bytes], bool]:
    """The request's Host headers, its id, its If-None-Match headers, and whether a proxy has forwarded it.

    The id is the client's X-Request-ID if that is well formed, otherwise a new one.
    """
    hosts: list[bytes] = []
    given: list[bytes] = []
    tags: list[bytes] = []
    forwarded = False
    for name, value in scope["headers"]:
        if name in OF_INTEREST:
            if name == b"host":
                hosts.append(value)
            elif name in FORWARDED:
                forwarded = True
            else:
                (tags if name == b"if-none-match" else given).append(value)
    if len(given) == 1 and REQUEST_ID.fullmatch(given[0]):
        return hosts, given[0], tags, forwarded
    return hosts, new_request_id(), tags, forwarded


def new_request_id() -> bytes:
    return b"%b%08x" % (PROCESS_ID, next(numbers) & 0xFFFFFFFF)


def tell_request_id(scope: Scope, request_id: bytes) -> None:
    """Put the id into the scope's headers, so that every application behind finds it in the same place."""
    others = [pair for pair in scope["headers"] if pair[0] != b"x-request-id"]
    scope["headers"] = [*others, (b"x-request-id", request_id)]


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Behind the middleware that writes what a proxy says into the scope."""


class Hosts:
    """The names that requests may be addressed to; `*` is any, a leading dot any subdomain."""

    def __init__(self, names: Sequence[str]) -> None:
        self.any = "*" in names
        self.exact = frozenset(name.lower().encode() for name in names if not name.startswith("."))
        self.suffixes = tuple(name.lower().encode() for name in names if name.startswith("."))

    def serves(self, host: bytes) -> bool:
        """Whether the value of a Host header is one of ours."""
        name = without_port(host.lower())
        if self.any or name in self.exact:
            return True
        return name.endswith(self.suffixes) or b"." + name in self.suffixes


def without_port(host: bytes) -> bytes:
    """The name in a Host header.

    >>> without_port(b"[::1]:8000"), without_port(b"films.example.org:80"), without_port(b"films.example.org")
    (b'[::1]', b'films.example.org', b'films.example.org')
    """
    if host.startswith(b"["):
        return host.partition(b"]")[0] + b"]"
    return host.partition(b":")[0]
