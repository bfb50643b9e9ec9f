"""What stands around every handler: the checks before it, and the problem that any error becomes."""

import asyncio
import logging
from collections.abc import Sequence

from aiohttp import web
from aiohttp.typedefs import Handler

from catalog.api.http import problems
from catalog.api.http.answers import FRESH, answer, preflight, redirect
from catalog.api.http.negotiation import preferred
from catalog.api.http.operations import operation_of
from catalog.api.http.problems import BadRequest
from catalog.errors import Fault, NotFound

logger = logging.getLogger(__name__)

ROOT = "/api/"
BUSY_RETRY_SECONDS = 1
AWAY_RETRY_SECONDS = 5


class Unacceptable(Exception):
    """The client accepts none of the resource's forms."""


@web.middleware
async def problem_details(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers every error with a problem. Outermost, so that nothing passes it by."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return refused(request, error)
    except BadRequest as error:
        return problem(request, 400, summary(error.faults), errors=error.faults)
    except ConnectionResetError:
        raise  # the client has gone; there is nobody to tell
    except Exception as error:  # noqa: BLE001  the edge: what nobody expected must not reach the client as it is
        return failed(request, error)


def failed(request: web.Request, error: Exception) -> web.Response:
    """The problem that an error of a handler or of the database becomes."""
    if isinstance(error, NotFound):
        return problem(request, 404, str(error))
    if isinstance(error, Unacceptable):
        return problem(request, 406, "This resource has no form that the header Accept allows.")
    if isinstance(error, asyncio.QueueFull):
        return unavailable(request, "Too many requests are waiting.", BUSY_RETRY_SECONDS)
    if isinstance(error, ConnectionError):
        logger.error("the database is away (request %s): %s", request_id(request), error)
        return unavailable(request, "The database cannot be reached.", AWAY_RETRY_SECONDS)
    logger.error("request %s failed", request_id(request), exc_info=error)
    return problem(request, 500, "The server failed to answer; the request's id is in its log.")


@web.middleware
async def checks(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses what no handler here takes: a body, and a client that accepts no form of the resource."""
    if request.match_info.http_exception is not None:
        return await handler(request)  # there is no such resource or method, which is the greater fault
    operation = operation_of(request)
    if request.can_read_body and (operation is None or operation.body is None):
        raise BadRequest([Fault("#", "body", f"A {request.method} takes no body.")])
    if operation is not None and preferred(request.headers.get("Accept"), operation.offers) is None:
        raise Unacceptable
    return await handler(request)


def refused(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    """What the router refuses: OPTIONS is answered, a trailing slash led on, the rest becomes a problem."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted({*error.allowed_methods, "OPTIONS"}))
        if request.method == "OPTIONS":
            return preflight(allowed)
        return problem(request, 405, f"{request.method} is not allowed here.", headers=[("Allow", allowed)])
    path = request.rel_url.raw_path
    # Below our own root only: a redirect to `//host` would lead to that host.
    if error.status == 404 and path.startswith(ROOT) and path.endswith("/"):
        return redirect(308, path.rstrip("/"), request)
    detail = f"There is nothing at {request.path}." if error.status == 404 else f"{error.reason}."
    return problem(request, error.status, detail)


async def expectation(request: web.Request) -> web.StreamResponse | None:
    """Answers the header Expect (RFC 9110, 10.1.1): a body that would be refused is never asked for."""
    if request.headers["Expect"].lower() != "100-continue":
        return problem(request, 417, "The only expectation known here is 100-continue.")
    operation = operation_of(request)
    if request.can_read_body and (operation is None or operation.body is None):
        return problem(request, 400, f"A {request.method} takes no body.")
    return None


def problem(
    request: web.Request,
    status: int,
    detail: str,
    *,
    errors: Sequence[Fault] = (),
    headers: Sequence[tuple[str, str]] = (),
) -> web.Response:
    """A problem about this request."""
    body = problems.body(status, detail, request.raw_path, request_id(request), errors=errors)
    return answer(status, body, problems.CONTENT_TYPE, [FRESH, *headers])


def unavailable(request: web.Request, detail: str, retry_seconds: int) -> web.Response:
    """503 (RFC 9110, 15.6.4): it will pass, and the client learns when to ask again."""
    return problem(request, 503, detail, headers=[("Retry-After", str(retry_seconds))])


def summary(faults: Sequence[Fault]) -> str:
    """The fault itself where there is one, else how many there are."""
    return faults[0].detail if len(faults) == 1 else f"The request has {len(faults)} faults: see errors."


def request_id(request: web.Request) -> str:
    """The id that the server's front gave to the request."""
    return request.headers.get("X-Request-ID", "")
