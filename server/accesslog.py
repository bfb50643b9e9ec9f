"""Access lines, written in batches by a thread: a line costs the event loop an append."""

import re
import sys
import threading
import time
from collections import deque
from functools import lru_cache
from typing import NamedTuple, TextIO

FLUSH_SECONDS = 0.25
PLAIN = re.compile(rb"[!#-~]*")
"""What stands in a line as it is: neither blanks, quotes nor anything that could end the line or colour a terminal."""

KEPT_LINES = 50_000
"""Lines kept while the stream does not take them; older ones are dropped and counted."""


class Entry(NamedTuple):
    """One answered request: `seconds` to the last byte, `size` of the body in bytes, `at` seconds since the epoch."""

    at: float
    client: str
    method: str
    target: bytes
    status: int
    size: int
    seconds: float
    request_id: str


class AccessLog:
    """Collects entries on any thread and writes them to `stream` every quarter of a second, and at the end."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        self.dropped = 0
        self._entries: deque[Entry] = deque()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._stop.clear()
        self._thread = threading.Thread(target=self._work, name="access-log", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is left and end the thread; does nothing if it does not run."""
        if self._thread is not None:
            self._stop.set()
            self._thread.join(timeout=5)
            self._thread = None

    def add(self, entry: Entry) -> None:
        if len(self._entries) >= KEPT_LINES:
            self.dropped += 1
            return
        self._entries.append(entry)

    def _work(self) -> None:
        while not self._stop.wait(FLUSH_SECONDS):
            self._flush()
        self._flush()

    def _flush(self) -> None:
        lines = [line(self._entries.popleft()) for _ in range(len(self._entries))]
        if self.dropped:
            lines.append(f"access log: {self.dropped} lines dropped, the stream was too slow\n")
            self.dropped = 0
        if not lines:
            return
        try:
            self.stream.write("".join(lines))
            self.stream.flush()
        except (OSError, ValueError):
            self.dropped += len(lines)  # nobody reads any more; serving goes on


def line(entry: Entry) -> str:
    """One line of text; a target's bytes that could end it or colour a terminal are escaped.

    >>> line(Entry(0.0, "::1", "GET", b"/api?q=a b", 200, 12, 0.00123, "r1"))
    '1970-01-01T00:00:00Z ::1 "GET /api?q=a\\\\x20b" 200 12 1.23ms r1\\n'
    """
    target = entry.target.decode("ascii") if PLAIN.fullmatch(entry.target) else escaped(entry.target)
    took = f"{entry.seconds * 1000:.2f}ms"
    return (
        f'{stamp(int(entry.at))} {entry.client} "{entry.method} {target}" '
        f"{entry.status} {entry.size} {took} {entry.request_id}\n"
    )


def escaped(target: bytes) -> str:
    """The target with every byte outside PLAIN as `\\xhh`."""
    return "".join(chr(byte) if PLAIN.fullmatch(bytes((byte,))) else f"\\x{byte:02x}" for byte in target)


@lru_cache(maxsize=2)
def stamp(second: int) -> str:
    """A second since the epoch as RFC 3339 has it; thousands of lines share one."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
