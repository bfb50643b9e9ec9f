"""One HTTP request and its answer over a lane: ASGI events pulled in, ASGI messages pushed out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from server.bridge_lane import SLICE_BYTES, Lane
from server.wire import BadRequest, Headers, Request, RequestBody, Scope
from server.wire_response import Head, ResponseReader, WireError

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Problem = Callable[[Scope, int, str], tuple[Headers, bytes]]

# A request without a body asks for news of its client only when its answer takes longer than this.
_WATCH_AFTER_SECONDS = 0.05
_logger = logging.getLogger("server.bridge")


class ResponseTruncated(Exception):
    """The handler's answer ended before it was whole; raised so that the ASGI server cuts the connection."""


def plain_text(scope: Scope, status: int, detail: str) -> tuple[Headers, bytes]:
    """The headers and the body of an answer that no handler wrote, as aiohttp words its own."""
    del scope
    body = f"{status}: {HTTPStatus(status).phrase}\n\n{detail}\n".encode()
    return [(b"content-type", b"text/plain; charset=utf-8")], body


async def refuse(send: Send, rendered: tuple[Headers, bytes], status: int) -> None:
    """Send a whole answer, and end the connection, on which something is amiss."""
    headers, body = rendered
    framed = [*headers, (b"content-length", b"%d" % len(body)), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": framed})
    await send({"type": "http.response.body", "body": body})


class Exchange:
    """The state of one request on its lane."""

    __slots__ = (
        "_body",
        "_detail",
        "_gone",
        "_keep",
        "_lane",
        "_listener",
        "_problem",
        "_receive",
        "_refusal",
        "_request",
        "_scope",
        "_send",
        "_started",
    )

    def __init__(self, lane: Lane, request: Request, scope: Scope, *, send: Send, problem: Problem) -> None:
        self._lane = lane
        self._request = request
        self._scope = scope
        self._send = send
        self._problem = problem
        self._body = RequestBody(request.length)
        self._listener: asyncio.TimerHandle | asyncio.Task[None] | None = None
        self._started = self._gone = False
        self._keep = True
        self._refusal: int | None = None
        self._detail = ""

    async def run(self, receive: Receive, first: Message | None, software: bytes | None) -> bool:
        """Do it all; true when the lane can carry another exchange.

        Returns when the handler is done, which may be after the answer is out. Raises
        ResponseTruncated when the answer breaks off.
        """
        reader = ResponseReader(head_only=self._scope["method"] == "HEAD", software=software)
        reusable = False
        try:
            self._lane.deliver(self._request.head)
            self._listen(receive, first)
            await self._answer(reader)
            self._hang_up()
            await self._settle(reader)
            reusable = reader.complete and not reader.surplus and self._keep and self._body.complete
        finally:
            self._hang_up()
            if not reusable:
                self._lane.lose()
        return reusable and not self._lane.closing

    # The way home.

    async def _answer(self, reader: ResponseReader) -> None:
        lane = self._lane
        while not reader.complete:
            if data := lane.take():
                await self._forward(reader, data)
            elif lane.closing or lane.finished:
                return
            else:
                await lane.news()

    async def _forward(self, reader: ResponseReader, data: bytes) -> None:
        body = b""
        try:
            for event in reader.feed(data):
                if isinstance(event, bytes):
                    body = event
                else:
                    await self._forward_head(event)
            if self._refusal is not None:
                self._detail += body.decode("utf-8", "replace")
            elif body or reader.complete:
                await self._send({"type": "http.response.body", "body": body, "more_body": not reader.complete})
        except OSError:
            self._lose_client()
        except WireError as error:
            _logger.error("What the application wrote is no HTTP response: %s", error)
            self._lane.lose()

    async def _forward_head(self, head: Head) -> None:
        if head.status == 100:
            self._listen_now()
        elif head.status < 200:
            # ASGI has no message for other interim answers; 101 belongs to the websocket scope.
            return
        elif head.legacy and self._scope.get("http_version") != "1.0":
            self._refusal = head.status
        else:
            self._started = True
            self._keep = not (head.legacy or (b"connection", b"close") in head.headers)
            await self._send({"type": "http.response.start", "status": head.status, "headers": head.headers})

    async def _settle(self, reader: ResponseReader) -> None:
        """After the last byte: wait for the handler's end, or say what is missing."""
        if self._gone:
            await self._lane.handler_done()
        elif self._refusal is not None:
            await refuse(self._send, self._problem(self._scope, self._refusal, self._detail), self._refusal)
        elif reader.complete:
            await self._outlast(reader)
        elif reader.end():
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        elif self._started:
            raise ResponseTruncated("the handler's answer broke off before its end")
        else:
            await refuse(self._send, self._problem(self._scope, 500, "The handler gave no answer."), 500)

    async def _outlast(self, reader: ResponseReader) -> None:
        """A handler may go on after its last byte; what it still writes is surplus."""
        lane = self._lane
        if not self._body.complete:
            # The ASGI server reads no more of the body, so a handler that waits for it must be told.
            lane.lose()
            await lane.handler_done()
        while not (lane.finished or lane.closing):
            await lane.news()
            reader.feed(lane.take())
        if reader.surplus:
            _logger.error("The handler wrote %d bytes more than its Content-Length", reader.surplus)

    # The way out.

    def _listen(self, receive: Receive, first: Message | None) -> None:
        """Read the body now, or, where there is none, watch for the client's leaving a little later."""
        self._receive = receive
        if first is not None or not (self._body.complete or self._request.expects):
            self._listen_now(first)
        elif not self._request.expects:
            loop = asyncio.get_running_loop()
            self._listener = loop.call_later(_WATCH_AFTER_SECONDS, self._listen_now)

    def _listen_now(self, first: Message | None = None) -> None:
        if not isinstance(self._listener, asyncio.Task):
            self._listener = asyncio.get_running_loop().create_task(self._listening(first))

    def _hang_up(self) -> None:
        if self._listener is not None:
            self._listener.cancel()

    async def _listening(self, message: Message | None) -> None:
        try:
            message = message or await self._receive()
            while message["type"] == "http.request":
                if not self._body.complete:
                    await self._deliver(message)
                message = await self._receive()
            self._lose_client()
        except BadRequest as error:
            self._refusal, self._detail = 400, str(error)
            self._lane.lose()
        except Exception as error:
            if not isinstance(error, OSError):
                _logger.exception("The ASGI server's receive failed")
            self._lose_client()

    async def _deliver(self, message: Message) -> None:
        data, more = message.get("body", b""), message.get("more_body", False)
        for start in range(0, len(data) or 1, SLICE_BYTES):
            await self._lane.readable()
            last = start + SLICE_BYTES >= len(data)
            self._lane.deliver(self._body.frame(data[start : start + SLICE_BYTES], more=more or not last))

    def _lose_client(self) -> None:
        self._gone = True
        self._lane.lose()
