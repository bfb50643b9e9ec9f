"""uvicorn's HTTP protocol with deadlines and limits, given to it as `--http server.http:Protocol`.

uvicorn's own has none for what comes before an application is asked: a client could keep a connection with half a
header for ever, or fill the memory with one. What is refused here, and what the parser can't read, is answered by a
problem (RFC 9457) as everywhere. An application's answer may come whole (WHOLE), which saves half of the way out.

A connection has one timer for all its deadlines, and a request only moves the time until which it may wait: setting a
timer for each, as uvicorn's own protocol does between two requests, costs more than all that is checked here.
"""

from asyncio import TimerHandle, Transport
from collections.abc import Sized
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from server.accesslog import AccessLog, line
from server.cache_answer import NOSNIFF, WHOLE
from server.front import PROBLEM_HEADERS, Problem, new_request_id

NEVER = float("inf")
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


class Protocol(HttpToolsProtocol):
    """One connection of a client."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Not a part of each scope's state: the application has it already.
        self.app_state = dict(self.app_state)
        self.policy: Policy = self.app_state.pop(STATE_KEY, None) or Policy()
        self.limits = self.policy.limits
        self._extensions = {WHOLE: self.answer_whole}
        self._due = self._timer_at = NEVER
        self._timer: TimerHandle | None = None
        self._head_bytes = 0
        # uvicorn's own, the date, which it renews each second with the list that they stand in.
        self._own_headers: list[tuple[bytes, bytes]] = []
        self._own_lines = b""
        self._deaf = False
        self._refusal = (400, "The request is not HTTP/1.1 as RFC 9112 has it.")

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.policy.connections = self.connections
        self._wait(self.limits.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        if not self._head_bytes and self.cycle is not None:
            self._due = NEVER  # no longer idle
        self._head_bytes += len(data)
        super().data_received(data)
        if not self._in_head():
            self._head_bytes = 0
        elif self._head_bytes > self.limits.head_bytes:
            self._refusal = self._too_long()
            self.send_400_response("")
        elif self._due == NEVER:
            self._wait(self.limits.head_seconds)

    def on_headers_complete(self) -> None:
        self._due = NEVER
        if len(self.url) > self.limits.address_bytes or self._head_bytes > self.limits.head_bytes:
            self._check_head()
        self.scope["extensions"] = self._extensions  # type: ignore[typeddict-item]
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """As uvicorn's, but for the timer of the time between two requests."""
        if self.pipeline:
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            self.flow.resume_reading()
            if not self._in_head():
                self._wait(self.limits.idle_seconds)

    def answer_whole(self, scope: Scope, head: bytes, body: bytes) -> bool:
        """Send the whole answer to the request of this scope, or say that ASGI's messages must do it.

        head: up to the last header line, without Date and Connection. False where the client takes no more now, has
        left, has sent further requests meanwhile, or has been sent the beginning of an answer.
        """
        cycle = self.cycle
        if cycle.scope is not scope or cycle.response_started or cycle.disconnected or self.flow.write_paused:
            return False
        cycle.response_started = cycle.response_complete = True
        if cycle.default_headers is not self._own_headers:
            self._own_headers = cycle.default_headers
            self._own_lines = b"".join([b"%b: %b\r\n" % pair for pair in self._own_headers])
        close = b"" if cycle.keep_alive else b"connection: close\r\n"
        self.transport.write(b"%b%b%b\r\n%b" % (head, self._own_lines, close, body))
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()
        return True

    def _in_head(self) -> bool:
        """Whether a head has begun and not ended, which is when uvicorn writes the method down."""
        return self.scope is not None and "method" not in self.scope

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

    def _wait(self, seconds: float) -> None:
        """From now on so long, and no longer; a request that is let in ends it."""
        self._due = self.loop.time() + seconds
        if self._due < self._timer_at:
            self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = self._due
        self._timer = self.loop.call_at(self._due, self._look)

    def _look(self) -> None:
        """The timer's time has come; what it was set for may have been put off since."""
        self._timer, self._timer_at = None, NEVER
        if self._due <= self.loop.time():
            self._too_slow()
        elif self._due < NEVER:
            self._set_timer()

    def _stop_waiting(self) -> None:
        self._due = NEVER
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        if self._in_head():
            self._refusal = (408, f"The request's head did not come within {self.limits.head_seconds:g} s.")
            self.send_400_response("")
        else:
            self.transport.close()  # nothing was asked, so there is nothing to answer

    def _gives_up_body(self) -> bool:
        """Whether the fault is in the body of a request that is not answered yet; its application is told.

        For it the client has gone, and what it would send now goes nowhere.
        """
        if not self.cycle.more_body or self.cycle.response_started or self.pipeline:
            return False
        self.cycle.disconnected = True
        self.cycle.message_event.set()
        return True

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  uvicorn's own words
        """Answer what no application is asked, and end the connection; uvicorn calls it when its parser fails."""
        if self._deaf or self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete and not self._gives_up_body():
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
        self._stop_waiting()
        self._timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)
        self.policy.refused += 1
        if self.policy.access_log is not None:
            size = len(body)
            self.policy.access_log.add(
                line(self.client, "-", b"-", status, size=size, seconds=0.0, request_id=request_id)
            )
