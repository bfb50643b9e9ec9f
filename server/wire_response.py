"""The bridge's pure core, homeward half: the bytes that aiohttp writes become status, headers and body."""

import re

from server.wire_head import NO_BODY, Head, HeadReader, WireError

HEAD_LIMIT_BYTES = 1024 * 1024
_CHUNK_SIZE = re.compile(rb"[0-9a-fA-F]{1,15}")


class ResponseReader:
    """Reads one response from any cutting of its bytes.

    `head_only` is for HEAD: the headers promise a body that does not follow. `upgrade` is for
    handshakes: after a 101 the rest is another protocol, and comes as it is. After each `feed`,
    `complete` says whether the response has ended, `upgraded` whether it was a 101 and an
    upgrade, and `surplus` how many bytes came after the end.
    """

    _held = b""
    _in_body = False
    _chunked = False
    _chunk_lead = 0
    _left: int | None = None
    complete = False
    upgraded = False
    surplus = 0

    def __init__(self, heads: HeadReader, *, head_only: bool = False, upgrade: bool = False) -> None:
        self._heads = heads
        self._head_only = head_only
        self._upgrade = upgrade

    def feed(self, data: bytes) -> list[Head | bytes]:
        """What `data` adds: heads (informational ones too), then at most one piece of the body.

        Raises WireError when it is not HTTP.
        """
        if not (self._in_body or self._held or self._head_only):
            end = data.find(b"\r\n\r\n")
            head = self._heads.known.get(data[:end])
            if head is not None and head.length == len(data) - end - 4:
                # A whole answer under a head seen before: by far the most common case.
                self._in_body = self.complete = True
                return [head, data[end + 4 :]] if head.length else [head]
        events: list[Head | bytes] = []
        if not self._in_body:
            data = self._feed_heads(self._held + data if self._held else data, events)
        if data and (body := self._body(data)):
            events.append(body)
        return events

    def whole(self, head: Head, body: bytes) -> list[Head | bytes]:
        """An answer that needs no reading: what `feed` would have made of it."""
        self._in_body = self.complete = True
        return [head, body] if body else [head]

    def end(self) -> bool:
        """The connection has closed: is the response whole?"""
        if self._in_body and not self._chunked and self._left is None:
            self.complete = True
        return self.complete

    def _feed_heads(self, data: bytes, events: list[Head | bytes]) -> bytes:
        while not self._in_body:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._held = data
                if len(data) > HEAD_LIMIT_BYTES:
                    raise WireError("the head of the response does not end")
                return b""
            head = self._heads.read(data[:end])
            events.append(head)
            data = data[end + 4 :]
            if head.status >= 200 or head.status == 101:
                self._begin_body(head)
        self._held = b""
        return data

    def _begin_body(self, head: Head) -> None:
        """RFC 9112, section 6.3: how long the body is."""
        self._in_body = True
        if head.status == 101 and self._upgrade:
            self.upgraded = True
        elif self._head_only or head.status in NO_BODY:
            self.complete = True
        elif head.chunked:
            self._chunked = True
            self._left = 0
        else:
            self._left = head.length
            self.complete = head.length == 0

    def _body(self, data: bytes) -> bytes:
        if self.complete:
            self.surplus += len(data)
            return b""
        if self._chunked:
            return self._chunks(data)
        if self._left is None:
            return data
        body = data[: self._left]
        self._left -= len(body)
        self.complete = self._left == 0
        self.surplus = len(data) - len(body)
        return body

    def _chunks(self, data: bytes) -> bytes:
        if self._held:
            data, self._held = self._held + data, b""
        pieces = []
        position = 0
        while not self.complete:
            if not self._left:
                position = self._chunk_size(data, position)
                if self._held or self.complete:
                    break
            piece = data[position : position + (self._left or 0)]
            pieces.append(piece)
            position += len(piece)
            self._left = (self._left or 0) - len(piece)
            if self._left or position == len(data):
                break
        if self.complete:
            self.surplus = len(data) - position
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _chunk_size(self, data: bytes, position: int) -> int:
        """Read the line that begins a chunk; hold the bytes back when it is not whole yet."""
        start = position + self._chunk_lead
        end = data.find(b"\r\n", start)
        if end < 0 or ((last := _is_last(data[start:end])) and len(data) < end + 4):
            self._held = data[position:]
            if len(self._held) > 64:
                raise WireError("a chunk's size line does not end")
            return position
        if data[position:start] not in (b"", b"\r\n") or (last and data[end + 2 : end + 4] != b"\r\n"):
            raise WireError("a chunk does not end where its size says")
        self._left = int(data[start:end], 16)
        self._chunk_lead = 2
        self.complete = last
        return end + 4 if last else end + 2


def _is_last(size: bytes) -> bool:
    if not _CHUNK_SIZE.fullmatch(size):
        raise WireError("a chunk's size is not a number")
    return not size.strip(b"0")
