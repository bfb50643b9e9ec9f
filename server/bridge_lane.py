"""The lane: a connection in memory, on whose far end an aiohttp protocol believes that it has a client."""

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Iterable
from contextvars import Context, Token
from typing import Any, NoReturn

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from server.bridge_message import MessageReader
from server.wire import Headers, RequestHeaders, Scope, host_of, request_headers

HIGH_WATER_BYTES = 65536
SLICE_BYTES = 262144


class NoSocket:
    """What stands for the socket: handlers that tune theirs may go on, and nothing comes of it."""

    family = socket.AF_UNSPEC

    def setsockopt(self, *option: object) -> None:
        """Accept any option."""

    def getsockopt(self, *option: object) -> int:
        """Tell nothing of any option."""
        del option
        return 0


_NO_SOCKET = NoSocket()


class Lane(asyncio.Transport):
    """An `asyncio.Transport` without a socket: what the protocol writes waits here until it is taken.

    Back-pressure goes both ways: the protocol is paused while more than HIGH_WATER_BYTES wait, and
    `readable` waits while the protocol has paused its side. One lane serves one exchange at a time
    and many in turn, as a kept-alive connection does.
    """

    # What handlers that run in the ASGI call find here; set by whoever connects the lane to aiohttp.
    handler: web.RequestHandler
    messages: MessageReader
    access_logger: AbstractAccessLogger | None = None

    def __init__(self, extra: dict[str, Any]) -> None:
        super().__init__(extra)
        self._extra_info = {"socket": _NO_SOCKET, **extra}
        self.protocol: asyncio.Protocol = asyncio.Protocol()
        self._written: deque[bytes | memoryview] = deque()
        # How many bytes are written and not taken yet.
        self.waiting = 0
        self._write_paused = False
        self._news: asyncio.Future[None] | None = None
        self._reading: asyncio.Future[None] | None = None
        self._tokens: list[Token[Any]] = []
        self._context: Context | None = None
        self._headers: Headers | None = None
        self._header_lines = RequestHeaders(b"", 0, expects=False)
        self._lost = False
        self._young = False
        self._real: asyncio.Transport | None = None
        self.scope: Scope = {}
        # Whoever pools the lane keeps here whose it is, and whether it has rested since it was last looked at.
        self.client: Any = None
        self.rested = False
        self.on_close: Callable[[Lane], None] | None = None
        self.closing = False
        self.finished = False
        self.task: asyncio.Future[Any] | None = None

    def connect(self, protocol: asyncio.Protocol) -> None:
        """Begin. In an empty context, so that the first request's variables are not all later ones' too."""
        self.protocol = protocol
        # Kept: until Python 3.12 asking for the running loop is a system call.
        self.loop = asyncio.get_running_loop()
        Context().run(protocol.connection_made, self)
        self._young = True
        self.loop.call_soon(self._grow)

    # What the bridge does with its end.

    def write_headers(self, headers: Headers) -> RequestHeaders:
        """The header lines of the next request: a client that stays repeats itself. Raises BadRequest."""
        if headers != self._headers:
            self._header_lines = request_headers(headers, host=host_of(self.scope))
            self._headers = headers.copy()
        return self._header_lines

    def begin(self, scope: Scope, context: Context | None = None) -> None:
        """A new exchange: `context` becomes its handler's, and `get_extra_info("asgi.scope")` tells its scope."""
        self._context = context
        self.task = None
        self.scope = scope
        self.finished = False

    def deliver(self, data: bytes) -> None:
        """The client has sent `data`."""
        if not self.closing:
            self.protocol.data_received(data)

    def attach(self, real: asyncio.Transport) -> None:
        """From now on what is written goes to `real`, and its socket is ours."""
        self._real = real
        for data in self._written:
            real.write(data)
        self._written.clear()
        self.waiting = 0

    def pause_writing(self) -> None:
        """The attached transport is full."""
        self.protocol.pause_writing()

    def resume_writing(self) -> None:
        """The attached transport has room again."""
        self.protocol.resume_writing()

    def lose(self, error: Exception | None = None) -> None:
        """The client has gone: what is still written goes nowhere, and the protocol hears of it once."""
        self.closing = True
        self._written.clear()
        self.waiting = 0
        if self._young:
            # aiohttp's task for the connection has not begun yet, and expects to find one.
            self.loop.call_soon(self._disconnect, error)
        else:
            self._disconnect(error)

    def _grow(self) -> None:
        self._young = False

    def take(self) -> bytes:
        """What was written, oldest first, at most SLICE_BYTES; empty when nothing waits."""
        written = self._written
        if not written:
            return b""
        if self.waiting > SLICE_BYTES:
            data = self._take_slice()
        elif len(written) == 1:
            data = bytes(written.popleft())
        else:
            data = b"".join(written)
            written.clear()
        self.waiting -= len(data)
        if self._write_paused and self.waiting <= HIGH_WATER_BYTES:
            self._write_paused = False
            self.protocol.resume_writing()
        return data

    def _take_slice(self) -> bytes:
        # Views: what a handler gave in one piece is never copied whole.
        view = memoryview(self._written.popleft())
        if len(view) > SLICE_BYTES:
            self._written.appendleft(view[SLICE_BYTES:])
        return bytes(view[:SLICE_BYTES])

    def news(self) -> asyncio.Future[None]:
        """Done when something is written, the handler has finished, or the lane has closed."""
        news = self._news = self.loop.create_future()
        return news

    async def readable(self) -> None:
        """Wait until the protocol wants more of the body."""
        while self._reading is not None and not self.closing:
            await asyncio.shield(self._reading)

    async def handler_done(self) -> None:
        """Wait until a lost lane's handler has ended; without cancellation that is the handler's affair."""
        if self.task is not None:
            await asyncio.wait([self.task])

    def finish(self) -> None:
        """The handler's response has ended, whether or not it kept its promises."""
        self.finished = True
        if self._news is not None:
            self._wake()

    def enter_context(self) -> None:
        """Make the exchange's context variables those of the running task, and forget the last exchange's."""
        while self._tokens:
            token = self._tokens.pop()
            token.var.reset(token)
        if self._context:
            self._tokens = [variable.set(value) for variable, value in self._context.items()]

    # What the protocol does with its end: asyncio's documented transport.

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        if name == "asgi.scope":
            return self.scope
        if self._real is not None and name not in self._extra_info:
            return self._real.get_extra_info(name, default)
        return self._extra_info.get(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        if not isinstance(protocol, asyncio.Protocol):
            raise TypeError("a lane carries bytes, so it needs an asyncio.Protocol")
        self.protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self.protocol

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self.closing or not data:
            return
        if self._real is not None:
            self._real.write(data)
            return
        self._written.append(data if type(data) is bytes else bytes(data))
        self.waiting += len(data)
        if self.waiting > HIGH_WATER_BYTES and not self._write_paused:
            self._write_paused = True
            self.protocol.pause_writing()
        if self._news is not None:
            self._wake()

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(list_of_data))

    @property
    def _sendfile_compatible(self) -> NoReturn:
        # asyncio's sendfile asks every transport for this, and with this answer aiohttp falls back to reads.
        raise NotImplementedError("a lane has no socket to send a file to")

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return HIGH_WATER_BYTES, HIGH_WATER_BYTES

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Ignored: the bridge answers for the memory."""

    def can_write_eof(self) -> bool:
        return False

    def pause_reading(self) -> None:
        if self._real is not None:
            self._real.pause_reading()
        elif self._reading is None:
            self._reading = self.loop.create_future()

    def resume_reading(self) -> None:
        if self._real is not None:
            self._real.resume_reading()
        if self._reading is not None and not self._reading.done():
            self._reading.set_result(None)
        self._reading = None

    def is_reading(self) -> bool:
        return self._reading is None and not self.closing

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        """What was written before is still taken."""
        if not self.closing:
            self.closing = True
            if self._real is not None:
                self._real.close()
            self.loop.call_soon(self._disconnect, None)

    def abort(self) -> None:
        # A socket would have sent what was written by now, so it still goes.
        self.close()

    def _disconnect(self, error: Exception | None) -> None:
        if self._lost:
            return
        self._lost = True
        if self.on_close is not None:
            self.on_close(self)
        self.resume_reading()
        self.protocol.connection_lost(error)
        self._wake()

    def _wake(self) -> None:
        news = self._news
        if news is not None:
            self._news = None
            if not news.done():
                news.set_result(None)
