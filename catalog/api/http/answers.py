"""Answers and what every one of them carries."""

from collections.abc import Iterable

from aiohttp import web
from multidict import CIMultiDict

JSON_TYPE = "application/json"
READ_METHODS = "GET, HEAD, OPTIONS"
EXPOSED = "ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-ID"
SHARED = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", EXPOSED))
"""Any page may read us (API.md, Limits); never an echoed origin, since that would bring cookies along."""

FRESH = ("Cache-Control", "no-cache")
"""Keep it, but ask each time whether it still holds (RFC 9111, 5.2.2.4)."""


def answer(status: int, body: bytes, content_type: str, headers: Iterable[tuple[str, str]] = ()) -> web.Response:
    """A whole answer with the headers that all share."""
    return web.Response(
        status=status, body=body, headers=CIMultiDict([("Content-Type", content_type), *SHARED, *headers])
    )


def json_answer(body: bytes, links: Iterable[tuple[str, str]] = ()) -> web.Response:
    """200 with JSON; `links` are pairs of relation and address for the header Link (RFC 8288)."""
    link = ", ".join(f'<{address}>; rel="{relation}"' for relation, address in links)
    return answer(200, body, JSON_TYPE, [FRESH, ("Link", link)] if link else [FRESH])


def redirect(status: int, path: str, request: web.Request) -> web.Response:
    """A redirect to another path of this service, with the request's query; relative, so that any host name holds."""
    query = raw_query(request)
    return answer(status, b"", JSON_TYPE, [FRESH, ("Location", f"{path}?{query}" if query else path)])


def preflight(allowed: str) -> web.Response:
    """The answer to OPTIONS: the methods of the resource, for people and for browsers' CORS preflights."""
    headers = [
        ("Allow", allowed),
        *SHARED,
        ("Access-Control-Allow-Methods", allowed),
        ("Access-Control-Allow-Headers", "*"),
        ("Access-Control-Max-Age", "86400"),
    ]
    return web.Response(status=204, headers=CIMultiDict(headers))


def raw_query(request: web.Request) -> str:
    """The query string as it came, percent-encoding and all: decoding is strict and not aiohttp's."""
    return request.raw_path.partition("?")[2]
