"""Answers and what every one of them carries."""

from collections.abc import Iterable
from functools import cache, partial

import msgspec
from aiohttp import hdrs, web

from catalog.api.http.codings import IDENTITY, encoded, wanted_coding
from catalog.api.http.validators import entity_tag, still_has

JSON_TYPE = "application/json"
READ_METHODS = "GET, HEAD, OPTIONS"
EXPOSED = "ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, "
EXPOSED += "Content-Location, Preference-Applied, Idempotency-Replayed, Write-Position, X-Request-ID"
SHARED = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", EXPOSED))
"""Any page may read us (API.md, Limits); never an echoed origin, since that would bring cookies along."""

FRESH = ("Cache-Control", "no-cache")
"""Keep it, but ask each time whether it still holds (RFC 9111, 5.2.2.4)."""

SURROGATE_KEY = "Surrogate-Key"
"""For the server's cache, which takes it away: keys by which a kept answer is dropped, with spaces between."""

OWN = ("Cache-Control", "private, no-cache")
"""The same for an answer to somebody who has said who they are: no cache that others share may keep it."""

NOT_KEPT = ("Cache-Control", "no-store")
"""The answer to a change is nobody's to keep (RFC 9111, 5.2.2.5)."""

CHOSEN_BY = ("Vary", "Accept, Accept-Encoding")
"""What a resource with one type looks at: another Accept can make it a 406."""


def freshness(request: web.Request) -> tuple[str, str]:
    """Who may keep the answer to a request, and for how long."""
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        return NOT_KEPT
    return OWN if hdrs.AUTHORIZATION in request.headers else FRESH


def answer(status: int, body: bytes, content_type: str, headers: Iterable[tuple[str, str]] = ()) -> web.Response:
    """A whole answer with the headers that all share."""
    return web.Response(status=status, body=body, headers=[("Content-Type", content_type), *SHARED, *headers])


class Coded(msgspec.Struct, frozen=True):
    """A body as it is sent: in a content coding, under the entity tag that names these very bytes."""

    body: bytes
    coding: str
    tag: str


def coded(body: bytes, coding: str, version: int | None = None) -> Coded:
    """`body` in `coding`; costs up to milliseconds, so large ones are coded in the executor. version: the film's."""
    sent, used = encoded(body, coding)
    return Coded(sent, used, entity_tag(body, used, version))


class Fixed:
    """A body that stays the same while the process runs, coded once for each coding."""

    def __init__(self, body: bytes) -> None:
        self.coded = cache(partial(coded, body))


def coding_of(request: web.Request) -> str:
    """The coding that the client wants most."""
    return wanted_coding(", ".join(request.headers.getall(hdrs.ACCEPT_ENCODING, ())))


def fresh_answer(
    request: web.Request,
    content: Coded,
    content_type: str,
    more: Iterable[tuple[str, str]] = (),
    *,
    keys: Iterable[str] = (),
    whole: bool = True,
) -> web.Response:
    """200 with the content, or 304 where the client has it (RFC 9110, 15.4.5).

    keys: what the answer depends on, as catalog/changes/surrogates.py tells; without any, on everything.
    whole: whether nothing is missing for want of time; what is not is kept by nobody, since the next may be.
    """
    headers = [freshness(request) if whole else NOT_KEPT, CHOSEN_BY, ("ETag", content.tag)]
    if still_has(request.headers.getall(hdrs.IF_NONE_MATCH, ()), content.tag):
        return web.Response(status=304, headers=[*SHARED, *headers])
    headers += more
    if known := " ".join(keys):
        headers.append((SURROGATE_KEY, known))
    if content.coding != IDENTITY:
        headers.append(("Content-Encoding", content.coding))
    return answer(200, content.body, content_type, headers)


def json_answer(
    request: web.Request,
    content: Coded,
    links: Iterable[tuple[str, str]] = (),
    keys: Iterable[str] = (),
    *,
    whole: bool = True,
) -> web.Response:
    """The same of JSON. links: pairs of relation and address for the header Link (RFC 8288)."""
    link = ", ".join([f'<{address}>; rel="{relation}"' for relation, address in links])
    return fresh_answer(request, content, JSON_TYPE, [("Link", link)] if link else (), keys=keys, whole=whole)


def redirect(status: int, path: str, request: web.Request) -> web.Response:
    """A redirect to another path of this service, with the request's query; relative, so that any host name holds.

    It has no content, and so no type of it (RFC 9110, 8.3).
    """
    query = raw_query(request)
    location = ("Location", f"{path}?{query}" if query else path)
    return web.Response(status=status, headers=[*SHARED, freshness(request), location])


def preflight(allowed: str) -> web.Response:
    """The answer to OPTIONS: the methods of the resource, for people and for browsers' CORS preflights."""
    headers = [
        ("Allow", allowed),
        *SHARED,
        ("Access-Control-Allow-Methods", allowed),
        ("Access-Control-Allow-Headers", "*, Authorization"),  # which the star leaves out (Fetch, 4.9)
        ("Access-Control-Max-Age", "86400"),
    ]
    return web.Response(status=204, headers=headers)


def raw_query(request: web.Request) -> str:
    """The query string as it came, percent-encoding and all: decoding is strict and not aiohttp's."""
    return request.raw_path.partition("?")[2]
