"""WebSockets on uvicorn's real transport: `uvicorn.run(app, ws=TransportWebSocket)`.

ASGI has no message for pings, raw frames and the client's half of a close. Where uvicorn runs with
this class, a bridge that accepts a WebSocket takes its transport over, and aiohttp speaks to the client
itself: its compression, heartbeats and close codes are then as on its own server. Other WebSocket
applications in the same process are served as ever.
"""

import asyncio

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from server.bridge_lane import Lane
from server.websocket import TRANSPORT_EXTENSION


class TransportWebSocket(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol, for its `ws` option; it offers its transport in the scope's extensions."""

    _taken = False

    async def run_asgi(self) -> None:
        """Run the application, which ends when its handler does, whoever speaks to the client by then."""
        self.scope["extensions"][TRANSPORT_EXTENSION] = {"take_over": self.take_over}
        await super().run_asgi()

    def take_over(self, lane: Lane, opening: bytes) -> None:
        """Write `opening`, the application's own 101, and leave the client to the lane."""
        self._taken = True
        self.handshake_complete = True
        self.transport.set_protocol(Tunnel(lane, self))
        self.transport.write(opening)
        lane.attach(self.transport)

    def shutdown(self) -> None:
        """The server stops: the application hears of it, and closes as it sees fit."""
        if self._taken:
            self.queue.put_nowait({"type": "websocket.disconnect", "code": 1012})
        else:
            super().shutdown()


class Tunnel(asyncio.Protocol):
    """Between the real transport and a lane whose far end has said 101.

    No byte reaches aiohttp before that, and after it aiohttp reads frames alone, so nothing that
    the client sends here can be a request that slips past the router.
    """

    def __init__(self, lane: Lane, uvicorn: asyncio.Protocol) -> None:
        self._lane = lane
        self._uvicorn = uvicorn

    def data_received(self, data: bytes) -> None:
        self._lane.deliver(data)

    def pause_writing(self) -> None:
        self._lane.pause_writing()

    def resume_writing(self) -> None:
        self._lane.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lane.lose(exc)
        self._uvicorn.connection_lost(exc)
