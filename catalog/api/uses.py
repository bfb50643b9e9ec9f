"""When tokens were used last: remembered as requests come, written now and then, and when the service stops.

One write a minute, of a table that no answer shows: it neither slows a request down nor empties the cache.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial

from aiohttp import web

from catalog import services
from catalog.api.keys import EXECUTOR, USES

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 60.0


async def kept(app: web.Application) -> AsyncIterator[None]:
    """Writes the uses down for as long as the application runs; what aiohttp calls a clean-up context."""
    task = asyncio.create_task(every_minute(app))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await write_down(app)


async def every_minute(app: web.Application) -> None:
    while True:
        await asyncio.sleep(INTERVAL_SECONDS)
        await write_down(app)


async def write_down(app: web.Application) -> None:
    """Write the uses since the last time, if any. They can be lost: a busy or absent database is only told."""
    uses = app[USES].copy()
    if not uses:
        return
    app[USES].clear()
    try:
        await app[EXECUTOR].run(partial(services.note_uses, uses=uses), write=True)
    except (ConnectionError, asyncio.QueueFull) as error:
        logger.warning("the last use of %d tokens was not written: %s", len(uses), error)
