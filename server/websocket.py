"""The bridge's WebSocket half: aiohttp keeps the framing, and its frames become ASGI messages.

What ASGI has no message for stays between aiohttp and the bridge: a ping is answered here, and
compression belongs to the ASGI server, which alone speaks to the client.
"""

import asyncio
import logging
from typing import Any

from server.bridge_exchange import Message, Receive, Refused, Send
from server.bridge_lane import Lane
from server.wire import Scope
from server.wire_frames import (
    ABNORMAL,
    NO_STATUS,
    Frame,
    FrameReader,
    Opcode,
    client_frame,
    close_payload,
    close_reason,
)
from server.wire_head import Head, WireError
from server.wire_response import ResponseReader

# Where the server offers its transport (`bridge_tunnel`), aiohttp speaks to the client itself.
TRANSPORT_EXTENSION = "bridge.transport"
# As long as clients wait for the answer to their close frame before they hang up.
_CLOSE_SECONDS = 10.0
_HANDSHAKE = frozenset((b"connection", b"upgrade", b"sec-websocket-accept", b"sec-websocket-protocol"))
_logger = logging.getLogger("server.bridge")


class SocketAbandoned(Exception):
    """The handler failed after the handshake; raised so that the ASGI server hangs up as aiohttp has."""


class WebSocketExchange:
    """One `websocket` scope on a lane of its own, from the handshake to the handler's end."""

    def __init__(self, lane: Lane, scope: Scope, receive: Receive, send: Send) -> None:
        self._lane = lane
        self._scope = scope
        self._receive = receive
        self._send = send
        self._frames = FrameReader()
        self._accepted = False
        self._closed = False
        self._taken_over = False
        self._listener: asyncio.Task[None] | None = None
        self._hang_up: asyncio.TimerHandle | None = None

    async def run(self, reader: ResponseReader, handshake: bytes) -> None:
        """Open with `handshake`, carry messages both ways, and return when the handler has ended."""
        self._listener = asyncio.create_task(self._listening())
        try:
            self._lane.deliver(handshake)
            while not reader.complete:
                if data := self._lane.take():
                    await self._forward(reader.feed(data), reader, data)
                elif self._lane.closing or (self._lane.finished and not reader.upgraded):
                    break
                else:
                    await self._lane.news()
            await self._settle()
        except (OSError, WireError) as error:
            _logger.info("A WebSocket broke off: %s", error)
        finally:
            self._listener.cancel()
            if self._hang_up is not None:
                self._hang_up.cancel()
            self._lane.lose()
        await self._lane.handler_done()

    # From the handler to the client.

    async def _forward(self, events: list[Head | bytes], reader: ResponseReader, data: bytes) -> None:
        if reader.upgraded and not self._accepted and (transport := transport_of(self._scope)):
            self._accepted = self._closed = self._taken_over = True
            # aiohttp writes a head in one piece, so `data` begins with its 101.
            transport["take_over"](self._lane, data)
            return
        for event in events:
            if isinstance(event, bytes):
                await self._forward_body(event, reader)
            elif event.status == 101:
                await self._accept(event)
            elif event.status >= 200:
                await self._decline(event)
        if reader.complete and self._can_decline:
            await self._send({"type": "websocket.http.response.body", "body": b"", "more_body": False})

    async def _forward_body(self, data: bytes, reader: ResponseReader) -> None:
        if not reader.upgraded:
            if self._can_decline:
                await self._send({"type": "websocket.http.response.body", "body": data, "more_body": True})
            return
        for frame in self._frames.feed(data):
            await self._forward_frame(frame)

    async def _forward_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PING:
            # ASGI has no ping. The server sees to the client's liveness; the handler's heartbeat is content with us.
            self._lane.deliver(client_frame(Opcode.PONG, frame.payload))
        elif self._closed:
            return
        elif frame.opcode is Opcode.TEXT:
            await self._send({"type": "websocket.send", "text": frame.payload.decode()})
        elif frame.opcode is Opcode.BINARY:
            await self._send({"type": "websocket.send", "bytes": frame.payload})
        elif frame.opcode is Opcode.CLOSE:
            await self._close(frame.payload)

    async def _close(self, payload: bytes) -> None:
        code, reason = close_reason(payload)
        self._closed = True
        if self._listener is not None:
            # granian sends no close while somebody waits for a message.
            self._listener.cancel()
            await asyncio.wait([self._listener])
        await self._send({"type": "websocket.close", "code": 1000 if code == NO_STATUS else code, "reason": reason})
        # The client's own answer has no ASGI message, and aiohttp would wait for it.
        self._lane.deliver(client_frame(Opcode.CLOSE, payload))

    async def _accept(self, head: Head) -> None:
        self._accepted = True
        offered = dict(head.headers).get(b"sec-websocket-protocol")
        headers = [header for header in head.headers if header[0] not in _HANDSHAKE]
        subprotocol = offered.decode("latin-1") if offered else None
        await self._send({"type": "websocket.accept", "subprotocol": subprotocol, "headers": headers})

    @property
    def _can_decline(self) -> bool:
        return "websocket.http.response" in (self._scope.get("extensions") or {})

    async def _decline(self, head: Head) -> None:
        """The handler answered as HTTP: pass it on where the server can, else close, which is a 403."""
        if self._closed:
            return
        self._closed = True
        if self._can_decline:
            start: Message = {"type": "websocket.http.response.start", "status": head.status}
            await self._send({**start, "headers": head.headers.copy()})
        else:
            await self._send({"type": "websocket.close", "code": 1000})

    async def _settle(self) -> None:
        """The handler's end: it has closed, it has declined, or it broke off."""
        if self._closed:
            return
        self._closed = True
        if not self._accepted:
            raise Refused(500, "The handler gave no answer.")
        raise SocketAbandoned("the handler hung up without a close frame")

    # From the client to the handler.

    async def _listening(self) -> None:
        try:
            while (message := await self._receive())["type"] != "websocket.disconnect":
                if message["type"] == "websocket.receive":
                    await self._lane.readable()
                    self._lane.deliver(_data_frame(message))
            self._disconnect(message.get("code", NO_STATUS), message.get("reason") or "")
        except Exception as error:
            if not isinstance(error, OSError):
                _logger.exception("The ASGI server's receive failed")
            self._disconnect(ABNORMAL, "")

    def _disconnect(self, code: int | None, reason: str) -> None:
        """The client has closed, or it has vanished; either way nothing more can be sent to it."""
        if self._closed and self._accepted and not self._taken_over:
            return
        self._closed = True
        if code == ABNORMAL or not self._accepted:
            self._lane.lose()
            return
        self._lane.deliver(client_frame(Opcode.CLOSE, close_payload(code or NO_STATUS, reason)))
        self._hang_up = asyncio.get_running_loop().call_later(_CLOSE_SECONDS, self._lane.lose)


def transport_of(scope: Scope) -> dict[str, Any] | None:
    """What the server offers of its transport, if it does."""
    extensions: dict[str, Any] = scope.get("extensions") or {}
    return extensions.get(TRANSPORT_EXTENSION)


def _data_frame(message: Message) -> bytes:
    text = message.get("text")
    if text is not None:
        return client_frame(Opcode.TEXT, text.encode())
    return client_frame(Opcode.BINARY, message.get("bytes") or b"")
