"""Bodies of requests: read within their limits, and as strict JSON (RFC 8259)."""

import json
from collections.abc import Sequence
from typing import Any, NoReturn

from aiohttp import hdrs, web

from catalog.api.http.failures import Refusal
from catalog.api.http.operations import Body
from catalog.api.http.parsers import shown
from catalog.api.http.problems import BadRequest
from catalog.errors import Fault

DEPTH_LIMIT = 32
DIGITS_LIMIT = 400
"""Longer numbers are nobody's: the largest double has 309 digits."""

WHOLE_LIMIT = 2**53
"""Up to here a double is any whole number."""

ACCEPTS = {"POST": "Accept-Post", "PATCH": "Accept-Patch"}


def checked_type(request: web.Request, body: Body) -> str:
    """The media type of the body, one of those that `body` takes. Raises Refusal: 415, or 413 by Content-Length."""
    offered = ", ".join(body.content)
    accepts = [(ACCEPTS.get(request.method, "Accept"), offered)]
    media_type, parameters = parted(request.headers.get(hdrs.CONTENT_TYPE, ""))
    if media_type not in body.content:
        given = shown(media_type) if media_type else "none"
        raise Refusal(415, f"The body must be {offered}; the Content-Type is {given}.", accepts)
    if parameters.get("charset", "utf-8").lower() != "utf-8":
        raise Refusal(415, "The body must be UTF-8.", accepts)
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        raise Refusal(
            415, "A body is taken as it is, in no content coding.", [*accepts, ("Accept-Encoding", "identity")]
        )
    if (request.content_length or 0) > body.limit_bytes:
        raise too_large(body.limit_bytes)
    return media_type


def parted(content_type: str) -> tuple[str, dict[str, str]]:
    """A media type in small letters, and its parameters (RFC 9110, 8.3.1)."""
    media_type, *rest = content_type.split(";")
    pairs = (part.partition("=") for part in rest)
    return media_type.strip().lower(), {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}


def too_large(limit_bytes: int) -> Refusal:
    return Refusal(413, f"The body may have at most {limit_bytes:,} bytes.")


async def whole_body(request: web.Request, body: Body) -> bytes:
    """All of a body. Raises Refusal: 413 as soon as it is too large, 415."""
    checked_type(request, body)
    received = bytearray()
    async for chunk in request.content.iter_any():
        received += chunk
        if len(received) > body.limit_bytes:
            raise too_large(body.limit_bytes)
    return bytes(received)


def parsed(body: bytes) -> Any:
    """The JSON value that a body is. Raises BadRequest, which says where it stops being JSON.

    Refused beside what RFC 8259 refuses: NaN and Infinity, members that stand twice, deep nests, endless numbers.
    """
    if not body:
        raise bad("empty", "A body is needed, and there is none.")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise bad("not_utf8", f"The body is not UTF-8: byte {error.start} is the first that is none.") from error
    if text.startswith("\ufeff"):
        raise bad("not_json", "The body must not begin with a byte order mark.")
    try:
        value = json.loads(text, object_pairs_hook=distinct, **NUMBERS)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise bad("not_json", f"The body is not JSON: {error.msg} at {where}.") from error
    except RecursionError as error:
        raise too_deep() from error
    if deeper(value, DEPTH_LIMIT):
        raise too_deep()
    return value


def bad(code: str, detail: str) -> BadRequest:
    return BadRequest([Fault("#", code, detail)])


def too_deep() -> BadRequest:
    return bad("too_deep", f"The body may nest arrays and objects {DEPTH_LIMIT} deep.")


def distinct(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An object of members none of which stands twice. Raises BadRequest."""
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise bad("duplicate_member", f"{shown(twice.encode(errors='replace').decode())} stands twice in one object.")
    return members


def no_constant(text: str) -> NoReturn:
    raise bad("not_json", f"The body is not JSON: {text} is no number that JSON has.")


def whole_number(text: str) -> int:
    if len(text) > DIGITS_LIMIT:
        raise bad("too_long_number", f"A number may have at most {DIGITS_LIMIT} digits.")
    return int(text)


def number(text: str) -> float:
    """A number with a point or exponent; `1.0` is the whole number that it is to JSON Schema."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < WHOLE_LIMIT else value


NUMBERS: dict[str, Any] = {"parse_constant": no_constant, "parse_int": whole_number, "parse_float": number}


def deeper(value: Any, levels: int) -> bool:
    """Whether arrays and objects nest more than `levels` deep."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return bool(inner) and (levels == 0 or any(deeper(each, levels - 1) for each in inner))
