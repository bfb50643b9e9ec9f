"""The bridge's pure core for WebSockets: RFC 6455 frames to and from aiohttp, and the handshake it expects."""

import base64
import struct
import zlib
from enum import IntEnum
from typing import NamedTuple

from server.wire import Headers, Scope, join_lines, request_line, spell
from server.wire_head import WireError

NO_STATUS = 1005
ABNORMAL = 1006
_FIN, _COMPRESSED, _RESERVED, _OPCODE, _MASKED = 0x80, 0x40, 0x30, 0x0F, 0x80
_NEVER_SENT = frozenset((1004, NO_STATUS, ABNORMAL, 1015))
_REASON_LIMIT_BYTES = 123
# The hop is memory, so the mask that hides bytes from proxies (section 5.3) may be nothing.
_NO_MASK = b"\x00\x00\x00\x00"
_KEY = base64.b64encode(bytes(16))
_DEFLATE_TAIL = b"\x00\x00\xff\xff"
_HANDSHAKE = frozenset((b"connection", b"upgrade", b"content-length", b"transfer-encoding", b"expect", b"keep-alive"))


class Opcode(IntEnum):
    """RFC 6455, section 5.2."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


class Frame(NamedTuple):
    """A whole message or a control frame."""

    opcode: Opcode
    payload: bytes


def handshake(scope: Scope, *, strip_root_path: bool, extensions: bool = False) -> bytes:
    """The opening handshake (RFC 6455, section 4.1) for a `websocket` scope.

    The client's `extensions`, which are compression, are left out where the ASGI server speaks to
    the client: it has negotiated before. Raises BadRequest.
    """
    headers: Headers = scope["headers"]
    key = next((value for name, value in headers if name == b"sec-websocket-key"), _KEY)
    lines = [
        spell(name) + value
        for name, value in headers
        if name not in _HANDSHAKE and not name.startswith(b"sec-websocket-")
    ]
    lines += [b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Key: " + key]
    if extensions:
        lines += [spell(name) + value for name, value in headers if name == b"sec-websocket-extensions"]
    if subprotocols := scope.get("subprotocols"):
        lines.append(b"Sec-WebSocket-Protocol: " + ", ".join(subprotocols).encode())
    get = {**scope, "method": "GET", "http_version": "1.1"}
    return request_line(get, strip_root_path=strip_root_path) + join_lines(lines)


def client_frame(opcode: Opcode, payload: bytes) -> bytes:
    """One unfragmented frame as a client sends it."""
    length = len(payload)
    if length < 126:
        head = struct.pack("!BB", _FIN | opcode, _MASKED | length)
    elif length < 65536:
        head = struct.pack("!BBH", _FIN | opcode, _MASKED | 126, length)
    else:
        head = struct.pack("!BBQ", _FIN | opcode, _MASKED | 127, length)
    return head + _NO_MASK + payload


def close_payload(code: int, reason: str) -> bytes:
    """The payload of a close frame; empty for the codes that stand for its absence (section 7.4.1)."""
    if code in _NEVER_SENT:
        return b""
    return struct.pack("!H", code) + _clip(reason)


def close_reason(payload: bytes) -> tuple[int, str]:
    """The code and the reason in a close frame's payload; NO_STATUS when it has none."""
    if len(payload) < 2:
        return NO_STATUS, ""
    return int.from_bytes(payload[:2]), payload[2:].decode("utf-8", "replace")


def _clip(reason: str) -> bytes:
    return reason.encode()[:_REASON_LIMIT_BYTES].decode("utf-8", "ignore").encode()


class FrameReader:
    """Reads a server's frames from any cutting of their bytes, and joins fragments into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._needed = 2
        self._parts: list[bytes] = []
        self._opcode: Opcode | None = None
        self._compressed = False

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes. Raises WireError when it is no WebSocket."""
        self._buffer += data
        frames: list[Frame] = []
        # A large message comes in many pieces: it is not looked at again before it can be whole.
        while len(self._buffer) >= self._needed and (taken := self._take()):
            frames += self._assemble(*taken)
        return frames

    def _take(self) -> tuple[int, bytes] | None:
        """Take a frame's first byte and payload off the buffer; None when it is not whole yet."""
        first, second = self._buffer[0], self._buffer[1]
        if first & _RESERVED or second & _MASKED:
            raise WireError("a server's frame has reserved bits or a mask")
        length, start = self._length(second)
        self._needed = start + length
        if len(self._buffer) < self._needed:
            return None
        payload = bytes(memoryview(self._buffer)[start : self._needed])
        del self._buffer[: self._needed]
        self._needed = 2
        return first, payload

    def _length(self, second: int) -> tuple[int, int]:
        """The payload's length, 0 while that is unknown, and where it begins."""
        if second < 126:
            return second, 2
        start = 4 if second == 126 else 10
        if len(self._buffer) < start:
            return 0, start
        return int.from_bytes(self._buffer[2:start]), start

    def _assemble(self, first: int, payload: bytes) -> list[Frame]:
        try:
            opcode = Opcode(first & _OPCODE)
        except ValueError:
            raise WireError("a frame's opcode is unknown") from None
        if opcode >= Opcode.CLOSE:
            return [Frame(opcode, payload)]
        if (opcode is Opcode.CONTINUATION) == (self._opcode is None):
            raise WireError("fragments are out of order")
        if self._opcode is None:
            self._opcode, self._compressed = opcode, bool(first & _COMPRESSED)
        self._parts.append(payload)
        if not first & _FIN:
            return []
        whole = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        frame = Frame(self._opcode, _inflate(whole) if self._compressed else whole)
        self._parts, self._opcode = [], None
        return [frame]


def _inflate(payload: bytes) -> bytes:
    """RFC 7692, section 7.2.2: a handler may compress one message although nobody negotiated it."""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(payload + _DEFLATE_TAIL)
    except zlib.error as error:
        raise WireError("a compressed message does not inflate") from error
