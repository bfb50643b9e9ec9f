"""An executor that runs for the time of a test, and units for it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from django.db import connection

from server.executor import Executor


@asynccontextmanager
async def running(*, threads: int = 2, queue_limit: int = 100, wait_seconds: float = 5.0) -> AsyncIterator[Executor]:
    executor = Executor(threads=threads, queue_limit=queue_limit, wait_seconds=wait_seconds)
    executor.start()
    try:
        yield executor
    finally:
        assert await executor.close(grace_seconds=5)


async def begin(executor: Executor, unit: Callable[[], bool], *, write: bool = False) -> asyncio.Future[bool]:
    """Ask for a unit that takes its time, and come back when a thread has begun it."""
    begun = threading.Event()

    def marked() -> bool:
        begun.set()
        return unit()

    task = asyncio.ensure_future(executor.run(marked, write=write))
    while not begun.is_set():  # noqa: ASYNC110  a thread sets it
        await asyncio.sleep(0.001)
    return task


def break_connection() -> None:
    """What a server that goes away leaves behind: a connection that only looks open."""
    connection.ensure_connection()
    connection.connection.close()
