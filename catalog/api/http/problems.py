"""Problem details (RFC 9457): what every error looks like, whoever makes it.

`type` is an address on this service, `/api/problems/{slug}`, that explains the problem to whoever follows it.
"""

from collections.abc import Sequence
from http import HTTPStatus

import msgspec

from catalog.errors import Fault

CONTENT_TYPE = "application/problem+json"
ADDRESS = "/api/problems"


class BadRequest(Exception):
    """The request is not understood; `faults` holds everything that is wrong with it. Answered with 400."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.detail for fault in faults))
        self.faults = faults


class Kind(msgspec.Struct, frozen=True):
    """One kind of problem: the slug of its address, its title, and what it means and what to do about it."""

    slug: str
    title: str
    explanation: str


KINDS: dict[int, Kind] = {
    400: Kind(
        "bad-request",
        "The request is not understood",
        "A part of the request, most often of its query, has no meaning here. `errors` lists every fault: which "
        "parameter, what is wrong and what would be right. Mend them and ask again; the same request fails again.",
    ),
    401: Kind(
        "unauthorized",
        "A token is needed",
        "The request needs a token that holds, as `Authorization: Bearer mdb_…`. `WWW-Authenticate` says what is wrong "
        "with the one that came (RFC 6750). Whoever runs the service makes tokens, in the admin or by `moviedb token`.",
    ),
    403: Kind(
        "forbidden",
        "The token does not reach that far",
        "The token holds, but lacks the scope that `WWW-Authenticate` names. Ask for a token that has it.",
    ),
    404: Kind(
        "not-found",
        "There is nothing here",
        "No resource stands under this address. It may never have existed, or it may not be published.",
    ),
    405: Kind(
        "method-not-allowed",
        "The method is not allowed here",
        "The resource exists and does not take this method. The header `Allow` lists those that it takes.",
    ),
    406: Kind(
        "not-acceptable",
        "No acceptable form",
        "The header `Accept` rules out every form that the resource has. Ask for `application/json`.",
    ),
    408: Kind("request-timeout", "The request took too long to arrive", "Send it again, and faster."),
    409: Kind(
        "conflict",
        "It clashes with what is there",
        "Something else already holds what must be unique, most often an external id: `detail` names it and its "
        "address. Or the same `Idempotency-Key` is being worked on: ask again after the seconds of `Retry-After`.",
    ),
    410: Kind(
        "gone",
        "It has been deleted",
        "What stood here was deleted within the last 30 days. Forget its address; later it will be a 404. Of a "
        "position among the changes: what followed it is no longer kept; `/api/changes` without `since` begins again.",
    ),
    412: Kind(
        "precondition-failed",
        "The condition does not hold",
        "Of a change: `If-Match` or `If-Unmodified-Since` names an older version, somebody else was faster. Read it "
        "again, decide, and send the change with the new `ETag`. Of a read: the database does not have the write that "
        "`Write-Position` names. Ask without it, and look.",
    ),
    413: Kind(
        "content-too-large", "The body is too large", "The body is larger than this resource takes. Send it in parts."
    ),
    414: Kind("uri-too-long", "The address is too long", "Shorten the query: `detail` names the limit."),
    415: Kind(
        "unsupported-media-type",
        "The body has an unknown form",
        "`Accept-Post` or `Accept-Patch` names the media types that the resource takes; a body is never compressed.",
    ),
    417: Kind("expectation-failed", "The expectation is unknown", "Only `100-continue` is known here."),
    422: Kind(
        "unprocessable",
        "The values break rules",
        "The body is well-formed, but its values are not all possible. `errors` lists every fault: a JSON pointer to "
        "the value, a code and a sentence. Nothing has been written. Or an `Idempotency-Key` came with another body.",
    ),
    428: Kind(
        "precondition-required",
        "A version is needed",
        "This service takes no change that does not say what it changes: send `If-Match` with your `ETag`.",
    ),
    429: Kind(
        "too-many-requests",
        "Too many requests",
        "More was asked for than is allowed in the time that `RateLimit-Policy` names. Ask again after the seconds of "
        "`Retry-After`; `RateLimit` says with every answer how much is left.",
    ),
    431: Kind("header-fields-too-large", "The headers are too large", "Send fewer or shorter header fields."),
    500: Kind(
        "internal",
        "The server failed",
        "A fault of the server, not of the request. It has been logged under `request_id`: name it in a report.",
    ),
    503: Kind(
        "unavailable",
        "The server cannot answer now",
        "Too many requests are waiting, or the database cannot be reached, or the server is about to stop, or its "
        "replica of the database has yet to replay what `Write-Position` names. Ask again after the seconds that "
        "`Retry-After` names.",
    ),
    504: Kind(
        "deadline",
        "The answer took too long",
        "The server gave up waiting. Ask for less at once. Of a change it is not known whether it was made: look, or "
        "send it again with the same `Idempotency-Key`.",
    ),
    507: Kind(
        "insufficient-storage",
        "The disk is full",
        "The database has no room for the change; nothing has been written. Whoever runs the service must make room.",
    ),
}
"""Every problem of this service, by status."""


class Problem(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The members of RFC 9457 section 3.1, and two of our own: `request_id` and `errors`."""

    type: str
    title: str
    status: int
    detail: str
    instance: str = ""
    request_id: str
    errors: Sequence[Fault] = ()


def body(status: int, detail: str, instance: str, request_id: str, *, errors: Sequence[Fault] = ()) -> bytes:
    """A problem as `application/problem+json`.

    instance: the path (and query) that was asked for, where it could be read. errors: every single fault, where there
    are several.
    A status without a kind of its own is `about:blank`, whose title is the status's own phrase (RFC 9457, 4.2.1).
    """
    kind = KINDS.get(status)
    address = f"{ADDRESS}/{kind.slug}" if kind else "about:blank"
    title = kind.title if kind else HTTPStatus(status).phrase
    problem = Problem(
        type=address,
        title=title,
        status=status,
        detail=detail,
        instance=instance.encode(errors="replace").decode(),
        request_id=request_id,
        errors=errors,
    )
    return msgspec.json.encode(problem)
