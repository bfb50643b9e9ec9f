"""The time that a request has, from its head to its answer."""

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler

from catalog.api.http.failures import Refusal
from catalog.api.http.operations import Operation


async def in_time(request: web.Request, handler: Handler, operation: Operation, seconds: float) -> web.StreamResponse:
    """What the handler answers within `seconds`. Raises Refusal: 408 while the body is still coming, else 504.

    A change that the database has begun is not stopped: a cancelled COMMIT may be done all the same.
    """
    try:
        async with asyncio.timeout(seconds) as limit:
            return await handler(request)
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise late(request, operation, seconds) from error


def late(request: web.Request, operation: Operation, seconds: float) -> Refusal:
    """What the client is told of a request whose time is up."""
    if operation.body is not None and not request.content.is_eof():
        return Refusal(408, f"The body did not come within {seconds:g} s.", [("Connection", "close")])
    if operation.method == "GET":
        return Refusal(504, f"The answer was not ready within {seconds:g} s.")
    again = "send it again with the same Idempotency-Key" if operation.method == "POST" else "send it again"
    return Refusal(504, f"It is not known whether this was done: it took more than {seconds:g} s. Look, or {again}.")
