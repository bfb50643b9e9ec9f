"""The bridge's pure core, homeward half: the head of what aiohttp answers, as bytes or as its fields."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from server.wire import Headers

Fields = tuple[tuple[str, str], ...]

_KNOWN_HEADS_LIMIT = 256
_KNOWN_NAMES_LIMIT = 1024
_KNOWN_HEADERS_LIMIT = 1024
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: .*)?", re.DOTALL)
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
# Hop-by-hop (RFC 9110, section 7.6.1): the ASGI server frames the answer anew.
_HOP = frozenset((b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"))
_UPGRADE = frozenset((b"connection", b"upgrade"))
_FRAMING = frozenset((b"connection", b"content-length", b"transfer-encoding"))
_NOT_PASSED_AS_IT_IS = frozenset((*_HOP, *_FRAMING, b"date", b"server"))
_REPEATED = frozenset(
    (
        *(b"access-control-allow-origin", b"access-control-expose-headers"),
        *(b"cache-control", b"content-length", b"content-type", b"date", b"server", b"vary"),
    )
)
NO_BODY = frozenset((101, 204, 304))


class WireError(Exception):
    """What was written is no HTTP/1.1 response: an application that writes to the transport itself."""


class Head(NamedTuple):
    """A response's head: names in lower case, hop-by-hop headers taken off but for `connection: close`.

    `length` is what Content-Length says, None when it says nothing; `chunked` is the transfer
    coding. `legacy` is true when the line says HTTP/1.0: to a 1.1 request aiohttp says that only when
    it could not read the request.
    """

    status: int
    headers: Headers
    length: int | None
    chunked: bool
    close: bool
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
        self._known_fields: dict[tuple[str, Fields], Head] = {}
        self._known_plain: dict[tuple[int, str, Fields, int], Head] = {}
        self._names: dict[str, bytes] = {}
        self._known_headers: dict[tuple[str, str], tuple[bytes, bytes]] = {}

    def read(self, raw: bytes) -> Head:
        """Read a head, given without the empty line. Raises WireError."""
        return self.known.get(raw) or self._read(raw)

    def of(self, status_line: str, fields: Fields) -> Head | None:
        """What `read` would make of a head that is not written out yet; None when it is no head."""
        key = status_line, fields
        head = self._known_fields.get(key)
        if head is None and (head := self._of(status_line, fields)):
            _remember(self._known_fields, key, head)
        return head

    def plain(self, status: int, reason: str, fields: Fields, size: int) -> Head | None:
        """The head that aiohttp would write for a body of `size` bytes, from 1 on, of which `fields` say no length.

        None when that is not certain: a status that has no body, another framing, a `Date` to be kept.
        """
        key = status, reason, fields, size
        head = self._known_plain.get(key)
        if head is None and (head := self._plain(*key)):
            _remember(self._known_plain, key, head)
        return head

    def _plain(self, status: int, reason: str, fields: Fields, size: int) -> Head | None:
        if self._software is None or status < 200 or status in NO_BODY or not _can_begin(status, reason):
            return None
        try:
            headers = self._headers(fields)
        except (WireError, UnicodeError):
            return None
        names = {name for name, _ in headers}
        if not names.isdisjoint(_FRAMING):
            return None
        if not names.isdisjoint(_NOT_PASSED_AS_IT_IS):
            headers = [each for each in headers if each[0] not in _NOT_PASSED_AS_IT_IS or self._passes(status, *each)]
        headers.append((b"content-length", b"%d" % size))
        if b"content-type" not in names:
            headers.append((b"content-type", b"application/octet-stream"))
        return Head(status, headers, size, chunked=False, close=False, legacy=False)

    def _of(self, status_line: str, fields: Fields) -> Head | None:
        try:
            status, legacy = _status(status_line.encode())
            return self._head(status, self._headers(fields), legacy=legacy)
        except (WireError, UnicodeError):
            return None

    def _headers(self, fields: Fields) -> Headers:
        """The fields as ASGI has them; most of an answer's are those of other answers too, and read once."""
        known = self._known_headers.get
        return [known(field) or self._header(field) for field in fields]

    def _header(self, field: tuple[str, str]) -> tuple[bytes, bytes]:
        name, value = field
        encoded = value.encode()
        # What is printable holds no control character, and to ask so takes a fraction of the search's time.
        read = encoded.strip(b" \t") if value.isprintable() else _value(encoded)
        header = self._names.get(name) or self._name(name), read
        if header[0] in _REPEATED:
            if len(self._known_headers) >= _KNOWN_HEADERS_LIMIT:
                self._known_headers.clear()
            self._known_headers[field] = header
        return header

    def _name(self, name: str) -> bytes:
        lowered = _name(name.encode())
        if len(self._names) < _KNOWN_NAMES_LIMIT:
            self._names[name] = lowered
        return lowered

    def _read(self, raw: bytes) -> Head:
        first, *lines = raw.split(b"\r\n")
        status, legacy = _status(first)
        head = self._head(status, [_header(line) for line in lines], legacy=legacy)
        _remember(self.known, raw, head)
        return head

    def _head(self, status: int, headers: Headers, *, legacy: bool) -> Head:
        framing: dict[bytes, bytes] = {}
        passed: Headers = []
        for header in headers:
            name, value = header
            if name in _FRAMING:
                framing[name] = value.lower()
            if name not in _NOT_PASSED_AS_IT_IS or self._passes(status, name, value):
                passed.append(header)
        close = b"close" in framing.get(b"connection", b"")
        if close:
            passed.append((b"connection", b"close"))
        length, chunked = _body_framing(framing)
        return Head(status, passed, length, chunked, close, legacy)

    def _passes(self, status: int, name: bytes, value: bytes) -> bool:
        """Hop-by-hop headers and what every ASGI server writes itself do not pass.

        Nor does the length of a body that is not sent: a 304 may carry it, but uvicorn raises for want of the body.
        """
        if name in _HOP:
            return status == 101 and name in _UPGRADE
        if name == b"content-length":
            return status not in NO_BODY and status >= 200
        if name == b"date":
            return self._software is None
        return name != b"server" or value != self._software


def _remember(known: dict[Any, Head], key: object, head: Head) -> None:
    """Keep a head that may come again, if it holds no secret."""
    if all(name in _REPEATED for name, _ in head.headers):
        if len(known) >= _KNOWN_HEADS_LIMIT:
            known.clear()
        known[key] = head


@lru_cache(maxsize=64)
def _can_begin(status: int, reason: str) -> bool:
    """Whether a head may begin so."""
    try:
        return _status(f"HTTP/1.1 {status} {reason}".encode())[0] == status
    except (WireError, UnicodeError):
        return False


def written_size(status_line: str, fields: Iterable[tuple[str, str]]) -> int:
    """The bytes of a head with its empty line."""
    return len(status_line.encode()) + sum(len(name) + len(value.encode()) + 4 for name, value in fields) + 4


def _status(line: bytes) -> tuple[int, bool]:
    match = _STATUS_LINE.fullmatch(line)
    if match is None or _CONTROL.search(line):
        raise WireError("the status line is not HTTP/1.1's")
    return int(match[2]), match[1] == b"0"


def _header(line: bytes) -> tuple[bytes, bytes]:
    name, colon, value = line.partition(b":")
    if not colon:
        raise WireError("a line of the head is no header")
    return _name(name), _value(value)


def _name(name: bytes) -> bytes:
    if not _NAME.fullmatch(name):
        raise WireError("a header's name is not a token")
    return name.lower()


def _value(value: bytes) -> bytes:
    if _CONTROL.search(value):
        raise WireError("a header holds a control character")
    return value.strip(b" \t")


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
