"""aiohttp's stream writer, which keeps a whole answer as it is instead of writing it out to be read again."""

from typing import Any

from aiohttp.http import StreamWriter
from multidict import CIMultiDict

from server.bridge_lane import HIGH_WATER_BYTES, Lane
from server.wire_head import Head, HeadReader, written_size

Whole = tuple[Head, bytes]
"""An answer that came in one piece, and was not written out."""


class AnswerWriter(StreamWriter):
    """Writes to its lane as ever, except for a small answer that comes in one piece: that waits in `whole`.

    `lane` and `heads` are set by whoever makes the writer. A head is held back until it is known what
    follows it; then it is in `whole`, or written out.
    """

    lane: Lane
    heads: HeadReader
    whole: Whole | None = None
    # True once aiohttp writes an answer here.
    begun = False
    _head: Head | None = None
    # True once something is on its way, so that nothing may be held back.
    passing = False
    _status_line = ""
    _fields: tuple[tuple[str, str], ...] = ()

    async def write_headers(self, status_line: str, headers: CIMultiDict[str]) -> None:
        self.begun = True
        fields = tuple(headers.items())
        lane = self.lane
        if self.passing or lane.waiting or lane.closing or (head := self.heads.of(status_line, fields)) is None:
            await super().write_headers(status_line, headers)
            return
        self._head = head
        self._status_line = status_line
        self._fields = fields

    async def write_eof(self, chunk: bytes = b"") -> None:
        if self.whole is not None:
            return
        if (head := self._head) is not None:
            size = len(chunk)
            if head.length == size and size <= HIGH_WATER_BYTES and not self.lane.closing:
                self.output_size = written_size(self._status_line, self._fields) + size
                self.whole = head, bytes(chunk)
                return
            self.write_through()
        await super().write_eof(chunk)

    async def write(self, chunk: Any, **options: Any) -> None:
        self.write_through()
        await super().write(chunk, **options)

    def send_headers(self) -> None:
        self.write_through()
        super().send_headers()

    def set_eof(self) -> None:
        self.write_through()
        super().set_eof()

    def write_through(self) -> None:
        """Write out the head that is held back, if there is one."""
        if self._head is None or self.whole is not None:
            return
        self._head = None
        if self.lane.closing:
            return
        writing = super().write_headers(self._status_line, CIMultiDict(self._fields))
        try:
            writing.send(None)
        except StopIteration:
            return
        raise RuntimeError("aiohttp's writer waits before it has written a head")
