"""How long kept answers hold: the revision says whether anything was committed, the change log what it concerns."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Set
from functools import partial
from typing import NamedTuple, Protocol

from server.cache_answer import EVERYTHING
from server.nodes import Nodes
from server.revision import Reading, Revision

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.25
"""After the log could not be asked, or does not stand, nothing is kept for so long before it is asked again."""

ALL = frozenset((EVERYTHING,))


class ChangeLog(Protocol):
    """Plain functions of the application, run in the executor; a module can be one."""

    def position(self) -> str:
        """The log's present end."""

    def changed_since(self, token: str) -> Collection[str]:
        """The surrogate keys of all that has changed since `position` gave the token; `*` stands for everything."""

    def standing(self) -> list[str]:
        """What is missing of the log; while there is anything, nothing may be kept."""


class Survey(NamedTuple):
    """What the log has said: its end, the keys of what has changed until then, what it lacks."""

    position: str
    keys: frozenset[bytes]
    lacking: list[str]


Run = Callable[[Callable[[], Survey]], Awaitable[Survey]]

Drop = Callable[[Set[bytes]], None]
"""Told the surrogate keys of what has changed."""


def survey(log: ChangeLog, since: str | None) -> Survey:
    """Ask the log; without a position to begin from, everything has changed.

    The end is asked for before the growth: what is unchanged until after it is unchanged until it.
    """
    lacking = log.standing()
    position = log.position()
    keys = ALL if since is None else frozenset(key.encode() for key in log.changed_since(since))
    return Survey(position, keys, lacking)


class Validity:
    """Says of everything that is kept at once whether it holds.

    It holds at one reading of the revision, `_seen`. A request whose own reading tells the same state is served. When
    the state has moved, the log is asked what has changed since `_position`, which is older than all that is kept, or
    checked against all changes until then: what that concerns is dropped, and the rest holds at the new reading. From
    then on it is asked from its end, as it was told after the reading.

    All of that is so while the data are read where the revision is asked (`nodes`). Once a thread has been connected
    elsewhere, everything is dropped, and nothing is kept before all are back.
    """

    def __init__(self, revision: Revision, log: ChangeLog, run: Run, *, nodes: Nodes, drop: Drop) -> None:
        self.revision = revision
        self.log = log
        self.nodes = nodes
        self._run = run
        self._drop = drop
        self._seen = Reading(0, 0, None)
        self._seen_at = nodes.present
        self._position: str | None = None
        self._asking: asyncio.Task[bool] | None = None
        self._retry_at = 0.0
        self._obstacle = ""

    async def holds(self) -> bool:
        """Whether what is kept reflects all that was visible when this was called.

        False where nobody can say: then the cache must be passed by.
        """
        reading = await self.revision.now()
        if reading is None:
            return False
        seen = self._seen
        if (
            reading.state == seen.state
            and reading.generation == seen.generation
            and self._seen_at is self.nodes.present
        ):
            return True
        return await self._settle(reading)

    @property
    def established(self) -> bool:
        """Whether what is read from now on may be kept: the log will tell all that changes after it was read."""
        return self._position is not None and self._seen_at is self.nodes.present

    def doubt(self) -> None:
        """Take nothing as known: the next request asks the log."""
        self._seen, self._position = Reading(0, 0, None), None
        self._drop(ALL)

    async def _settle(self, reading: Reading) -> bool:
        """Wait until what is kept holds at `reading` or at a later one."""
        loop = asyncio.get_running_loop()
        while self._seen.number < reading.number or self._seen_at is not self.nodes.present:
            if self._asking is None:
                if loop.time() < self._retry_at:
                    return False
                self._asking = loop.create_task(self._ask(reading))
            if not await asyncio.shield(self._asking):
                return False
        return True

    async def _ask(self, reading: Reading) -> bool:
        """Ask the log for everybody whose reading is not later than this one; others ask again."""
        nodes = self.nodes.present
        since = self._position if self._seen_at is nodes and reading.generation == self._seen.generation else None
        try:
            found = await self._run(partial(survey, self.log, since))
        except Exception as error:  # noqa: BLE001  whatever it is, requests must go on without the cache
            logger.warning("the change log can't be asked, nothing is kept meanwhile: %s", error)
            return self._give_up()
        finally:
            self._asking = None
        if nodes is not self.nodes.present:
            return True  # the thread that has answered was the first to be connected there: ask again
        if obstacle := obstacle_of(found, reading, nodes):
            self.nodes.ask_again()
            self._tell(obstacle)
            return self._give_up()
        self._tell("")
        if found.keys:
            self._drop(found.keys)
        self._seen, self._seen_at, self._position = reading, nodes, found.position
        return True

    def _give_up(self) -> bool:
        self._retry_at = asyncio.get_running_loop().time() + PAUSE_SECONDS
        self.doubt()
        return False

    def _tell(self, obstacle: str) -> None:
        """Log a change for the worse or the better once."""
        if obstacle != self._obstacle:
            logger.warning("%s", f"{obstacle}; nothing is kept" if obstacle else "the change log stands again")
            self._obstacle = obstacle


def obstacle_of(found: Survey, reading: Reading, nodes: Set[str]) -> str:
    """Why nothing may be kept after what the log has said; empty where something may."""
    if found.lacking:
        return f"the change log lacks {', '.join(found.lacking)}"
    return "" if nodes == {reading.node} else "the revision is asked of another server than the data"
