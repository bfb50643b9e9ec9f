"""The one hop of a request: all that it needs of the database is one unit, run in the executor."""

from collections.abc import Callable
from typing import TypeVar

from aiohttp import web

from catalog.api.keys import EXECUTOR

T = TypeVar("T")


async def hop(request: web.Request, unit: Callable[[], T], *, write: bool = False) -> T:
    """What `unit` gives back, run away from the event loop; `write` where it changes anything.

    Raises what the unit raises, asyncio.QueueFull and ConnectionError as the executor does.
    """
    return await request.app[EXECUTOR].run(unit, write=write)
