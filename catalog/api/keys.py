"""What the application holds for its handlers, under typed keys."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from aiohttp import web

T = TypeVar("T")


class Executor(Protocol):
    """Runs blocking units of work away from the event loop.

    `run` raises an asyncio.QueueFull when the unit could not be taken in time and a ConnectionError when the database
    is away; whatever the unit itself raises comes through. A read may be tried twice; a write (`write=True`) never is.
    """

    async def run(self, unit: Callable[[], T], *, write: bool = False) -> T: ...


EXECUTOR: web.AppKey[Executor] = web.AppKey("executor", Executor)
