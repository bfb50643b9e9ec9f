"""The bridge's pure core, outward half: an ASGI scope becomes the bytes of an HTTP/1.1 request.

Plain values in, plain values out: no loop, no server and no aiohttp is needed to test it.
"""

import re
from collections.abc import Iterable, MutableMapping
from typing import Any, NamedTuple
from urllib.parse import quote, unquote_to_bytes

Scope = MutableMapping[str, Any]
Headers = list[tuple[bytes, bytes]]

_NOT_TOKEN = re.compile(rb"[^!#$%&'*+\-.^_`|~0-9A-Za-z]")
_NOT_TARGET = re.compile(rb"[\x00-\x20\x7f]")
_PATH_SAFE = "/:@!$&'()*+,;=~"
_KNOWN_NAMES_LIMIT = 1024

# Names that title case would misspell.
_SPELLINGS = (
    b"Accept-CH",
    b"Content-MD5",
    b"DNT",
    b"ETag",
    b"HTTP2-Settings",
    b"NEL",
    b"Sec-CH-UA",
    b"Sec-CH-UA-Mobile",
    b"Sec-CH-UA-Platform",
    b"Sec-GPC",
    b"Sec-WebSocket-Accept",
    b"Sec-WebSocket-Extensions",
    b"Sec-WebSocket-Key",
    b"Sec-WebSocket-Protocol",
    b"Sec-WebSocket-Version",
    b"SOAPAction",
    b"TE",
    b"WWW-Authenticate",
    b"X-CSRFToken",
    b"X-UA-Compatible",
    b"X-XSS-Protection",
)
# Hop-by-hop (RFC 9110, section 7.6.1) or written anew by `request_headers`; they never pass through.
_OWN = frozenset(
    (
        b"connection",
        b"content-length",
        b"expect",
        b"http2-settings",
        b"keep-alive",
        b"proxy-connection",
        b"transfer-encoding",
        b"upgrade",
    )
)
_methods = {name: name.encode() + b" " for name in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")}
_spelled: dict[bytes, bytes] = {name.lower(): name + b": " for name in _SPELLINGS}


class BadRequest(Exception):
    """The scope can't be said in HTTP/1.1; the text says why, for the client."""


class RequestHeaders(NamedTuple):
    """The header lines of a request, ready to send, and how its body is framed.

    `length` is the body's length in bytes; None means chunked. `expects` is true when the client
    waits for `100 Continue` before it sends the body.
    """

    lines: bytes
    length: int | None
    expects: bool


def spell(name: bytes) -> bytes:
    """Give a lower-case header name its usual case, with the colon: `b"etag"` → `b"ETag: "`.

    Raises BadRequest when the name is no token (RFC 9110, section 5.6.2).
    """
    known = _spelled.get(name)
    if known is not None:
        return known
    if not name or _NOT_TOKEN.search(name):
        raise BadRequest("A header's name holds a character that is not allowed.")
    spelled = _spelled.get(name.lower()) or name.title() + b": "
    if len(_spelled) < _KNOWN_NAMES_LIMIT:
        _spelled[name] = spelled
    return spelled


def target(scope: Scope, *, strip_root_path: bool) -> bytes:
    """The request target (RFC 9112, section 3.2) of `scope`, without the mount's prefix if asked.

    A `raw_path` keeps the client's own escapes (`%2F` is not `/`); without one the path is quoted.
    Raises BadRequest for control characters and blanks.
    """
    raw_path = scope.get("raw_path") or quote(scope["path"], safe=_PATH_SAFE).encode("ascii")
    if strip_root_path and (root_path := scope.get("root_path", "")):
        raw_path = without_prefix(raw_path, root_path)
    query = scope.get("query_string", b"")
    whole: bytes = raw_path + b"?" + query if query else raw_path
    if _NOT_TARGET.search(whole):
        raise BadRequest("The request target holds a character that is not allowed.")
    return whole


def without_prefix(raw_path: bytes, root_path: str) -> bytes:
    """Take the mount's prefix off: `(b"/%61pi/a%2Fb", "/api")` → `b"/a%2Fb"`.

    `root_path` is decoded and `raw_path` is not, so they are compared decoded, and what remains
    keeps its escapes. A path outside the prefix is returned whole.
    """
    prefix = root_path.rstrip("/").encode()
    length = _raw_length(raw_path, prefix)
    if length is None or raw_path[length : length + 1] not in (b"", b"/"):
        return raw_path
    return raw_path[length:] or b"/"


def _raw_length(raw_path: bytes, prefix: bytes) -> int | None:
    """How many bytes of `raw_path` decode to `prefix`; None when it does not begin so."""
    if raw_path.startswith(prefix) and b"%" not in prefix:
        return len(prefix)
    position = 0
    for byte in prefix:
        step = 3 if raw_path[position : position + 1] == b"%" else 1
        if unquote_to_bytes(raw_path[position : position + step]) != bytes((byte,)):
            return None
        position += step
    return position


def request_line(scope: Scope, *, strip_root_path: bool) -> bytes:
    """The first line of the request that `scope` describes, with its line break.

    Raises BadRequest when the method is no token or the target holds a blank.
    """
    method = _methods.get(scope["method"]) or _method(scope["method"])
    version = b" HTTP/1.0\r\n" if scope.get("http_version") == "1.0" else b" HTTP/1.1\r\n"
    return method + target(scope, strip_root_path=strip_root_path) + version


def _method(method: str) -> bytes:
    spelled = method.encode("latin-1", "replace")
    if not spelled or _NOT_TOKEN.search(spelled):
        raise BadRequest("The method is not a token.")
    return spelled + b" "


def host_of(scope: Scope) -> bytes:
    """The Host that a client without one must have meant: the server's own address."""
    host, port = scope.get("server") or ("localhost", None)
    name = f"[{host}]" if ":" in host else host
    return (name if port in (None, 80, 443) else f"{name}:{port}").encode("latin-1", "replace")


def request_headers(headers: Headers, *, host: bytes, has_body: bool = False) -> RequestHeaders:
    """Write the header lines of a request, with the empty line that ends them.

    `has_body` says that a body follows although no header does (HTTP/2 needs none); in HTTP/1.1
    none follows then (RFC 9112, section 6.3). `host` is for clients that name none, which the ASGI
    server has let pass and aiohttp would not (section 3.2). Raises BadRequest when the headers would break the
    framing: a control character, an unusable length, a name that is no token.
    """
    lines: list[bytes] = []
    own: Headers = []
    if not any(_values(headers, b"host")):
        lines.append(b"Host: " + host)
    for name, value in headers:
        if name in _OWN:
            own.append((name, value))
        else:
            lines.append((_spelled.get(name) or spell(name)) + value)
    length, expects = _own_lines(own, lines, has_body=has_body) if own or has_body else (0, False)
    return RequestHeaders(join_lines(lines), length, expects)


def _own_lines(own: Headers, lines: list[bytes], *, has_body: bool | None) -> tuple[int | None, bool]:
    """Write what the hop to aiohttp needs of framing, and return the body's length and `expects`."""
    length = _body_length(own, has_body=has_body)
    if length is None:
        lines.append(b"Transfer-Encoding: chunked")
    elif any(name == b"content-length" for name, _ in own):
        lines.append(b"Content-Length: %d" % length)
    if token := _persistence(_values(own, b"connection")):
        lines.append(b"Connection: " + token)
    expectations = list(_values(own, b"expect"))
    lines.extend(b"Expect: " + value for value in expectations)
    return length, any(value.lower() == b"100-continue" for value in expectations)


def _body_length(own: Headers, *, has_body: bool | None) -> int | None:
    # Transfer-Encoding overrides Content-Length (RFC 9112, section 6.3).
    if any(_values(own, b"transfer-encoding")):
        return None
    lengths = set(_values(own, b"content-length"))
    if not lengths:
        return None if has_body else 0
    length = lengths.pop()
    if lengths or not length.isdigit() or len(length) > 18:
        raise BadRequest("The Content-Length is not one number.")
    return int(length)


def _values(headers: Headers, wanted: bytes) -> Iterable[bytes]:
    return (value for name, value in headers if name == wanted)


def _persistence(values: Iterable[bytes]) -> bytes:
    """Of the Connection header only what says whether the client stays; an upgrade is no business of HTTP's."""
    tokens = {token.strip().lower() for value in values for token in value.split(b",")}
    return b"close" if b"close" in tokens else b"keep-alive" if b"keep-alive" in tokens else b""


def join_lines(lines: list[bytes]) -> bytes:
    """End each line, and then the head; raises BadRequest if one of them holds a line break or a NUL."""
    joined = b"\r\n".join((*lines, b"", b"")) if lines else b"\r\n"
    breaks = len(lines) + 1
    if joined.count(b"\n") != breaks or joined.count(b"\r") != breaks or b"\x00" in joined:
        raise BadRequest("A header holds a control character.")
    return joined


class RequestBody:
    """Frames what `receive` brings, and keeps the count that the head has promised."""

    __slots__ = ("_chunked", "_left", "complete")

    def __init__(self, length: int | None) -> None:
        self._chunked = length is None
        self._left = length or 0
        self.complete = length == 0

    def frame(self, body: bytes, *, more: bool) -> bytes:
        """The bytes for the wire of one piece of the body.

        Raises BadRequest when the body is longer than its Content-Length (the rest would be read
        as another request, past every guard) or ends before it.
        """
        if self._chunked:
            self.complete = not more
            chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            return chunk if more else chunk + b"0\r\n\r\n"
        self._left -= len(body)
        self.complete = self._left == 0
        if self._left < 0 or (self._left and not more):
            raise BadRequest("The body's length is not its Content-Length.")
        return body
