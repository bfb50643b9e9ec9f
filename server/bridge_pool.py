"""Idle lanes, kept for the next request of the same client as a connection is kept alive."""

from collections.abc import Callable
from typing import Any

from server.bridge_lane import Lane
from server.wire import Scope

IDLE_LIMIT = 1024


class LanePool:
    """Lanes by client: `connect` makes one where none is idle, and at most IDLE_LIMIT stay.

    A lane belongs to one client's address and port because aiohttp asks for it once per connection.
    """

    def __init__(self, connect: Callable[[dict[str, Any]], Lane]) -> None:
        self._connect = connect
        self._idle: dict[Any, list[Lane]] = {}
        self._count = 0

    def take(self, scope: Scope) -> Lane:
        """An open lane whose far end sees the client, server and scheme of `scope`."""
        key = scope.get("client"), scope.get("server"), scope.get("scheme")
        try:
            lanes = self._idle.get(key)
        except TypeError:  # ASGI allows lists too
            key = _hashable(key)
            lanes = self._idle.get(key)
        while lanes:
            lane = lanes.pop()
            self._count -= 1
            if not lanes:
                del self._idle[key]
            if not lane.closing:
                return lane
        client, server, scheme = key
        lane = self._connect({"peername": client, "sockname": server, "scheme": scheme})
        lane.key = key
        return lane

    def give(self, lane: Lane) -> None:
        """Keep `lane` for its client until it closes; the one that has waited longest makes room."""
        lane.on_close = self._forget
        self._idle.setdefault(lane.key, []).append(lane)
        self._count += 1
        if self._count > IDLE_LIMIT:
            self._drop_oldest()

    def clear(self) -> None:
        """Forget all lanes; whoever clears closes the protocols."""
        self._idle.clear()
        self._count = 0

    def _drop_oldest(self) -> None:
        next(iter(self._idle.values()))[0].lose()

    def _forget(self, lane: Lane) -> None:
        key = lane.key
        lanes = self._idle.get(key, [])
        if lane in lanes:
            lanes.remove(lane)
            self._count -= 1
        if not lanes:
            self._idle.pop(key, None)


def _hashable(key: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
    client, server, scheme = key
    return client and tuple(client), server and tuple(server), scheme
