"""Load at a constant rate, which wrk cannot give: what a request waits when the server is not driven to its limit.

Request number n is due n/rate seconds after the start, whatever became of those before it, and its latency is counted
from that moment: when the server stalls, the requests that could not even be sent count with all that they waited
(otherwise a stall of a second would be one slow request: "coordinated omission").
"""

import re
import select
import socket
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from bench.load import Report

WARM_UP_SECONDS = 0.5
LONGEST_ANSWER_SECONDS = 5.0
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass
class Line:
    """One connection and the request that is under way on it: when it was due, what has come of its answer."""

    socket: socket.socket
    due: float = 0.0
    received: bytearray = field(default_factory=bytearray)

    def send(self, path: str, due: float) -> None:
        self.due = due
        self.received.clear()
        self.socket.sendall(b"GET %b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % path.encode())

    def answered(self) -> int:
        """Read what has come: the status when the answer is whole, 0 before. Raises ConnectionError at its end."""
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("closed in the middle of an answer")
        self.received += part
        return status(self.received)


def status(received: bytearray) -> int:
    """The status of a whole answer, 0 while some of it is missing. Raises ValueError without a Content-Length."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return 0
    length = _LENGTH.search(received, 0, end)
    if not length:
        raise ValueError(f"no Content-Length: {bytes(received[:end])!r}")
    return int(received[9:12]) if len(received) >= end + 4 + int(length[1]) else 0


@dataclass
class Steady:
    """The run: requests that are due, those under way, and the latencies of those that have been answered."""

    pages: Iterator[str]
    rate: float
    idle: "deque[Line]"
    busy: dict[int, Line] = field(default_factory=dict)
    begun: float = field(default_factory=time.perf_counter)
    sent: int = 0
    latencies: list[float] = field(default_factory=list)
    non_2xx: int = 0

    def due(self) -> float:
        """When the next request is to be sent."""
        return self.begun + self.sent / self.rate

    def send_due(self, now: float) -> None:
        while self.idle and self.due() <= now:
            line = self.idle.popleft()
            line.send(next(self.pages), self.due())
            self.busy[line.socket.fileno()] = line
            self.sent += 1

    def wait(self, until: float) -> None:
        """Take answers as they come, until something is due."""
        timeout = max(0.0, until - time.perf_counter()) if self.idle else LONGEST_ANSWER_SECONDS
        for number in select.select(self.busy, [], [], timeout)[0]:
            line = self.busy[number]
            if found := line.answered():
                self.latencies.append(time.perf_counter() - line.due)
                self.non_2xx += not 200 <= found < 300
                self.idle.append(self.busy.pop(number))

    def run(self, seconds: float) -> None:
        """Send for so long, and await the rest. Raises TimeoutError when answers stay away."""
        end = self.begun + seconds
        while self.due() < end:
            self.send_due(time.perf_counter())
            self.wait(self.due())
        while self.busy:
            if time.perf_counter() > end + LONGEST_ANSWER_SECONDS:
                raise TimeoutError(f"{len(self.busy)} answers did not come")
            self.wait(end + LONGEST_ANSWER_SECONDS)


def measure(port: int, pages: Iterator[str], *, rate: float, seconds: float, connections: int) -> Report:
    """Ask for `pages` at `rate` a second; the report's rate is what was answered, warm-up apart."""
    with ExitStack() as stack:
        lines = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(connections)]
        for line in lines:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        run = Steady(pages, rate, deque(map(Line, lines)))
        run.run(WARM_UP_SECONDS + seconds)
    counted = sorted(run.latencies[int(rate * WARM_UP_SECONDS) :])
    p50, p99 = (1000 * counted[int(len(counted) * part)] for part in (0.5, 0.99))
    return Report(len(counted) / seconds, len(counted), p50, p99, non_2xx=run.non_2xx)
