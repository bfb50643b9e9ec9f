"""The pure core for WebSockets: frames, messages and the handshake."""

import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.wire_frames import FrameReader, Opcode, client_frame, close_payload, close_reason, handshake
from server.wire_head import WireError
from tests.server.bridge.asgi import scope_with
from tests.server.bridge.test_wire_response import cut


def server_frame(opcode: int, payload: bytes, *, first: int = 0x80) -> bytes:
    length = len(payload)
    if length < 126:
        return struct.pack("!BB", first | opcode, length) + payload
    if length < 65536:
        return struct.pack("!BBH", first | opcode, 126, length) + payload
    return struct.pack("!BBQ", first | opcode, 127, length) + payload


@given(
    st.lists(
        st.tuples(st.sampled_from([Opcode.TEXT, Opcode.BINARY, Opcode.PING]), st.binary(max_size=300)), max_size=6
    ),
    st.lists(st.integers(0, 3000), max_size=8),
)
def test_frames_are_the_same_however_they_are_cut(sent: list[tuple[Opcode, bytes]], at: list[int]) -> None:
    reader = FrameReader()
    data = b"".join(server_frame(opcode, payload) for opcode, payload in sent)
    assert [tuple(frame) for piece in cut(data, at) for frame in reader.feed(piece)] == sent


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536, 300_000])
def test_every_way_to_say_a_length(size: int) -> None:
    assert FrameReader().feed(server_frame(2, bytes(size)))[0].payload == bytes(size)


def test_fragments_become_one_message_around_a_control_frame() -> None:
    data = server_frame(1, b"ab", first=0) + server_frame(9, b"!") + server_frame(0, b"cd")
    assert FrameReader().feed(data) == [(Opcode.PING, b"!"), (Opcode.TEXT, b"abcd")]


def test_a_compressed_message_is_inflated() -> None:
    deflate = zlib.compressobj(wbits=-15)
    packed = (deflate.compress(b"abc" * 100) + deflate.flush(zlib.Z_SYNC_FLUSH)).removesuffix(b"\x00\x00\xff\xff")
    assert FrameReader().feed(server_frame(1, packed, first=0xC0)) == [(Opcode.TEXT, b"abc" * 100)]


@pytest.mark.parametrize(
    "wrong",
    [
        server_frame(3, b""),
        server_frame(0, b"late"),
        server_frame(1, b"a", first=0) + server_frame(1, b"b"),
        server_frame(1, b"a", first=0x90),
        b"\x81\x81\x00\x00\x00\x00a",
        server_frame(1, b"\xff\xff\xff", first=0xC0),
    ],
)
def test_what_is_no_websocket_is_an_error(wrong: bytes) -> None:
    with pytest.raises(WireError):
        FrameReader().feed(wrong)


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    with suppress(WireError):
        FrameReader().feed(data)


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
def test_a_clients_frame_is_masked_with_nothing(size: int) -> None:
    frame = client_frame(Opcode.BINARY, bytes(size))
    assert frame[0] == 0x82
    assert frame[1] & 0x80
    assert len(frame) == size + 4 + (2 if size < 126 else 4 if size < 65536 else 10)


@pytest.mark.parametrize("code, reason", [(1000, ""), (4001, "enough"), (3000, "é" * 61)])
def test_close_codes_and_reasons_come_back(code: int, reason: str) -> None:
    assert close_reason(close_payload(code, reason)) == (code, reason)


def test_a_long_reason_is_clipped_between_characters() -> None:
    assert close_reason(close_payload(1000, "é" * 100)) == (1000, "é" * 61)


@pytest.mark.parametrize("code", [1004, 1005, 1006, 1015])
def test_codes_that_stand_for_absence_are_not_written(code: int) -> None:
    assert close_payload(code, "x") == b""
    assert close_reason(b"") == (1005, "")


def test_the_handshake_offers_no_extension_and_keeps_the_rest() -> None:
    headers = [
        (b"host", b"a"),
        (b"sec-websocket-key", b"MTIzNDU2Nzg5MDEyMzQ1Ng=="),
        (b"sec-websocket-extensions", b"permessage-deflate"),
        (b"upgrade", b"websocket"),
        (b"cookie", b"a=1"),
    ]
    opening = handshake(scope_with(type="websocket", headers=headers, subprotocols=["a", "b"]), strip_root_path=True)
    assert opening.split(b"\r\n") == [
        b"GET / HTTP/1.1",
        b"Host: a",
        b"Cookie: a=1",
        b"Connection: Upgrade",
        b"Upgrade: websocket",
        b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1Ng==",
        b"Sec-WebSocket-Protocol: a, b",
        b"",
        b"",
    ]
