"""Start and stop, with one owner: what is opened here is closed here, in the reverse order, on failure too."""

import logging
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from types import FrameType
from typing import Any

from starlette.types import Receive, Scope, Send

logger = logging.getLogger(__name__)

Running = Callable[[], AbstractAsyncContextManager[Any]]


class Refused(Exception):
    """The application must not start; the text says why, in one line for whoever deploys it."""


class Lifespan:
    """The ASGI lifespan of an async context manager: entered at start-up, left at shutdown.

    A failure at the start is told to the server, which then stops: in its own words where they are meant for people
    (Refused), otherwise with a traceback in the log.
    """

    def __init__(self, running: Running) -> None:
        self.running = running

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        phase = "startup"
        try:
            async with self.running() as state:
                if state is not None and "state" in scope:
                    scope["state"].update(state)
                await send({"type": "lifespan.startup.complete"})
                phase = "shutdown"
                await receive()
        except Exception as error:  # the server must be told, whatever it was
            if not isinstance(error, Refused):
                logger.exception("the application failed at %s", phase)
            await send({"type": f"lifespan.{phase}.failed", "message": str(error) or type(error).__name__})
        else:
            await send({"type": "lifespan.shutdown.complete"})


@asynccontextmanager
async def told_of_sigterm(drain: Callable[[], None]) -> AsyncIterator[None]:
    """Within it, SIGTERM and SIGINT call `drain` at once, before the handler that stood there (uvicorn's).

    uvicorn tells the application only after the last connection has gone, and a stream that waits for being told would
    keep it for ever.
    """
    with chained(signal.SIGTERM, drain), chained(signal.SIGINT, drain):
        yield


@contextmanager
def chained(number: signal.Signals, first: Callable[[], None]) -> Any:
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may have handlers; here nobody sends signals
        return
    previous = signal.getsignal(number)

    def handler(signum: int, frame: FrameType | None) -> None:
        first()
        if callable(previous):
            previous(signum, frame)

    signal.signal(number, handler)
    try:
        yield
    finally:
        with suppress(TypeError):  # None: it was not installed from Python
            signal.signal(number, previous)
