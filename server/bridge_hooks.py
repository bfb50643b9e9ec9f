"""Where the bridge takes hold of aiohttp: the runner, the access logger and the request factory, all public."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.web_log import AccessLogger

from server.bridge_lane import Lane

_logger = logging.getLogger("server.bridge")


class Runner(web.AppRunner):
    """An AppRunner that waits for `before_end` after the app's `on_shutdown` and before its connections are closed."""

    before_end: Callable[[], Awaitable[None]] | None = None

    async def shutdown(self) -> None:
        await super().shutdown()
        if self.before_end is not None:
            await self.before_end()


class ReportingLogger(AbstractAccessLogger):
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


def reporting_access_log(options: dict[str, Any]) -> dict[str, Any]:
    """The access log options that aiohttp gets, with the given ones inside."""
    wanted = options.get("access_log", logging.getLogger("aiohttp.access"))
    inner_class = options.get("access_log_class", AccessLogger)

    class Reporting(ReportingLogger):
        def __init__(self, logger: logging.Logger, log_format: str) -> None:
            super().__init__(logger, log_format)
            inner = inner_class(wanted, log_format) if wanted else None
            # Asked once a connection, as aiohttp does from 3.11 on.
            self.inner = inner if getattr(inner, "enabled", True) else None

    return {"access_log_class": Reporting, "access_log": wanted or _logger}


def watch_requests(server: web.Server) -> None:
    """Give each request's handler the context variables of its own ASGI call."""
    make = server.request_factory

    def request_factory(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
        lane = protocol.transport
        if isinstance(lane, Lane):
            lane.task = task
            lane.enter_context()
        return make(message, payload, protocol, writer, task)

    server.request_factory = request_factory
