"""Preferences (RFC 7240) and idempotency keys: what a client says about how its change is to be answered."""

import re

from aiohttp import web

from catalog.api.http.problems import BadRequest
from catalog.errors import Fault

KEY = re.compile(r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"|([\x21\x23-\x7e]+)')
KEY_LENGTH = 255
PART = re.compile(r'\s*return\s*=\s*("?)(minimal|representation)\1\s*', re.IGNORECASE)


def wanted_return(request: web.Request) -> str | None:
    """What the first preference `return` says: minimal or representation; None without one that is known."""
    for part in ", ".join(request.headers.getall("Prefer", ())).split(","):
        if found := PART.fullmatch(part.partition(";")[0]):
            return found[2].lower()
    return None


def idempotency_key(request: web.Request) -> str | None:
    """The request's key: a Structured Field string, or the same bare; None without one. Raises BadRequest."""
    values = request.headers.getall("Idempotency-Key", ())
    if not values:
        return None
    found = KEY.fullmatch(values[0].strip())
    text = "" if found is None else found[2] or re.sub(r"\\(.)", r"\1", found[1] or "")
    if len(values) > 1 or not text or len(text) > KEY_LENGTH:
        rule = f'Idempotency-Key must be one text of 1 to {KEY_LENGTH} visible characters, as "8e03978e-40d5".'
        raise BadRequest([Fault("#", "bad_key", rule)])
    return text
