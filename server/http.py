"""uvicorn's HTTP protocol with deadlines and limits, given to it as `--http server.http:Protocol`.

uvicorn's own has none for what comes before an application is asked: a client could keep a connection with half a
header for ever, or fill the memory with one. What is refused here, and what the parser can't read, is answered by a
problem (RFC 9457) as everywhere. An application's answer may come whole (WHOLE), which saves half of the way out.
"""

from asyncio import TimerHandle, Transport
from collections.abc import Sized
from dataclasses import dataclass, field
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from server.accesslog import AccessLog, line
from server.cache_answer import NOSNIFF, WHOLE
from server.front import PROBLEM_HEADERS, Problem, new_request_id

EXTENSIONS: dict[str, dict[object, object]] = {WHOLE: {}}
STATE_KEY = "http_policy"
"""Under this name the lifespan's state gives a Policy to the protocol."""

LINGER_SECONDS = 1.0
"""How long the rest of a refused request is read and thrown away."""

LINE_BYTES = 4
"""`: ` and the end of a header line."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a client may take before an application is asked.

    head_seconds: from a head's first byte, or the beginning of the connection, to the head's end; then 408.
    head_bytes: of all header lines together; more is 431. address_bytes: of path and query; more is 414.
    idle_seconds: how long a connection may wait for its next request.
    """

    head_seconds: float = 10.0
    head_bytes: int = 65536
    address_bytes: int = 8192
    idle_seconds: int = 60


def plain_problem(status: int, detail: str, instance: str, request_id: str) -> bytes:  # noqa: ARG001  a Problem
    """For an application that has no problems of its own."""
    return detail.encode()


@dataclass
class Policy:
    """What the application says of connections, and what it hears of them.

    connections: uvicorn's set of those that are open. refused: requests that no application has seen.
    """

    limits: Limits = field(default_factory=Limits)
    problem: Problem = plain_problem
    access_log: AccessLog | None = None
    connections: Sized = ()
    refused: int = 0


class Refused(Exception):
    """A request that is not let in; it ends the parser's work on the connection."""


class Cycle(RequestResponseCycle):
    """uvicorn's request and response, which also takes an answer whole."""

    async def send(self, message: Any) -> None:
        if message["type"] != WHOLE:
            await super().send(message)
            return
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        if self.response_started:
            raise RuntimeError("A whole answer was sent after another had begun.")
        self.response_started = self.response_complete = True
        own = b"".join([b"%b: %b\r\n" % pair for pair in self.default_headers])
        close = b"" if self.keep_alive else b"connection: close\r\n"
        self.transport.write(b"%b%b%b\r\n%b" % (message["head"], own, close, message["body"]))
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()


class Protocol(HttpToolsProtocol):
    """One connection of a client."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Not a part of each scope's state: the application has it already.
        self.app_state = dict(self.app_state)
        self.policy: Policy = self.app_state.pop(STATE_KEY, None) or Policy()
        self.limits = self.policy.limits
        self.timeout_keep_alive = self.limits.idle_seconds
        self._deadline: TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = self._deaf = False
        self._refusal = (400, "The request is not HTTP/1.1 as RFC 9112 has it.")

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.policy.connections = self.connections
        self._deadline = self.loop.call_later(self.limits.head_seconds, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        self._in_time()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        self._head_bytes += len(data)
        super().data_received(data)
        if not self._in_head:
            self._head_bytes = 0
        elif self._head_bytes > self.limits.head_bytes:
            self._in_head = False
            self._refusal = self._too_long()
            self.send_400_response("")
        elif self._deadline is None:
            self._deadline = self.loop.call_later(self.limits.head_seconds, self._too_slow)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self.scope["extensions"] = EXTENSIONS

    def on_headers_complete(self) -> None:
        self._in_head = False
        if self._deadline is not None:
            self._in_time()
        if len(self.url) > self.limits.address_bytes or self._head_bytes > self.limits.head_bytes:
            self._check_head()
        super().on_headers_complete()

    def _check_head(self) -> None:
        """Raises Refused. What came in one piece may hold a body, or other requests, beside the head."""
        lines = sum(len(name) + len(value) + LINE_BYTES for name, value in self.headers)
        if len(self.url) > self.limits.address_bytes or lines > self.limits.head_bytes:
            self._refusal = self._too_long()
            raise Refused

    def _too_long(self) -> tuple[int, str]:
        if len(self.url) > self.limits.address_bytes:
            return 414, f"The address is longer than {self.limits.address_bytes} bytes."
        return 431, f"The headers are longer than {self.limits.head_bytes} bytes."

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        cycle.__class__ = Cycle
        super()._start_asgi_task(cycle, app)

    def _in_time(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        if self._in_head:
            self._in_head = False
            self._refusal = (408, f"The request's head did not come within {self.limits.head_seconds:g} s.")
            self.send_400_response("")
        else:
            self.transport.close()  # nothing was asked, so there is nothing to answer

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  uvicorn's own words
        """Answer what no application is asked, and end the connection; uvicorn calls it when its parser fails."""
        if self._deaf or self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False  # an earlier request is being answered: it ends the connection
            self.flow.pause_reading()
            return
        status, detail = self._refusal
        request_id = new_request_id()
        body = self.policy.problem(status, detail, "", request_id.decode())
        headers = [
            *self.server_state.default_headers,
            *PROBLEM_HEADERS,
            (b"content-length", b"%d" % len(body)),
            (b"connection", b"close"),
            (b"x-request-id", request_id),
            NOSNIFF,
        ]
        head = b"".join([b"%b: %b\r\n" % pair for pair in headers])
        self.transport.write(b"%b%b\r\n%b" % (STATUS_LINE[status], head, body))
        # Closed at once, the connection would be reset by what the client still sends, and the answer lost.
        self.transport.write_eof()
        self._deaf = True
        self._in_time()
        self._deadline = self.loop.call_later(LINGER_SECONDS, self.transport.close)
        self.policy.refused += 1
        if self.policy.access_log is not None:
            size = len(body)
            self.policy.access_log.add(
                line(self.client, "-", b"-", status, size=size, seconds=0.0, request_id=request_id)
            )
