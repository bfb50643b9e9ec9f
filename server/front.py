"""What every request passes before the router: one ASGI function, since each further wrapper costs several per cent.

It checks the host, gives the request its id, adds what every answer has, turns an escaped exception into a problem and
notes the access line.
"""

import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.accesslog import AccessLog, Entry

logger = logging.getLogger(__name__)

PROBES = frozenset({"/livez", "/readyz"})
"""Platforms probe by address, with any Host."""

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
PROBLEM_HEADERS = [(b"content-type", b"application/problem+json"), (b"cache-control", b"no-store")]
NO_HEADERS: Mapping[str, str] = {}
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
    """

    def __init__(
        self, app: ASGIApp, *, hosts: Sequence[str], problem: Problem, access_log: AccessLog | None = None
    ) -> None:
        self.app = app
        self.problem = problem
        self.access_log = access_log
        self.any_host = "*" in hosts
        self.exact_hosts = frozenset(host.lower().encode() for host in hosts if not host.startswith("."))
        self.host_suffixes = tuple(host.lower().encode() for host in hosts if host.startswith("."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hosts, request_id = read_headers(scope)
        exchange = Exchange(scope, send, request_id)
        try:
            if scope["path"] not in PROBES and not self.host_allowed(hosts):
                await self.refuse_host(exchange, scope)
            elif scope["type"] == "http":
                await self.app(scope, receive, exchange.send)
            else:
                await self.app(scope, receive, send)
        except HTTPException as refusal:
            await self.send_problem(exchange, refusal.status_code, refusal.detail, refusal.headers or {})
        except Exception:
            logger.exception("%s %s failed (request %s)", scope.get("method", "WS"), scope["path"], request_id)
            if exchange.status or scope["type"] != "http":
                raise  # it has begun: the server can only cut it off
            await self.send_problem(exchange, 500, "Something went wrong here; the error has been logged.")
        finally:
            if self.access_log is not None and scope["type"] == "http":
                self.access_log.add(exchange.entry())

    def host_allowed(self, hosts: list[bytes]) -> bool:
        """Whether the request has exactly one Host (RFC 9112, 3.2) and it is one of ours."""
        if len(hosts) != 1:
            return False
        name = without_port(hosts[0].lower())
        if self.any_host or name in self.exact_hosts:
            return True
        return name.endswith(self.host_suffixes) or b"." + name in self.host_suffixes

    async def refuse_host(self, exchange: "Exchange", scope: Scope) -> None:
        if scope["type"] == "websocket":
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
        await exchange.send({"type": "http.response.start", "status": status, "headers": headers})
        body = b"" if exchange.scope["method"] == "HEAD" else body
        await exchange.send({"type": "http.response.body", "body": body})


class Exchange:
    """One request and what has been sent of its answer."""

    __slots__ = ("raw_send", "request_id", "scope", "size", "started", "status")

    def __init__(self, scope: Scope, send: Send, request_id: bytes) -> None:
        self.scope = scope
        self.raw_send = send
        self.request_id = request_id
        self.started = time.perf_counter()
        self.status = 0
        self.size = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message["headers"], (b"x-request-id", self.request_id), (b"x-content-type-options", b"nosniff")]
            message = {**message, "headers": headers}
        else:
            self.size += len(message.get("body", b""))
        await self.raw_send(message)

    def entry(self) -> Entry:
        scope = self.scope
        target = scope.get("raw_path") or scope["path"].encode()
        if scope["query_string"]:
            target += b"?" + scope["query_string"]
        client = scope["client"][0] if scope.get("client") else "-"
        seconds = time.perf_counter() - self.started
        return Entry(
            time.time(),
            client,
            scope["method"],
            target,
            self.status or CLIENT_GONE,
            self.size,
            seconds,
            self.request_id.decode(),
        )


def read_headers(scope: Scope) -> tuple[list[bytes], bytes]:
    """The request's Host headers and its id: the client's X-Request-ID if well formed, otherwise a new one.

    The id is put into the scope's headers, so that every application behind finds it in the same place.
    """
    hosts: list[bytes] = []
    given: list[bytes] = []
    for name, value in scope["headers"]:
        if name == b"host":
            hosts.append(value)
        elif name == b"x-request-id":
            given.append(value)
    if len(given) == 1 and REQUEST_ID.fullmatch(given[0]):
        return hosts, given[0]
    request_id = secrets.token_hex(8).encode()
    headers = [pair for pair in scope["headers"] if pair[0] != b"x-request-id"] if given else list(scope["headers"])
    headers.append((b"x-request-id", request_id))
    scope["headers"] = headers
    return hosts, request_id


def without_port(host: bytes) -> bytes:
    """The name in a Host header.

    >>> without_port(b"[::1]:8000"), without_port(b"films.example.org:80"), without_port(b"films.example.org")
    (b'[::1]', b'films.example.org', b'films.example.org')
    """
    if host.startswith(b"["):
        return host.partition(b"]")[0] + b"]"
    return host.partition(b":")[0]
