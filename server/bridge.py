"""An aiohttp application, unchanged, as an ASGI application.

`bridge(app)` gives aiohttp's own server protocol a connection in memory (`bridge_lane`), writes each
ASGI request into it as HTTP/1.1 and reads the answer back (`wire`, `wire_response`). Only public
names of aiohttp are used: AppRunner, its server, and an access logger that tells when a handler is done.
"""

import contextvars
import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.http import SERVER_SOFTWARE
from aiohttp.web_log import AccessLogger
from yarl import URL

from server.bridge_exchange import Exchange, Message, Patience, Receive, Refused, Send
from server.bridge_lane import Lane
from server.bridge_pool import LanePool
from server.websocket import WebSocketExchange, transport_of
from server.wire import BadRequest, Headers, RequestBody, RequestHeaders, Scope, host_of, request_headers, request_line
from server.wire_frames import handshake
from server.wire_response import HeadReader, ResponseReader

Problem = Callable[[Scope, int, str], tuple[Headers, bytes]]

_IDLE_SECONDS = 15.0
_FRAMED_VERSIONS = ("1.1", "1.0")
_logger = logging.getLogger("server.bridge")


def plain_text(scope: Scope, status: int, detail: str) -> tuple[Headers, bytes]:
    """The headers and the body of an answer that no handler wrote, in aiohttp's own manner."""
    del scope
    body = f"{status}: {HTTPStatus(status).phrase}\n\n{detail}\n".encode()
    return [(b"content-type", b"text/plain; charset=utf-8")], body


def bridge(
    app: web.Application,
    *,
    strip_root_path: bool = True,
    keep_server_headers: bool = False,
    problem: Problem = plain_text,
    **runner_options: Any,
) -> "Bridge":
    """Make `app` an ASGI application for `http`, `websocket` and `lifespan` scopes.

    `strip_root_path` takes the mount's prefix off, so that the app's routes begin at "/"; False
    forwards the whole path. `keep_server_headers` passes aiohttp's own `Date` and `Server` too,
    for servers that write none. `problem(scope, status, detail)` gives the headers and the body
    of answers that no handler wrote. `runner_options` go to `aiohttp.web.AppRunner` as they are:
    `handler_cancellation`, `shutdown_timeout` (seconds), `access_log`, `max_line_size` (bytes, 8190), ….
    """
    options = {"keepalive_timeout": _IDLE_SECONDS, **runner_options}
    reporting = _reporting_access_log(options)
    runner = web.AppRunner(app, **{**options, **reporting})
    return Bridge(runner, strip_root_path=strip_root_path, keep_server_headers=keep_server_headers, problem=problem)


class Bridge:
    """An ASGI application around one `AppRunner`; made by `bridge`."""

    def __init__(
        self, runner: web.AppRunner, *, strip_root_path: bool, keep_server_headers: bool, problem: Problem
    ) -> None:
        self._runner = runner
        self._strip_root_path = strip_root_path
        self._heads = HeadReader(None if keep_server_headers else SERVER_SOFTWARE.encode())
        self._patience = Patience()
        self._problem = problem
        self._pool = LanePool(self._connect)
        self._server: web.Server | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope."""
        kind = scope["type"]
        if kind == "http":
            await self._http(scope, receive, send)
        elif kind == "websocket":
            await self._websocket(scope, receive, send)
        elif kind == "lifespan":
            await self._lifespan(receive, send)
        else:
            raise ValueError(f"the bridge knows no scope of type {kind!r}")

    @property
    def server(self) -> web.Server | None:
        """Aiohttp's server, between start and close: its `connections`, its `requests_count`."""
        return self._server

    async def start(self) -> None:
        """Run the app's start-up, once. When it fails, what had started is cleaned up before the error is raised."""
        if self._server is not None:
            return
        try:
            await self._runner.setup()
        except BaseException:
            await self._runner.cleanup()
            raise
        self._server = self._runner.server
        _watch_requests(self._server)

    async def close(self) -> None:
        """Run the app's shutdown and clean-up, once; handlers have `shutdown_timeout` to end."""
        if self._server is None:
            return
        self._server = None
        self._pool.clear()
        await self._runner.cleanup()

    @asynccontextmanager
    async def lifespan(self, outer: object = None) -> AsyncIterator[None]:
        """Start and close around the outer application, for `Starlette(lifespan=bridge(app).lifespan)`."""
        del outer
        await self.start()
        try:
            yield
        finally:
            await self.close()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.start()
        except Exception as error:
            _logger.exception("The aiohttp application failed to start")
            await send({"type": "lifespan.startup.failed", "message": f"{type(error).__name__}: {error}"})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        try:
            await self.close()
        except Exception as error:
            _logger.exception("The aiohttp application failed to shut down")
            await send({"type": "lifespan.shutdown.failed", "message": f"{type(error).__name__}: {error}"})
            return
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = None
        try:
            # From HTTP/2 on no header says whether a body follows.
            first = None if scope.get("http_version", "1.1") in _FRAMED_VERSIONS else await receive()
            lane = self._lane(scope)
            exchange = Exchange(lane, scope, receive, send)
            self._ask(exchange, lane, first)
            if await exchange.run(ResponseReader(self._heads, head_only=scope["method"] == "HEAD")):
                self._pool.give(lane)
        except Refused as refused:
            headers, body = self._problem(scope, refused.status, refused.detail)
            await _send_whole(send, refused.status, headers, body)
        finally:
            self._patience.discard(exchange)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            extensions = transport_of(scope) is not None
            opening = handshake(scope, strip_root_path=self._strip_root_path, extensions=extensions)
            exchange = WebSocketExchange(self._lane(scope), scope, receive, send)
            await receive()
            await exchange.run(ResponseReader(self._heads, upgrade=True), opening)
        except (BadRequest, Refused) as error:
            _logger.error("A WebSocket was refused: %s", error)
            await send({"type": "websocket.close", "code": 1011})

    def _lane(self, scope: Scope) -> Lane:
        if self._server is None:
            _logger.error("The bridge has not started: a mount forwards no lifespan, so pass bridge(app).lifespan")
            raise Refused(503, "The application is not running.")
        lane = self._pool.take(scope)
        lane.begin(contextvars.copy_context(), scope)
        return lane

    def _ask(self, exchange: Exchange, lane: Lane, first: Message | None) -> None:
        """Write the request's head to aiohttp, and say how its body comes."""
        scope = lane.scope
        try:
            line = request_line(scope, strip_root_path=self._strip_root_path)
            headers = lane.write_headers(scope["headers"]) if first is None else _headers_with(first, scope)
        except BadRequest as error:
            self._pool.give(lane)
            raise Refused(400, str(error)) from error
        lane.deliver(line + headers.lines)
        if headers.length == 0:
            self._patience.add(exchange)
        else:
            exchange.expect_body(RequestBody(headers.length), first, wait=headers.expects)

    def _connect(self, extra: dict[str, Any]) -> Lane:
        if extra["scheme"] in ("https", "wss"):
            extra["sslcontext"] = _secure
        lane = Lane(extra)
        if self._server is None:
            raise RuntimeError("the bridge has not started")
        protocol = self._server()
        if isinstance(protocol.access_logger, _Reporting):
            protocol.access_logger.lane = lane
        lane.connect(protocol)
        return lane


def _headers_with(first: Message, scope: Scope) -> RequestHeaders:
    has_body = bool(first.get("body") or first.get("more_body"))
    return request_headers(scope["headers"], has_body=has_body, host=host_of(scope))


async def _send_whole(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Send an answer of the bridge's own, and end the connection, on which something is amiss."""
    framed = [*headers, (b"content-length", b"%d" % len(body)), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": framed})
    await send({"type": "http.response.body", "body": body})


def scope_of(request: web.BaseRequest) -> Scope:
    """The ASGI scope behind an aiohttp request: its state, its extensions, what middlewares put there.

    Raises LookupError when the request did not come through a bridge.
    """
    scope: Scope | None = request.get_extra_info("asgi.scope")
    if scope is None:
        raise LookupError("this request came through no bridge")
    return scope


def mounted(request: web.BaseRequest, url: URL) -> URL:
    """The link `url`, as `url_for()` made it, with the mount's prefix: `/films/7` → `/api/films/7`."""
    root_path = scope_of(request).get("root_path", "").rstrip("/")
    # The link is escaped already, and must stay so: an escaped slash is no slash.
    return URL(quote(root_path) + str(url), encoded=True)


# Truthy is all that `request.secure` asks of it; no connection is ever made with it.
_secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)


class _Reporting(AbstractAccessLogger):
    """An access logger that tells the lane that its handler is done.

    aiohttp calls it once for each response, after the last byte: its only public word for that.
    """

    lane: Lane | None = None
    inner: AbstractAccessLogger | None = None

    @property
    def enabled(self) -> bool:
        return True

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        if self.lane is not None:
            self.lane.finish()
        if self.inner is not None:
            self.inner.log(request, response, time)


def _reporting_access_log(options: dict[str, Any]) -> dict[str, Any]:
    """The access log options that aiohttp gets, with the given ones inside."""
    wanted = options.get("access_log", logging.getLogger("aiohttp.access"))
    inner_class = options.get("access_log_class", AccessLogger)

    class Reporting(_Reporting):
        def __init__(self, logger: logging.Logger, log_format: str) -> None:
            super().__init__(logger, log_format)
            inner = inner_class(wanted, log_format) if wanted else None
            # Asked once a connection, as aiohttp does from 3.11 on.
            self.inner = inner if getattr(inner, "enabled", True) else None

    return {"access_log_class": Reporting, "access_log": wanted or _logger}


def _watch_requests(server: web.Server | None) -> None:
    """Give each request's handler the context variables of its own ASGI call."""
    if server is None:
        raise RuntimeError("aiohttp's runner has no server after its set-up")
    make = server.request_factory

    def request_factory(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
        lane = protocol.transport
        if isinstance(lane, Lane):
            lane.task = task
            lane.enter_context()
        return make(message, payload, protocol, writer, task)

    server.request_factory = request_factory
