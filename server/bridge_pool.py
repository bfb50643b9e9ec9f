"""Lanes, kept for the next request of the same client as a connection is kept alive."""

import asyncio
from collections.abc import Callable
from typing import Any

from server.bridge_lane import Lane
from server.wire import Scope

LANE_LIMIT = 1024


class Client:
    """One client's lanes: how many are open, and which of them are idle."""

    __slots__ = ("idle", "key", "open")

    def __init__(self, key: tuple[Any, Any, Any]) -> None:
        self.key = key
        self.idle: list[Lane] = []
        self.open = 0


class LanePool:
    """Lanes by client: `connect` makes one where none is idle.

    A lane belongs to one client's address and port because aiohttp asks for it once per connection. A
    lane that no request has used for `idle_seconds` to twice that is closed; when more than LANE_LIMIT
    are open, an idle one makes room.
    """

    def __init__(self, connect: Callable[[dict[str, Any]], Lane], *, idle_seconds: float) -> None:
        self._connect = connect
        self._idle_seconds = idle_seconds
        self._clients: dict[Any, Client] = {}
        self._open = 0
        self._timer: asyncio.TimerHandle | None = None

    def take(self, scope: Scope) -> Lane:
        """An open lane whose far end sees the client, server and scheme of `scope`."""
        key = scope.get("client"), scope.get("server"), scope.get("scheme")
        try:
            client = self._clients.get(key)
        except TypeError:  # ASGI allows lists too
            key = _hashable(key)
            client = self._clients.get(key)
        if client is not None:
            idle = client.idle
            while idle:
                lane = idle.pop()
                if not lane.closing:
                    lane.rested = False
                    return lane
        return self._new(key)

    def give(self, lane: Lane) -> None:
        """Keep `lane` for its client until it closes."""
        if not lane.closing:
            lane.client.idle.append(lane)

    def clear(self) -> None:
        """Forget all lanes; whoever clears closes the protocols."""
        self._clients.clear()
        self._open = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _new(self, key: tuple[Any, Any, Any]) -> Lane:
        peername, sockname, scheme = key
        lane = self._connect({"peername": peername, "sockname": sockname, "scheme": scheme})
        client = self._clients.setdefault(key, Client(key))
        client.open += 1
        self._open += 1
        lane.client, lane.on_close = client, self._forget
        if self._open > LANE_LIMIT:
            self._make_room()
        if self._timer is None:
            self._timer = lane.loop.call_later(self._idle_seconds, self._close_idle)
        return lane

    def _make_room(self) -> None:
        for client in self._clients.values():
            if client.idle:
                client.idle[0].lose()
                return

    def _close_idle(self) -> None:
        for lane in [lane for client in self._clients.values() for lane in client.idle]:
            if lane.rested:
                lane.lose()
            lane.rested = True
        self._timer = None
        if self._open:
            self._timer = asyncio.get_running_loop().call_later(self._idle_seconds, self._close_idle)

    def _forget(self, lane: Lane) -> None:
        client: Client = lane.client
        if self._clients.get(client.key) is not client:
            return
        client.open -= 1
        self._open -= 1
        if lane in client.idle:
            client.idle.remove(lane)
        if not client.open:
            del self._clients[client.key]


def _hashable(key: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
    client, server, scheme = key
    return client and tuple(client), server and tuple(server), scheme
