"""The time that a request has, from its head to its answer."""

import asyncio
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from catalog.api.http.failures import Refusal
from catalog.api.http.operations import Operation


class Watched:
    """A task that must have answered by the time `due` of its loop. late: whether it was cancelled since it had not."""

    __slots__ = ("cancelling", "due", "late", "task")

    def __init__(self, task: "asyncio.Task[Any]", due: float) -> None:
        self.task = task
        self.cancelling = task.cancelling()
        self.due = due
        self.late = False

    def by_time_alone(self) -> bool:
        """Whether the task was cancelled for its time, and by nobody else."""
        return self.late and self.task.cancelling() <= self.cancelling + 1


class Deadlines:
    """Requests under way, each with the same time, and one timer for all of them: most are answered long before.

    seconds: the time that each has.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._watched: dict[Watched, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> Watched:
        """Watch the current task until `end`."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  a handler runs in one
        loop = task.get_loop()
        watched = Watched(task, loop.time() + self.seconds)
        self._watched[watched] = None
        if self._timer is None:
            self._timer = loop.call_at(watched.due, self._ring, loop)
        return watched

    def end(self, watched: Watched) -> None:
        if watched.late:
            watched.task.uncancel()
        else:
            del self._watched[watched]

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        """Cancel what is late. They are in the order of their times."""
        self._timer = None
        now = loop.time()
        for watched in list(self._watched):
            if watched.due > now:
                self._timer = loop.call_at(watched.due, self._ring, loop)
                return
            del self._watched[watched]
            watched.late = True
            watched.task.cancel()


DEADLINES: web.AppKey[Deadlines] = web.AppKey("deadlines", Deadlines)


async def in_time(request: web.Request, handler: Handler, operation: Operation) -> web.StreamResponse:
    """What the handler answers within its time. Raises Refusal: 408 while the body is still coming, else 504.

    A change that the database has begun is not stopped: a cancelled COMMIT may be done all the same.
    """
    deadlines = request.app[DEADLINES]
    watched = deadlines.begin()
    try:
        return await handler(request)
    except asyncio.CancelledError:
        if not watched.by_time_alone():
            raise
        raise late(request, operation, deadlines.seconds) from None
    finally:
        deadlines.end(watched)


def late(request: web.Request, operation: Operation, seconds: float) -> Refusal:
    """What the client is told of a request whose time is up."""
    if operation.body is not None and not request.content.is_eof():
        return Refusal(408, f"The body did not come within {seconds:g} s.", [("Connection", "close")])
    if operation.method == "GET":
        return Refusal(504, f"The answer was not ready within {seconds:g} s.")
    again = "send it again with the same Idempotency-Key" if operation.method == "POST" else "send it again"
    return Refusal(504, f"It is not known whether this was done: it took more than {seconds:g} s. Look, or {again}.")
