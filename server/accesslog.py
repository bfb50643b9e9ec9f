"""Access lines, written in batches by a thread: a request costs the event loop its line and an append.

The lines are bytes from the beginning: one is made on the loop in less time than an object with its parts, the thread
has nothing to do that would hold the interpreter's lock, and the garbage collector does not look at them.
"""

import re
import sys
import threading
import time
from functools import lru_cache
from typing import BinaryIO

FLUSH_SECONDS = 0.25
PLAIN = re.compile(rb"[!#-~]*")
"""What stands in a line as it is: neither blanks, quotes nor anything that could end the line or colour a terminal."""

KEPT_LINES = 50_000
"""Lines kept while the stream does not take them; further ones are dropped and counted."""

NO_ADDRESS = ("-", 0)


class AccessLog:
    """Collects lines on the loop and writes them to `stream` every quarter of a second, and at the end."""

    def __init__(self, stream: BinaryIO | None = None) -> None:
        self.stream = stream or sys.stdout.buffer
        self.dropped = self.lost = 0
        self.lines: list[bytes] = []
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

    def add(self, text: bytes) -> None:
        if len(self.lines) >= KEPT_LINES:
            self.dropped += 1
            return
        self.lines.append(text)

    def _work(self) -> None:
        while not self._stop.wait(FLUSH_SECONDS):
            self._flush()
        self._flush()

    def _flush(self) -> None:
        count = len(self.lines)
        taken = self.lines[:count]
        del self.lines[:count]  # the loop may have added more meanwhile
        if self.dropped:
            self.lost += self.dropped
            taken.append(b"access log: %d lines dropped, the stream was too slow\n" % self.dropped)
            self.dropped = 0
        if not taken:
            return
        try:
            self.stream.write(b"".join(taken))
            self.stream.flush()
        except (OSError, ValueError):
            self.dropped += len(taken)  # nobody reads any more; serving goes on


def line(
    client: tuple[str, int] | None,
    method: str,
    target: bytes,
    status: int,
    *,
    size: int,
    seconds: float,
    request_id: bytes,
) -> bytes:
    """One line for a request that was answered now: `size` of the body in bytes, `seconds` to the last byte.

    A target's bytes that could end the line or colour a terminal are escaped.
    """
    return b'%b %b "%b %b" %d %d %.2fms %b\n' % (
        stamp(int(time.time())),
        (client or NO_ADDRESS)[0].encode(),
        method.encode(),
        target if PLAIN.fullmatch(target) else escaped(target),
        status,
        size,
        seconds * 1000,
        request_id,
    )


def escaped(target: bytes) -> bytes:
    r"""The target with every byte outside PLAIN as `\xhh`.

    >>> escaped(b"/api?q=a b")
    b'/api?q=a\\x20b'
    """
    return b"".join(bytes((byte,)) if PLAIN.fullmatch(bytes((byte,))) else b"\\x%02x" % byte for byte in target)


@lru_cache(maxsize=2)
def stamp(second: int) -> bytes:
    """A second since the epoch as RFC 3339 has it; thousands of lines share one.

    >>> stamp(0)
    b'1970-01-01T00:00:00Z'
    """
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second)).encode()
