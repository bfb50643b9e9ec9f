"""`/livez` and `/readyz`: whether the process runs, and whether it should be sent requests."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from server.pages import Resource

Check = Callable[[], Awaitable[None]]

CHECK_SECONDS = 2.0
"""A probe must answer sooner than the platform gives up on it."""

NOT_STORED = {"Cache-Control": "no-store"}


class Unwell(Exception):
    """A check has found a fault; the text is safe to show to anybody."""


class Health:
    """What is known of the process's state; `ready` and `draining` are set by the lifespan.

    checks: by name, coroutine functions that raise when the thing they stand beside is not well.
    draining: what others too may wait for.
    """

    def __init__(self, checks: dict[str, Check], draining: asyncio.Event | None = None) -> None:
        self.checks = checks
        self.ready = False
        self.draining = draining or asyncio.Event()

    async def faults(self) -> dict[str, str]:
        """What stands against sending requests here, by name; empty when nothing does."""
        if self.draining.is_set():
            return {"process": "is shutting down"}
        if not self.ready:
            return {"process": "is starting"}
        results = await asyncio.gather(*(fault(check) for check in self.checks.values()))
        return {name: text for name, text in zip(self.checks, results, strict=True) if text}


async def fault(check: Check) -> str:
    """What a check has to say, in words that are safe to show; '' when all is well."""
    try:
        await asyncio.wait_for(check(), CHECK_SECONDS)
    except TimeoutError:
        return f"did not answer within {CHECK_SECONDS:g} s"
    except asyncio.QueueFull:
        return "is overloaded"
    except OSError:
        return "is away"
    except Unwell as found:
        return str(found)
    return ""


def stands(lacking: Callable[[], Awaitable[list[str]]]) -> Check:
    """The check of a thing that can say what it lacks."""

    async def check() -> None:
        if missing := await lacking():
            raise Unwell(f"lacks {', '.join(missing)}")

    return check


class Live(Resource):
    """Whether the event loop turns: it does if this is answered."""

    async def respond(self, scope: Scope) -> Response:  # noqa: ARG002  the same for every request
        return JSONResponse({"status": "live"}, headers=NOT_STORED)


class Ready(Resource):
    """Whether requests should be sent here now."""

    def __init__(self, health: Health) -> None:
        self.health = health

    async def respond(self, scope: Scope) -> Response:  # noqa: ARG002  the same for every request
        faults = await self.health.faults()
        if not faults:
            return JSONResponse({"status": "ready"}, headers=NOT_STORED)
        content = {"status": "not ready", "faults": faults}
        return JSONResponse(content, 503, headers={**NOT_STORED, "Retry-After": "5"})
