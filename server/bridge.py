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
from aiohttp.http import SERVER_SOFTWARE
from yarl import URL

from server.bridge_direct import Direct
from server.bridge_exchange import Exchange, Message, Patience, Receive, Refused, Send, send_whole
from server.bridge_hooks import ReportingLogger, Runner, reporting_access_log, watch_requests
from server.bridge_lane import Lane
from server.bridge_message import reader_for
from server.bridge_pool import LanePool
from server.websocket import WebSocketExchange, transport_of
from server.wire import BadRequest, Headers, RequestBody, RequestHeaders, Scope, host_of, request_headers, request_line
from server.wire_frames import handshake
from server.wire_head import HeadReader
from server.wire_response import ResponseReader

Problem = Callable[[Scope, int, str], tuple[Headers, bytes]]

# How long a lane waits for its client's next request. The pool sees to it: aiohttp's own timer knows nothing of
# handlers that run in the ASGI call, so it gets a time that never comes.
_IDLE_SECONDS = 15.0
_NEVER_SECONDS = 1e8
_SHUTDOWN_SECONDS = 60.0
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
    return Bridge(
        app,
        runner_options,
        strip_root_path=strip_root_path,
        keep_server_headers=keep_server_headers,
        problem=problem,
    )


class Bridge:
    """An ASGI application around one `AppRunner`; made by `bridge`."""

    def __init__(
        self,
        app: web.Application,
        options: dict[str, Any],
        *,
        strip_root_path: bool,
        keep_server_headers: bool,
        problem: Problem,
    ) -> None:
        idle_seconds = options.get("keepalive_timeout", _IDLE_SECONDS)
        own = {**reporting_access_log(options), "keepalive_timeout": _NEVER_SECONDS if idle_seconds else 0}
        self._runner = Runner(app, **{**options, **own})
        self._options = options
        self._strip_root_path = strip_root_path
        self._heads = HeadReader(None if keep_server_headers else SERVER_SOFTWARE.encode())
        self._patience = Patience()
        self._problem = problem
        self._pool = LanePool(self._connect, idle_seconds=idle_seconds or _IDLE_SECONDS)
        self._server: web.Server | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope."""
        if scope["type"] != "http":
            await self._other(scope, receive, send)
            return
        try:
            lane = self._lane(scope)
            reusable = False
            try:
                message = lane.messages.read(scope)
                if message is None:
                    reusable = await self._by_parser(lane, scope, receive, send)
                    return
                lane.begin(scope)
                begun = self._direct.begin(lane, message, receive, send)
                answer = begun if isinstance(begun, tuple) else await begun
                if not isinstance(answer, tuple):
                    reusable = answer
                    return
                # Most answers are whole by now, and sent from here: each coroutine between costs.
                head, body = answer
                try:
                    await send(head.message())
                    await send({"type": "http.response.body", "body": body})
                    reusable = not (head.close or lane.closing)
                except OSError:
                    pass  # As `Exchange.run` has it: the client has gone.
            finally:
                if reusable:
                    self._pool.give(lane)
                else:
                    lane.lose()
        except Refused as refused:
            headers, body = self._problem(scope, refused.status, refused.detail)
            await send_whole(send, refused.status, headers, body)

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "websocket":
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
        server = self._runner.server
        if server is None:
            raise RuntimeError("aiohttp's runner has no server after its set-up")
        self._direct = direct = Direct(server, self._heads, self._patience)
        grace_seconds = self._options.get("shutdown_timeout", _SHUTDOWN_SECONDS)
        self._runner.before_end = lambda: direct.close(grace_seconds)
        watch_requests(server)
        self._server = server

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

    async def _by_parser(self, lane: Lane, scope: Scope, receive: Receive, send: Send) -> bool:
        """Have aiohttp itself read the request, as bytes, and run its handler; true when the lane can carry another."""
        first = None
        if scope.get("http_version", "1.1") not in _FRAMED_VERSIONS:
            # From HTTP/2 on no header says whether a body follows.
            try:
                first = await receive()
            except OSError:
                return False
        lane.begin(scope, contextvars.copy_context())
        exchange = Exchange(lane, scope, receive, send)
        try:
            self._ask(exchange, lane, first)
            return await exchange.run(ResponseReader(self._heads, head_only=scope["method"] == "HEAD"))
        finally:
            self._patience.discard(exchange)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            extensions = transport_of(scope) is not None
            opening = handshake(scope, strip_root_path=self._strip_root_path, extensions=extensions)
            lane = self._lane(scope)
            lane.begin(scope, contextvars.copy_context())
            exchange = WebSocketExchange(lane, scope, receive, send)
            await receive()
            await exchange.run(ResponseReader(self._heads, upgrade=True), opening)
        except (BadRequest, Refused) as error:
            _logger.error("A WebSocket was refused: %s", error)
            await send({"type": "websocket.close", "code": 1011})

    def _lane(self, scope: Scope) -> Lane:
        if self._server is None:
            _logger.error("The bridge has not started: a mount forwards no lifespan, so pass bridge(app).lifespan")
            raise Refused(503, "The application is not running.")
        return self._pool.take(scope)

    def _ask(self, exchange: Exchange, lane: Lane, first: Message | None) -> None:
        """Write the request's head to aiohttp, and say how its body comes."""
        scope = lane.scope
        try:
            line = request_line(scope, strip_root_path=self._strip_root_path)
            headers = lane.write_headers(scope["headers"]) if first is None else _headers_with(first, scope)
        except BadRequest as error:
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
        lane.handler = protocol = self._server()
        if isinstance(protocol.access_logger, ReportingLogger):
            protocol.access_logger.lane = lane
            lane.access_logger = protocol.access_logger.inner
        lane.messages = reader_for(self._options, strip_root_path=self._strip_root_path)
        lane.connect(protocol)
        return lane


def _headers_with(first: Message, scope: Scope) -> RequestHeaders:
    has_body = bool(first.get("body") or first.get("more_body"))
    return request_headers(scope["headers"], has_body=has_body, host=host_of(scope))


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
