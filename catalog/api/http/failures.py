"""The problem that each error of a handler, of the catalogue or of the database becomes."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web

from catalog.api.http import problems
from catalog.api.http.answers import answer, freshness, redirect
from catalog.api.http.authentication import Unauthorized, challenge
from catalog.api.http.problems import BadRequest
from catalog.errors import (
    Behind,
    Clash,
    Fault,
    Forbidden,
    Gone,
    Invalid,
    KeyInUse,
    KeyReused,
    Lost,
    Moved,
    NoSpace,
    NotFound,
    OnlyReads,
    Stale,
    Unknown,
)

logger = logging.getLogger(__name__)

BUSY_RETRY_SECONDS = 1
AWAY_RETRY_SECONDS = 5


class Unacceptable(Exception):
    """The client accepts none of the resource's forms."""


class Refusal(Exception):
    """The request is refused with `status`, and with `headers` that say what would do."""

    def __init__(self, status: int, detail: str, headers: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers


def failed(request: web.Request, error: Exception) -> web.Response:
    """The answer to a request that ended in an error."""
    known = next((kind for kind in type(error).__mro__ if kind in ANSWERS), None)
    if known is not None:
        return ANSWERS[known](request, error)
    logger.error("request %s failed", request_id(request), exc_info=error)
    return problem(request, 500, "The server failed to answer; the request's id is in its log.")


def with_faults(status: int) -> "Callable[[web.Request, Any], web.Response]":
    """The answer to an error that holds faults."""
    return lambda request, error: problem(request, status, summary(error.faults), errors=error.faults)


def with_words(status: int) -> "Callable[[web.Request, Exception], web.Response]":
    """The answer to an error that says everything in one sentence."""
    return lambda request, error: problem(request, status, str(error))


def unauthorized(request: web.Request, error: Unauthorized) -> web.Response:
    return problem(request, 401, str(error), headers=[challenge(code=error.code, detail=str(error))])


def unknown(request: web.Request, error: Unknown) -> web.Response:
    return problem(request, 401, str(error), headers=[challenge(code="invalid_token", detail=str(error))])


def forbidden(request: web.Request, error: Forbidden) -> web.Response:
    told = challenge(code="insufficient_scope", detail=str(error), scope=error.scope)
    return problem(request, 403, str(error), headers=[told])


def moved(request: web.Request, error: Moved) -> web.Response:
    """308 (RFC 9110, 15.4.9) to the same resource of what the old id has become."""
    route = request.match_info.route.resource
    parts = {**request.match_info, "id": str(error.new_id)}
    return redirect(308, route.canonical.format(**parts) if route else request.path, request)


def clash(request: web.Request, error: Clash) -> web.Response:
    return problem(request, 409, str(error), errors=error.faults)


def key_in_use(request: web.Request, error: KeyInUse) -> web.Response:
    return problem(request, 409, str(error), headers=[("Retry-After", str(BUSY_RETRY_SECONDS))])


def refusal(request: web.Request, error: Refusal) -> web.Response:
    return problem(request, error.status, str(error), headers=error.headers)


def unacceptable(request: web.Request, _: Unacceptable) -> web.Response:
    return problem(request, 406, "This resource has no form that the header Accept allows.")


def busy(request: web.Request, _: asyncio.QueueFull) -> web.Response:
    return unavailable(request, "Too many requests are waiting.", BUSY_RETRY_SECONDS)


def away(request: web.Request, error: ConnectionError) -> web.Response:
    logger.error("the database is away (request %s): %s", request_id(request), error)
    return unavailable(request, "The database cannot be reached.", AWAY_RETRY_SECONDS)


def only_reads(request: web.Request, _: OnlyReads) -> web.Response:
    detail = "The database takes no change here at the moment: it is a standby. Reads are answered."
    return unavailable(request, detail, AWAY_RETRY_SECONDS)


def behind(request: web.Request, _: Behind) -> web.Response:
    detail = "The replica has not replayed the write of Write-Position yet. Ask again, or ask the primary."
    return unavailable(request, detail, BUSY_RETRY_SECONDS)


ANSWERS: dict[type[BaseException], Callable[[web.Request, Any], web.Response]] = {
    BadRequest: with_faults(400),
    Unauthorized: unauthorized,
    Unknown: unknown,
    Forbidden: forbidden,
    NotFound: with_words(404),
    Unacceptable: unacceptable,
    Clash: clash,
    KeyInUse: key_in_use,
    Gone: with_words(410),
    Stale: with_words(412),
    Lost: with_words(412),
    Invalid: with_faults(422),
    KeyReused: with_words(422),
    NoSpace: with_words(507),
    OnlyReads: only_reads,
    Behind: behind,
    Moved: moved,
    Refusal: refusal,
    asyncio.QueueFull: busy,
    ConnectionError: away,
}
"""What each kind of error is answered with; the nearest class counts."""


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
    return answer(status, body, problems.CONTENT_TYPE, [freshness(request), *headers])


def unavailable(request: web.Request, detail: str, retry_seconds: int) -> web.Response:
    """503 (RFC 9110, 15.6.4): it will pass, and the client learns when to ask again."""
    return problem(request, 503, detail, headers=[("Retry-After", str(retry_seconds))])


def summary(faults: Sequence[Fault], *, of: str = "request") -> str:
    """The fault itself where there is one, else how many there are."""
    return faults[0].detail if len(faults) == 1 else f"The {of} has {len(faults)} faults: see errors."


def request_id(request: web.Request) -> str:
    """The id that the server's front gave to the request."""
    return request.headers.get("X-Request-ID", "")
