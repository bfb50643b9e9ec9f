"""One HTTP request and its answer over a lane: ASGI events pulled in, ASGI messages pushed out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from server.bridge_lane import SLICE_BYTES, Lane
from server.wire import BadRequest, Headers, RequestBody, Scope
from server.wire_head import Head, WireError
from server.wire_response import ResponseReader

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# A request without a body asks for news of its client only when its answer takes longer than this.
_WATCH_SECONDS = 0.05
_logger = logging.getLogger("server.bridge")


class ResponseTruncated(Exception):
    """The handler's answer ended before it was whole; raised so that the ASGI server cuts the connection."""


class Refused(Exception):
    """No handler answered: the bridge, or aiohttp's parser, refuses the request with this status and detail."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail


class Patience:
    """Tells exchanges that have lasted for a while to watch for their client's leaving.

    One timer serves them all: most end before it rings, and never pay for a task.
    """

    def __init__(self, seconds: float = _WATCH_SECONDS) -> None:
        self._seconds = seconds
        self._young: set[Exchange] = set()
        self._old: set[Exchange] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, exchange: "Exchange") -> None:
        self._young.add(exchange)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._ring)

    def discard(self, exchange: "Exchange | None") -> None:
        self._young.discard(exchange)
        self._old.discard(exchange)

    def _ring(self) -> None:
        for exchange in self._old:
            exchange.listen()
        self._old, self._young, self._timer = self._young, set(), None
        if self._old:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._ring)


class Exchange:
    """One request on its lane, from its first byte to its handler's end."""

    # Most exchanges never change these, so most never pay for setting them.
    _body: RequestBody | None = None
    _first: Message | None = None
    _listener: asyncio.Task[None] | None = None
    _started = False
    _gone = False
    _keep = True
    _refusal = 0
    _detail = ""
    # The ASGI call's own task while a handler runs in it, and whether it is cancelled when its client leaves.
    handler: asyncio.Task[Any] | None = None
    cancels = False
    cancelled = False

    def __init__(self, lane: Lane, scope: Scope, receive: Receive, send: Send) -> None:
        self._lane = lane
        self._scope = scope
        self._receive = receive
        self._send = send

    @property
    def undisturbed(self) -> bool:
        """Whether nothing was heard of the client since the request, nor asked for."""
        return self._listener is None

    async def run(self, reader: ResponseReader, *, whole: tuple[Head, bytes] | None = None) -> bool:
        """Bring the answer home; true when the lane can carry another exchange.

        `whole` is an answer that was never written out. Returns when the handler is done, which may be
        after the answer is out. Raises ResponseTruncated when the answer breaks off, and Refused when
        there is none to send.
        """
        lane, send = self._lane, self._send
        reusable = False
        try:
            if whole is not None and not self._gone:
                for message in self._messages(reader, reader.whole(*whole)):
                    await send(message)
            while not reader.complete:
                if lane.waiting:
                    for message in self._read(reader, lane.take()):
                        await send(message)
                elif lane.closing or lane.finished:
                    break
                else:
                    await lane.news()
            self._hang_up()
            if self._refusal or not (reader.complete and lane.finished):
                await self._settle(reader)
            reusable = self._keep and reader.complete and self._in_order(reader)
        except OSError:
            # The server's word for a client that has gone (ASGI, "Disconnected client - send exception").
            await self._outlive()
        finally:
            self._hang_up()
            if not reusable:
                lane.lose()
        return reusable and not lane.closing

    # The way home.

    def _read(self, reader: ResponseReader, data: bytes) -> list[Message]:
        """What `data` of the response is in ASGI's words."""
        try:
            return self._messages(reader, reader.feed(data))
        except WireError as error:
            _logger.error("What the application wrote is no HTTP response: %s", error)
            self._lane.lose()
            return []

    def _messages(self, reader: ResponseReader, events: list[Head | bytes]) -> list[Message]:
        messages: list[Message] = []
        body = b""
        for event in events:
            if isinstance(event, bytes):
                body = event
            elif start := self._start(event):
                messages.append(start)
        if self._refusal:
            self._detail += body.decode("utf-8", "replace")
        elif body or reader.complete:
            messages.append({"type": "http.response.body", "body": body, "more_body": not reader.complete})
        return messages

    def _start(self, head: Head) -> Message | None:
        if head.status < 200 and head.status != 101:
            # ASGI has no message for other interim answers.
            if head.status == 100:
                self.listen()
            return None
        if head.legacy and self._scope.get("http_version") != "1.0":
            self._refusal = head.status
            return None
        self._started = True
        self._keep = not (head.legacy or head.close or head.status == 101)
        return head.message()

    async def _settle(self, reader: ResponseReader) -> None:
        """After the last byte: wait for the handler's end, or say what is missing."""
        if self._gone:
            await self._outlive()
        elif self._refusal and not self._started:
            raise Refused(self._refusal, self._detail)
        elif reader.complete:
            await self._outlast(reader)
        elif reader.end():
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        elif self._started:
            raise ResponseTruncated("the handler's answer broke off before its end")
        else:
            raise Refused(500, "The handler gave no answer.")

    async def _outlast(self, reader: ResponseReader) -> None:
        """A handler may go on after its last byte; what it still writes is surplus."""
        lane = self._lane
        if self._body is not None and not self._body.complete:
            # The ASGI server reads no more of the body, so a handler that waits for it must be told.
            await self._outlive()
        while not (lane.finished or lane.closing):
            await lane.news()
            reader.feed(lane.take())

    async def _outlive(self) -> None:
        """The client has gone: the handler hears of it, and is waited for."""
        self._lose_client()
        await self._lane.handler_done()

    def _in_order(self, reader: ResponseReader) -> bool:
        """Nothing is left over in either direction that the next exchange would take for its own."""
        surplus = reader.surplus + self._lane.waiting
        if surplus:
            _logger.error("The handler wrote %d bytes more than its Content-Length", surplus)
        return not surplus and (self._body is None or self._body.complete)

    # The way out.

    def expect_body(self, body: RequestBody, first: Message | None, *, wait: bool) -> None:
        """A body follows; read it now, or when aiohttp asks for it with `100 Continue`."""
        self._body = body
        self._first = first
        if not wait:
            self.listen()

    def listen(self) -> None:
        """Read the body, then watch for the client's leaving."""
        if self._listener is None:
            self._listener = asyncio.get_running_loop().create_task(self._listening())

    def _hang_up(self) -> None:
        """Call `receive` no more: the answer is out."""
        if self._listener is not None:
            self._listener.cancel()

    async def _listening(self) -> None:
        try:
            message = self._first or await self._receive()
            while message["type"] == "http.request":
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
        if self._body is None or self._body.complete:
            return
        data, more = message.get("body", b""), message.get("more_body", False)
        for start in range(0, len(data) or 1, SLICE_BYTES):
            await self._lane.readable()
            last = start + SLICE_BYTES >= len(data)
            self._lane.deliver(self._body.frame(data[start : start + SLICE_BYTES], more=more or not last))

    def _lose_client(self) -> None:
        self._gone = True
        self._lane.lose()
        if self.cancels:
            self.cancel_handler()

    def cancel_handler(self) -> None:
        """Cancel the handler that runs in the ASGI call, if it still does; the call goes on."""
        if self.handler is not None and not self.cancelled:
            self.cancelled = True
            self.handler.cancel()


async def send_whole(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Send an answer of the bridge's own, and end the connection, on which something is amiss."""
    framed = [*headers, (b"content-length", b"%d" % len(body)), (b"connection", b"close")]
    try:
        await send({"type": "http.response.start", "status": status, "headers": framed})
        await send({"type": "http.response.body", "body": body})
    except OSError:
        pass  # The client has not waited for it.
