"""uvloop, with connections accepted in batches.

libuv takes one connection from a listening socket in each turn of the loop, and a turn serves all that is ready. Of 400
clients that come at once the last is then let in after hundreds of busy turns: over a second (p99 of a fixed body under
`wrk -t12 -c400`: 1.0 s and timeouts; with batches 28 to 33 ms, at the same rate). asyncio's own loop takes as many as
wait.
"""

import asyncio
import errno
import logging
import os
import socket
from collections.abc import Callable
from typing import Any

import uvloop

logger = logging.getLogger(__name__)

BATCH = 256
"""Connections taken in one turn, so that those who are in already are not kept waiting for long."""

PAUSE_SECONDS = 1.0
"""Without a free descriptor the socket stays readable; asking it again at once would only burn the processor."""

EXHAUSTED = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM))

Factory = Callable[[], asyncio.BaseProtocol]


class Loop(uvloop.Loop):
    """A loop of uvloop's whose servers accept in batches."""

    async def create_server(
        self, protocol_factory: Factory, *args: Any, backlog: int = 100, start_serving: bool = True, **options: Any
    ) -> Any:
        """As asyncio's; TLS and a server that is started later are uvloop's own."""
        batched = start_serving and options.get("ssl") is None
        options |= {"backlog": backlog, "start_serving": start_serving and not batched}
        bound = await super().create_server(protocol_factory, *args, **options)
        return Server(self, bound, protocol_factory, backlog) if batched else bound


class Server:
    """Accepts on the sockets that `bound` has bound and does not listen on; what uvicorn asks of asyncio.Server."""

    def __init__(self, loop: asyncio.AbstractEventLoop, bound: Any, factory: Factory, backlog: int) -> None:
        self._loop = loop
        self._bound = bound
        self._factory = factory
        # The loop lets nobody else read a descriptor of its own, so they are listened on under another number.
        self._listeners = [socket.socket(fileno=os.dup(each.fileno())) for each in bound.sockets]
        self._joining: set[asyncio.Task[None]] = set()
        for listener in self._listeners:
            listener.setblocking(False)
            listener.listen(backlog)
            self._watch(listener)

    @property
    def sockets(self) -> list[Any]:
        return list(self._bound.sockets)

    def is_serving(self) -> bool:
        return bool(self._listeners)

    def close(self) -> None:
        """Take no further connection; those that were taken stay."""
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            self._loop.remove_reader(listener)
            listener.close()
        self._bound.close()

    async def wait_closed(self) -> None:
        """Return when the connections that were taken have their protocols."""
        if self._joining:
            await asyncio.wait(self._joining)

    def _watch(self, listener: socket.socket) -> None:
        if listener in self._listeners:
            self._loop.add_reader(listener, self._accept, listener)

    def _accept(self, listener: socket.socket) -> None:
        for _ in range(BATCH):
            try:
                connection, _address = listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in EXHAUSTED:
                    raise
                logger.error("no connection can be taken: %s", error.strerror)
                self._loop.remove_reader(listener)
                self._loop.call_later(PAUSE_SECONDS, self._watch, listener)
                return
            connection.setblocking(False)
            task = self._loop.create_task(self._join(connection))
            self._joining.add(task)
            task.add_done_callback(self._joining.discard)

    async def _join(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._factory, connection)
        except BaseException:
            connection.close()
            raise


def new_loop() -> asyncio.AbstractEventLoop:
    """What uvicorn is given as `--loop server.loop:new_loop`."""
    return Loop()
