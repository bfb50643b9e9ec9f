"""What aiohttp's parser would have read: the message of a request without a body, made from its scope.

Only the plain kind is made here. Whatever could be read in two ways is left to the parser.
"""

import re
from typing import Any

from aiohttp import hdrs
from aiohttp.http import HttpVersion11, RawRequestMessage
from multidict import CIMultiDict, CIMultiDictProxy, istr
from yarl import URL

from server.wire import BadRequest, Headers, Scope, host_of, request_headers, target

# aiohttp's own limits.
_LINE_BYTES = 8190
_HEADERS = 100
_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "DELETE"))
_NOT_PLAIN = re.compile(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]")
_PLAIN_ID = re.compile(rb"[A-Za-z0-9._-]+")
_ID, _NAME_OF_ID = b"x-request-id", "X-Request-ID"
_PARSERS_OWN = frozenset((b"content-encoding", b"sec-websocket-key1"))

# aiohttp's parser gives the names that it knows as these objects.
_NAMES = {name.lower().encode(): name for name in vars(hdrs).values() if isinstance(name, istr)}

Fields = tuple[CIMultiDictProxy[str], tuple[tuple[bytes, bytes], ...]]


class MessageReader:
    """Reads one client's scopes; what the client repeats is read once.

    `limit_bytes` bounds the target and all headers together, so that no limit of aiohttp's parser is met
    here; `header_limit` bounds their number.
    """

    _asked: tuple[object, ...] | None = None
    _message: RawRequestMessage | None = None
    _headers: Headers | None = None
    _fields: Fields | None = None

    def __init__(self, *, strip_root_path: bool, limit_bytes: int, header_limit: int) -> None:
        self._strip_root_path = strip_root_path
        self._limit_bytes = limit_bytes
        self._header_limit = header_limit

    def read(self, scope: Scope) -> RawRequestMessage | None:
        """The message of `scope`; None when it has a body or is not plain, so that the parser must read it."""
        headers: Headers = scope["headers"]
        asked = (
            scope["method"],
            scope.get("raw_path") or scope["path"],
            scope.get("query_string"),
            scope.get("root_path"),
            scope.get("http_version"),
        )
        if headers == self._headers:
            if asked == self._asked:
                return self._message
        else:
            self._fields = self._renewed(headers) or self._read_headers(headers, scope)
            self._headers = list(headers)
        self._asked = asked
        self._message = self._read(scope, self._fields) if self._fields else None
        return self._message

    def _renewed(self, headers: Headers) -> Fields | None:
        """The fields of headers that differ from the last ones in the request's id alone, which stands at their end."""
        last, fields = self._headers, self._fields
        if not last or fields is None or last[-1][0] != _ID or headers[:-1] != last[:-1]:
            return None
        name, value = headers[-1] if headers else last[-1]
        if name != _ID or len(value) != len(last[-1][1]) or not _PLAIN_ID.fullmatch(value):
            return None
        decoded = CIMultiDict(fields[0])
        decoded[_NAME_OF_ID] = value.decode("ascii")
        raw = tuple([(pair[0], value) if pair[0].lower() == _ID else pair for pair in fields[1]])
        return CIMultiDictProxy(decoded), raw

    def _read(self, scope: Scope, fields: Fields) -> RawRequestMessage | None:
        method = scope["method"]
        if method not in _METHODS or scope.get("http_version") != "1.1":
            return None
        try:
            path = target(scope, strip_root_path=self._strip_root_path).decode("ascii")
            url = _url(path)
        except (ValueError, BadRequest):
            return None
        if url is None or len(path) > self._limit_bytes:
            return None
        headers, raw_headers = fields
        close = headers.get("Connection") == "close"
        return RawRequestMessage(method, path, HttpVersion11, headers, raw_headers, close, None, False, False, url)

    def _read_headers(self, headers: Headers, scope: Scope) -> Fields | None:
        try:
            read = request_headers(headers, host=host_of(scope))
        except BadRequest:
            return None
        lines = read.lines[:-4].split(b"\r\n")
        if read.length != 0 or read.expects or _NOT_PLAIN.search(read.lines):
            return None
        if len(read.lines) > self._limit_bytes or len(lines) > self._header_limit:
            return None
        raw = tuple((name, value) for name, _, value in (line.partition(b": ") for line in lines))
        names = {name.lower() for name, _ in raw}
        if len(names) < len(raw) or names & _PARSERS_OWN or any(value != value.strip(b" ") for _, value in raw):
            return None
        decoded = [
            (_NAMES.get(name.lower()) or name.decode("ascii"), value.decode("utf-8", "surrogateescape"))
            for name, value in raw
        ]
        return CIMultiDictProxy(CIMultiDict(decoded)), raw


def reader_for(options: dict[str, Any], *, strip_root_path: bool) -> MessageReader:
    """A reader whose limits are those of aiohttp's parser under the options of an AppRunner, or stricter."""
    limit = min(options.get("max_line_size", _LINE_BYTES), options.get("max_field_size", _LINE_BYTES))
    header_limit = min(options.get("max_headers", _HEADERS), _HEADERS)
    return MessageReader(strip_root_path=strip_root_path, limit_bytes=limit, header_limit=header_limit)


def _url(path: str) -> URL | None:
    """The URL of a target in origin form (RFC 9112, section 3.2.1), as aiohttp's parser builds it; None for others."""
    if path[:1] != "/" or path[:2] == "//" or "#" in path:
        return None
    before, _, query = path.partition("?")
    return URL.build(path=before, query_string=query, encoded=True)
