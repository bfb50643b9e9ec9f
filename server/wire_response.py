"""The bridge's pure core, homeward half: the bytes that aiohttp writes become status, headers and body."""

import re
from typing import NamedTuple

from server.wire import Headers

HEAD_LIMIT_BYTES = 1024 * 1024
_KNOWN_LINES_LIMIT = 1024
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: .*)?", re.DOTALL)
_CHUNK_SIZE = re.compile(rb"[0-9a-fA-F]{1,15}")
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
# Hop-by-hop (RFC 9110, section 7.6.1): the ASGI server frames the answer anew.
_HOP = frozenset((b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"))
# What every ASGI server writes itself.
_DEFAULTS = frozenset((b"date", b"server"))
_WATCHED = _HOP | _DEFAULTS
_FRAMING = frozenset((b"connection", b"content-length", b"transfer-encoding"))
# Only lines without secrets are kept for the next answer.
_REPEATED = frozenset((b"cache-control", b"content-length", b"content-type", b"date", b"server", b"vary"))
_NO_BODY = frozenset((204, 304))

_known_lines: dict[bytes, tuple[bytes, bytes]] = {}
_known_statuses: dict[bytes, tuple[int, bool]] = {}


class WireError(Exception):
    """What was written is no HTTP/1.1 response: an application that writes to the transport itself."""


class Head(NamedTuple):
    """A response's head: names in lower case, hop-by-hop headers taken off but for `connection: close`.

    `legacy` is true when the line says HTTP/1.0: to a 1.1 request aiohttp says that only when it
    could not read the request.
    """

    status: int
    headers: Headers
    legacy: bool


class ResponseReader:
    """Reads one response from any cutting of its bytes.

    `head_only` is for HEAD: the headers promise a body that does not follow. After each `feed`,
    `complete` says whether the response has ended, `upgraded` whether a 101 has turned the rest
    into another protocol, and `surplus` how many bytes came after the end. `software` is the value
    of `Server` that nobody chose: it and any `Date` are left to the ASGI server; None keeps both.
    """

    __slots__ = (
        "_chunk_lead",
        "_chunked",
        "_head_only",
        "_held",
        "_in_body",
        "_left",
        "_software",
        "complete",
        "surplus",
        "upgraded",
    )

    def __init__(self, *, head_only: bool = False, software: bytes | None = None) -> None:
        self._head_only = head_only
        self._software = software
        self._held = b""
        self._in_body = False
        self._chunked = False
        self._chunk_lead = 0
        self._left: int | None = None
        self.complete = False
        self.upgraded = False
        self.surplus = 0

    def feed(self, data: bytes) -> list[Head | bytes]:
        """What `data` adds: heads (informational ones too) and pieces of the body, in order.

        Raises WireError when it is not HTTP.
        """
        if self._in_body:
            body = self._body(data)
            return [body] if body else []
        return self._heads(self._held + data if self._held else data)

    def end(self) -> bool:
        """The connection has closed: is the response whole?"""
        if self._in_body and not self._chunked and self._left is None:
            self.complete = True
        return self.complete

    def _heads(self, data: bytes) -> list[Head | bytes]:
        found: list[Head | bytes] = []
        while not self._in_body:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._held = data
                if len(data) > HEAD_LIMIT_BYTES:
                    raise WireError("the head of the response does not end")
                return found
            found.append(self._head(data[:end]))
            data = data[end + 4 :]
        self._held = b""
        if data and (body := self._body(data)):
            found.append(body)
        return found

    def _head(self, raw: bytes) -> Head:
        first, *lines = raw.split(b"\r\n")
        status, legacy = _known_statuses.get(first) or _status(first)
        headers: Headers = []
        framing: dict[bytes, bytes] = {}
        for line in lines:
            header = _known_lines.get(line) or _header(line)
            name = header[0]
            if name in _FRAMING:
                framing[name] = header[1].lower()
            if name not in _WATCHED or self._passes(header):
                headers.append(header)
        if status >= 200 or status == 101:
            self._begin_body(status, framing)
        if b"connection" in framing or status in _NO_BODY or status < 200:
            headers = _for_asgi(status, headers, framing)
        return Head(status, headers, legacy)

    def _passes(self, header: tuple[bytes, bytes]) -> bool:
        name, value = header
        if name in _DEFAULTS:
            return self._software is None or (name == b"server" and value != self._software)
        return False

    def _begin_body(self, status: int, framing: dict[bytes, bytes]) -> None:
        """RFC 9112, section 6.3: how long the body is."""
        self._in_body = True
        if status == 101:
            self.upgraded = True
        elif self._head_only or status in _NO_BODY:
            self.complete = True
        elif b"transfer-encoding" in framing:
            if framing[b"transfer-encoding"] != b"chunked":
                raise WireError("the transfer coding is not chunked")
            self._chunked = True
            self._left = 0
        elif (length := framing.get(b"content-length")) is not None:
            self._left = int(length) if length.isdigit() else _refuse("the Content-Length is not a number")
            self.complete = self._left == 0

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
    status = int(match[2]), match[1] == b"0"
    if len(_known_statuses) < _KNOWN_LINES_LIMIT:
        _known_statuses[line] = status
    return status


def _header(line: bytes) -> tuple[bytes, bytes]:
    name, colon, value = line.partition(b":")
    if not colon or not _NAME.fullmatch(name) or _CONTROL.search(value):
        raise WireError("a header holds a control character, or is none")
    header = name.lower(), value.strip(b" \t")
    if header[0] in _REPEATED:
        if len(_known_lines) >= _KNOWN_LINES_LIMIT:
            _known_lines.clear()
        _known_lines[line] = header
    return header


def _for_asgi(status: int, headers: Headers, framing: dict[bytes, bytes]) -> Headers:
    """Take off what the ASGI server must write itself, or would stumble over."""
    close = b"close" in framing.get(b"connection", b"")
    headers = [header for header in headers if header[0] != b"connection"]
    if status in _NO_BODY or status < 200:
        # A 304 may carry the length of the body that it does not send: uvicorn raises for want of it.
        headers = [header for header in headers if header[0] != b"content-length"]
    return [*headers, (b"connection", b"close")] if close else headers


def _refuse(why: str) -> int:
    raise WireError(why)
