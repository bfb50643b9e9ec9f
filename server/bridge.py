"""An aiohttp application, unchanged, as an ASGI application.

`bridge(app)` gives aiohttp's own server protocol a connection in memory (`bridge_lane`), writes each
ASGI request into it as HTTP/1.1 and reads the answer back (`wire`, `wire_response`). Only public
names of aiohttp are used: AppRunner, its server, and an access logger that tells when a handler is done.
"""

import contextvars
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.http import SERVER_SOFTWARE
from aiohttp.web_log import AccessLogger
from yarl import URL

from server.bridge_exchange import Exchange, Problem, plain_text, refuse
from server.bridge_lane import Lane
from server.bridge_pool import LanePool
from server.wire import BadRequest, Scope, request

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

# The ASGI server has limits of its own; these are only wider than any of theirs.
_LINE_LIMIT_BYTES = 65536
_IDLE_SECONDS = 15.0
_logger = logging.getLogger("server.bridge")


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
    `handler_cancellation`, `shutdown_timeout` (seconds), `access_log`, `max_line_size` (bytes), ….
    """
    options = {
        "max_line_size": _LINE_LIMIT_BYTES,
        "max_field_size": _LINE_LIMIT_BYTES,
        "keepalive_timeout": _IDLE_SECONDS,
        **runner_options,
    }
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
        self._software = None if keep_server_headers else SERVER_SOFTWARE.encode()
        self._problem = problem
        self._pool = LanePool(self._connect)
        self._server: web.Server | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope."""
        kind = scope["type"]
        if kind == "http":
            await self._http(scope, receive, send)
        elif kind == "websocket":
            await send({"type": "websocket.close", "code": 1011})
        elif kind == "lifespan":
            await self._lifespan(receive, send)
        else:
            raise ValueError(f"the bridge knows no scope of type {kind!r}")

    async def start(self) -> None:
        """Run the app's start-up. When it fails, what had started is cleaned up before the error is raised."""
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
        if self._server is None:
            _logger.error("The bridge has not started: a mount forwards no lifespan, so pass bridge(app).lifespan")
            await refuse(send, self._problem(scope, 503, "The application is not running."), 503)
            return
        first = await receive() if scope.get("http_version") not in ("1.1", "1.0") else None
        has_body = first is not None and bool(first.get("body") or first.get("more_body"))
        try:
            written = request(scope, strip_root_path=self._strip_root_path, has_body=has_body)
        except BadRequest as error:
            await refuse(send, self._problem(scope, 400, str(error)), 400)
            return
        lane = self._pool.take(scope)
        lane.begin(contextvars.copy_context(), scope)
        exchange = Exchange(lane, written, scope, send=send, problem=self._problem)
        if await exchange.run(receive, first, self._software):
            self._pool.give(lane)

    def _connect(self, extra: dict[str, Any]) -> Lane:
        if extra.pop("secure"):
            extra["sslcontext"] = _secure
        lane = Lane(extra)
        if self._server is None:
            raise RuntimeError("the bridge has not started")
        protocol = self._server()
        if isinstance(protocol.access_logger, _Reporting):
            protocol.access_logger.lane = lane
        lane.connect(protocol)
        return lane


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
    return url.with_path(root_path + url.path, keep_query=True, keep_fragment=True) if root_path else url


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
        if self.inner is not None and self.inner.enabled:
            self.inner.log(request, response, time)


def _reporting_access_log(options: dict[str, Any]) -> dict[str, Any]:
    """The access log options that aiohttp gets, with the given ones inside."""
    wanted = options.get("access_log", logging.getLogger("aiohttp.access"))
    inner_class = options.get("access_log_class", AccessLogger)

    class Reporting(_Reporting):
        def __init__(self, logger: logging.Logger, log_format: str) -> None:
            super().__init__(logger, log_format)
            self.inner = inner_class(wanted, log_format) if wanted else None

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
