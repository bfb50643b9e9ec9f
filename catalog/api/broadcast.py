"""Changes as they come, to all who listen: one reader of the database, however many streams are open.

A batch is what has changed since a position, as server-sent events. Each event carries a position from which nothing is
missed: the events of a batch the one before it, its last event the one after it.
"""

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from itertools import dropwhile
from typing import NamedTuple

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.1
"""Between two looks at the log, while anybody listens."""

PAUSE_SECONDS = 1.0
"""After the log could not be read."""

COMMENT_SECONDS = 15.0
WAITING_BYTES = 256 * 1024
"""What may wait for one client; one who lags further behind is cut, and goes on by its Last-Event-ID."""

KEPT_BYTES = 4 * 1024 * 1024
"""What has been sent lately is kept, for clients who come again: they cost no query."""

LAST_WORDS = b"event: end\ndata: {}\n\n"
"""Before the server ends a stream by itself: come again."""


class Batch(NamedTuple):
    """Events, the position that they follow, and the one after them."""

    before: str
    after: str
    events: bytes
    more: bool = False


Read = Callable[[str | None], Awaitable[Batch]]
"""What has changed since a position, or without one nothing at the present end. It may raise anything."""


class Listener:
    """One open stream: what waits to be sent on it."""

    __slots__ = ("_ended", "_news", "_size", "_waiting")

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self._size = 0
        self._ended = False
        self._news: asyncio.Future[None] | None = None

    def push(self, events: bytes) -> bool:
        """Let it be sent; False, and the end of the stream, where too much is waiting already."""
        if self._ended or self._size + len(events) > WAITING_BYTES:
            self._waiting.clear()
            self.end()
            return False
        self._waiting.append(events)
        self._size += len(events)
        self._wake()
        return True

    def end(self) -> None:
        """Nothing follows what waits."""
        self._ended = True
        self._wake()

    async def next(self) -> bytes:
        """All that waits, once there is anything; nothing at the end."""
        if not self._waiting and not self._ended:
            self._news = asyncio.get_running_loop().create_future()
            await self._news
        events = self._waiting[0] if len(self._waiting) == 1 else b"".join(self._waiting)
        self._waiting.clear()
        self._size = 0
        return events

    def _wake(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)


class Broadcaster:
    """Reads the log for all listeners, from the first one's coming to the last one's leaving.

    `run` is its life, a task. `position` is where it stands; None while nobody listens.
    """

    def __init__(self, read: Read) -> None:
        self.read = read
        self.position: str | None = None
        self.draining = False
        self._listeners: OrderedDict[Listener, None] = OrderedDict()
        self._kept: deque[Batch] = deque()
        self._kept_bytes = 0
        self._owed = 0.0
        self._somebody = asyncio.Event()
        self._begun = asyncio.Event()

    async def join(self) -> tuple[Listener, str]:
        """A listener that gets all that comes from now on, and the position that this follows."""
        listener = Listener()
        if self.draining:
            listener.push(LAST_WORDS)
            listener.end()
            return listener, self.position or ""
        self._listeners[listener] = None
        self._somebody.set()
        try:
            await self._begun.wait()
        except asyncio.CancelledError:
            self.leave(listener)
            raise
        return listener, self.position or ""

    def leave(self, listener: Listener) -> None:
        self._listeners.pop(listener, None)
        if not self._listeners:
            self._somebody.clear()

    def recall(self, position: str) -> list[Batch] | None:
        """What has been told since a position; None where that is not known any more."""
        if position == self.position:
            return []
        kept = list(dropwhile(lambda batch: batch.before != position, self._kept))
        return [batch._replace(more=False) for batch in kept] or None

    def __len__(self) -> int:
        return len(self._listeners)

    async def run(self) -> None:
        """Read and tell, until cancelled."""
        while True:
            await self._somebody.wait()
            try:
                await self._follow()
            except Exception as error:  # noqa: BLE001  streams must outlive whatever befalls the database
                logger.warning("the changes can't be read, the streams wait: %s", error)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _follow(self) -> None:
        """Until nobody listens. A new beginning forgets what was: nobody has heard it."""
        if self.position is None:
            self.position = (await self.read(None)).after
        self._begun.set()
        while self._listeners:
            batch = await self.read(self.position)
            if batch.events:
                self._keep(batch)
            self.position = batch.after
            if batch.events:
                self.tell(batch.events)
            self._comment()
            await asyncio.sleep(0 if batch.more else POLL_SECONDS)
        self._begun.clear()
        self.position = None
        self._kept.clear()
        self._kept_bytes = 0

    def tell(self, events: bytes) -> None:
        """Let all listeners have the events; those who lag behind are cut."""
        for listener in [each for each in self._listeners if not each.push(events)]:
            self.leave(listener)

    def _keep(self, batch: Batch) -> None:
        self._kept.append(batch)
        self._kept_bytes += len(batch.events)
        while self._kept_bytes > KEPT_BYTES:
            self._kept_bytes -= len(self._kept.popleft().events)

    def _comment(self) -> None:
        """A comment for the listeners whose turn it is, so that proxies keep the connection; and where they are now."""
        comment = f": \nid: {self.position}\n\n".encode()
        self._owed += len(self._listeners) * POLL_SECONDS / COMMENT_SECONDS
        turn = min(int(self._owed), len(self._listeners))
        self._owed %= 1
        for _ in range(turn):
            listener, _none = self._listeners.popitem(last=False)
            self._listeners[listener] = None
            listener.push(comment)

    def drain(self) -> None:
        """The process is about to stop: every stream gets its last event and ends, and so does any new one."""
        self.draining = True
        for listener in self._listeners:
            listener.push(LAST_WORDS)
            listener.end()
        self._listeners.clear()
