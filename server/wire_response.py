"""The bridge's pure core, homeward half: the bytes that aiohttp writes become status, headers and body."""

import re
from typing import Any, NamedTuple

from server.wire import Headers

HEAD_LIMIT_BYTES = 1024 * 1024
_KNOWN_HEADS_LIMIT = 256
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: .*)?", re.DOTALL)
_CHUNK_SIZE = re.compile(rb"[0-9a-fA-F]{1,15}")
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
# Hop-by-hop (RFC 9110, section 7.6.1): the ASGI server frames the answer anew.
_HOP = frozenset((b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"))
_UPGRADE = frozenset((b"connection", b"upgrade"))
_FRAMING = frozenset((b"connection", b"content-length", b"transfer-encoding"))
_REPEATED = frozenset((b"cache-control", b"content-length", b"content-type", b"date", b"server", b"vary"))
_NO_BODY = frozenset((101, 204, 304))


class WireError(Exception):
    """What was written is no HTTP/1.1 response: an application that writes to the transport itself."""


class Head(NamedTuple):
    """A response's head: names in lower case, hop-by-hop headers taken off but for `connection: close`.

    `length` is what Content-Length says, None when it says nothing; `chunked` is the transfer
    coding. `size` is the bytes of the head with its empty line. `legacy` is true when the line says
    HTTP/1.0: to a 1.1 request aiohttp says that only when it could not read the request.
    """

    status: int
    headers: Headers
    length: int | None
    chunked: bool
    close: bool
    size: int
    legacy: bool

    def message(self) -> dict[str, Any]:
        """The `http.response.start` of ASGI. Its headers are a copy, since middlewares write into them."""
        return {"type": "http.response.start", "status": self.status, "headers": self.headers.copy()}


class HeadReader:
    """Reads heads, and remembers those that come again: within one second most do.

    `software` is the value of `Server` that nobody chose: it and any `Date` are left to the ASGI
    server; None keeps both.
    """

    def __init__(self, software: bytes | None = None) -> None:
        self._software = software
        self.known: dict[bytes, Head] = {}
        self._known_fields: dict[tuple[str, tuple[tuple[str, str], ...]], Head] = {}

    def read(self, raw: bytes) -> Head:
        """Read a head, given without the empty line. Raises WireError."""
        return self.known.get(raw) or self._read(raw)

    def of(self, status_line: str, fields: tuple[tuple[str, str], ...]) -> Head | None:
        """What `read` would make of a head that is not written out yet; None when it is no head."""
        return self._known_fields.get((status_line, fields)) or self._of(status_line, fields)

    def _of(self, status_line: str, fields: tuple[tuple[str, str], ...]) -> Head | None:
        text = "\r\n".join((status_line, *map(": ".join, fields)))
        if text.count("\n") != len(fields) or text.count("\r") != len(fields):
            return None
        try:
            raw = text.encode()
            head = self.read(raw)
        except (WireError, UnicodeError):
            return None
        if raw in self.known:
            if len(self._known_fields) >= _KNOWN_HEADS_LIMIT:
                self._known_fields.clear()
            self._known_fields[status_line, fields] = head
        return head

    def _read(self, raw: bytes) -> Head:
        first, *lines = raw.split(b"\r\n")
        status, legacy = _status(first)
        headers = [_header(line) for line in lines]
        framing = {name: value.lower() for name, value in headers if name in _FRAMING}
        passed = [header for header in headers if self._passes(status, *header)]
        close = b"close" in framing.get(b"connection", b"")
        if close:
            passed.append((b"connection", b"close"))
        length, chunked = _body_framing(framing)
        head = Head(status, passed, length, chunked, close, len(raw) + 4, legacy)
        # Only heads without secrets are remembered.
        if all(name in _REPEATED for name, _ in headers):
            self._remember(raw, head)
        return head

    def _passes(self, status: int, name: bytes, value: bytes) -> bool:
        """Hop-by-hop headers and what every ASGI server writes itself do not pass.

        Nor does the length of a body that is not sent: a 304 may carry it, but uvicorn raises for want of the body.
        """
        if name in _HOP:
            return status == 101 and name in _UPGRADE
        if name == b"content-length":
            return status not in _NO_BODY and status >= 200
        if name == b"date":
            return self._software is None
        return name != b"server" or value != self._software

    def _remember(self, raw: bytes, head: Head) -> None:
        if len(self.known) >= _KNOWN_HEADS_LIMIT:
            self.known.clear()
        self.known[raw] = head


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
        elif self._head_only or head.status in _NO_BODY:
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


def _status(line: bytes) -> tuple[int, bool]:
    match = _STATUS_LINE.fullmatch(line)
    if match is None or _CONTROL.search(line):
        raise WireError("the status line is not HTTP/1.1's")
    return int(match[2]), match[1] == b"0"


def _header(line: bytes) -> tuple[bytes, bytes]:
    name, colon, value = line.partition(b":")
    if not colon or not _NAME.fullmatch(name) or _CONTROL.search(value):
        raise WireError("a header holds a control character, or is none")
    return name.lower(), value.strip(b" \t")


def _body_framing(framing: dict[bytes, bytes]) -> tuple[int | None, bool]:
    if (coding := framing.get(b"transfer-encoding")) is not None:
        if coding != b"chunked":
            raise WireError("the transfer coding is not chunked")
        return None, True
    if (length := framing.get(b"content-length")) is None:
        return None, False
    if not length.isdigit() or len(length) > 18:
        raise WireError("the Content-Length is not a number")
    return int(length), False
