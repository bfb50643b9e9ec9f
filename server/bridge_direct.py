"""Requests without a body: their handlers run in the ASGI call itself.

aiohttp's own way takes its parser, two tasks and three turns of the event loop for each request. None of
them is needed when the request is whole before its handler begins. The lane still stands behind the
request: what a handler streams is written to it, and its closing is the client's.
"""

import asyncio
import inspect
import warnings
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

from aiohttp import EMPTY_PAYLOAD, web
from aiohttp.http import RawRequestMessage

from server.bridge_exchange import Exchange, Patience, Receive, Send
from server.bridge_lane import Lane
from server.bridge_plain import plain_answer
from server.bridge_pump import Pump, Work, resumed
from server.bridge_writer import AnswerWriter, Whole
from server.wire_head import HeadReader


class Direct:
    """Answers messages that are whole with the handlers of `server`."""

    def __init__(self, server: web.Server, heads: HeadReader, patience: Patience) -> None:
        self._server = server
        self._make = server.request_factory
        self._handle = _as_coroutine_function(server.request_handler)
        self._heads = heads
        self._patience = patience
        self._running: set[Exchange] = set()
        # Set when no handler runs any more, once somebody waits for that.
        self._ended: asyncio.Event | None = None

    def begin(
        self, lane: Lane, message: RawRequestMessage, receive: Receive, send: Send
    ) -> Whole | Coroutine[Any, Any, Whole | bool]:
        """Run the handler in the current task up to its first wait: its whole answer, unsent, or what is left to do.

        What is left is awaited in the same task; it gives the whole answer, unsent, or sends it and gives true when the
        lane can carry another exchange. It raises what `Exchange.run` does.
        """
        server, protocol, loop = self._server, lane.handler, lane.loop
        writer = AnswerWriter(protocol, loop)
        writer.lane, writer.heads = lane, self._heads
        server.requests_count += 1
        task = asyncio.current_task(loop)
        request: web.Request = self._make(message, EMPTY_PAYLOAD, protocol, writer, task)  # type: ignore[assignment,arg-type]  # a server runs us in one, an AppRunner's makes no other
        handling = self._handle(request)
        # Only an access line tells how long it took.
        start = 0.0 if lane.access_logger is None else loop.time()
        try:
            awaited = handling.send(None)
        except StopIteration as ended:
            if (whole := plain_answer(ended.value, request, writer)) is not None:
                return whole
            outcome = _given(ended.value)
        except BaseException as error:  # noqa: BLE001  raised again where it is answered
            outcome = _raised(error)
        else:
            outcome = resumed(handling, awaited)
        work = self._work(request, outcome, writer, start)
        try:
            awaited = work.send(None)
        except StopIteration:
            return writer.whole or self._pump(lane, writer, message, receive, send).end()
        return self._wait(self._pump(lane, writer, message, receive, send), work, awaited)

    async def close(self, patience_seconds: float) -> None:
        """Wait for handlers that still run, then cancel them and wait as long again, as aiohttp's server does."""
        for exchange in await self._wait_for_all(patience_seconds):
            exchange.cancel_handler()
        await self._wait_for_all(patience_seconds)

    async def _wait_for_all(self, seconds: float) -> list[Exchange]:
        if self._running:
            self._ended = asyncio.Event()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), seconds)
        return list(self._running)

    def _pump(self, lane: Lane, writer: AnswerWriter, message: RawRequestMessage, receive: Receive, send: Send) -> Pump:
        return Pump(Exchange(lane, lane.scope, receive, send), lane, writer, head_only=message.method == "HEAD")

    async def _wait(self, pump: Pump, work: Work, awaited: Any) -> Whole | bool:
        """Go on with a handler that waits for something, and meanwhile watch its client and send what it writes."""
        exchange, lane = pump.exchange, pump.lane
        self._running.add(exchange)
        self._patience.add(exchange)
        exchange.handler = handler = asyncio.current_task(lane.loop)
        exchange.cancels = self._server.handler_cancellation
        try:
            await resumed(work, awaited, pump.look)
        except asyncio.CancelledError:
            if not exchange.cancelled:
                pump.stop()
                raise
        finally:
            if exchange.cancelled and handler is not None:
                handler.uncancel()
            exchange.handler = None
            self._patience.discard(exchange)
            self._running.discard(exchange)
            if self._ended is not None and not self._running:
                self._ended.set()
        return pump.unsent() or await pump.end()

    async def _work(self, request: web.Request, outcome: Awaitable[object], writer: AnswerWriter, start: float) -> None:
        """What aiohttp's protocol does around a handler, by means of its public parts."""
        lane = writer.lane
        protocol = lane.handler
        try:
            try:
                response = await outcome
            except Exception as error:  # noqa: BLE001  aiohttp logs it, and answers
                await _finish(request, _answer_to(error, request, protocol), start, lane)
            else:
                if (whole := plain_answer(response, request, writer)) is None:
                    await _respond(request, response, start, lane)
                else:
                    writer.whole = whole
        except ConnectionError:
            lane.close()
        except asyncio.CancelledError:
            lane.close()
            task = asyncio.current_task(lane.loop)
            if task is not None and task.cancelling():
                raise
        except Exception as error:  # noqa: BLE001  logged as aiohttp does
            protocol.log_exception("Unhandled exception", exc_info=error)
            lane.close()


async def _given(response: object) -> object:
    return response


async def _raised(error: BaseException) -> object:
    try:
        raise error
    finally:
        del error  # or the error and this frame would keep each other


def _as_coroutine_function(handle: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Coroutine[Any, Any, Any]]:
    """`handle` itself, unless something that instruments applications has put another callable in its place."""
    if inspect.iscoroutinefunction(handle):
        return handle

    async def handling(request: web.Request) -> Any:
        return await handle(request)

    return handling


def _answer_to(error: Exception, request: web.BaseRequest, protocol: web.RequestHandler) -> web.StreamResponse:
    if isinstance(error, web.HTTPException):
        return error
    if isinstance(error, TimeoutError):
        return protocol.handle_error(request, 504)
    return protocol.handle_error(request, 500, error)


async def _finish(request: web.BaseRequest, response: Any, start: float, lane: Lane) -> None:
    _, reset = await lane.handler.finish_response(request, response, start)
    if reset:
        lane.close()


async def _respond(request: web.Request, response: object, start: float, lane: Lane) -> None:
    if isinstance(response, web.HTTPException):
        warnings.warn("raise an HTTPException instead of returning it", DeprecationWarning, stacklevel=2)
    if not isinstance(response, web.StreamResponse) or isinstance(response, web.HTTPException):
        # aiohttp knows what to say to an exception that is returned, or to no response at all.
        await _finish(request, response, start, lane)
        return
    await response.prepare(request)
    await response.write_eof()
    if lane.access_logger is not None:
        lane.access_logger.log(request, response, lane.loop.time() - start)
