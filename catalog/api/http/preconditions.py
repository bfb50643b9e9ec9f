"""Preconditions of changes (RFC 9110, 13): the headers that say which version a client wants to change."""

import re
from email.utils import parsedate_to_datetime

from aiohttp import hdrs, web

from catalog.api.http.failures import Refusal
from catalog.api.http.problems import BadRequest
from catalog.api.keys import POLICY
from catalog.errors import Fault
from catalog.values import Condition

TAG = re.compile(r'\s*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*')
OURS = re.compile(r"([0-9]{1,10})\.[A-Za-z0-9_-]+={0,2}\.[a-z]+")
"""What a tag of one film says, as http/validators.py writes it: its version comes first."""


def condition_of(request: web.Request) -> Condition:
    """What the request says of the version that it changes.

    A weak tag is never equal here (RFC 9110, 13.1.1), and a date that is none counts as absent (13.1.4).
    Raises BadRequest for what is no list of tags, Refusal (428) where If-Match must be there and is not.
    """
    match = listed(request, hdrs.IF_MATCH)
    none_match = listed(request, hdrs.IF_NONE_MATCH)
    if match is None and request.app[POLICY].require_if_match:
        raise Refusal(428, "This service takes changes only with If-Match: send the ETag of the version that you have.")
    since = request.headers.get(hdrs.IF_UNMODIFIED_SINCE) if match is None else None
    return Condition(
        exists=match == "*",
        versions=None if match is None or match == "*" else versions_in(match, weak=False),
        absent=none_match == "*",
        other_than=() if none_match is None or none_match == "*" else versions_in(none_match, weak=True),
        unmodified_since=None if since is None else seconds_of(since),
    )


def listed(request: web.Request, name: str) -> str | None:
    """The value of a header that may stand several times; None where it is absent."""
    values = request.headers.getall(name, None)
    return None if values is None else ", ".join(value.strip() for value in values)


def versions_in(value: str, *, weak: bool) -> tuple[int, ...]:
    """The versions that a list of entity tags names; those of others' making name none. Raises BadRequest."""
    found = []
    place = 0
    while place < len(value):
        tag = TAG.match(value, place)
        if tag is None or (tag.end() < len(value) and value[tag.end()] != ","):
            raise BadRequest([Fault("#", "bad_etag", "If-Match and If-None-Match take '*' or quoted entity tags.")])
        ours = OURS.fullmatch(tag[2])
        if ours is not None and (weak or tag[1] is None):
            found.append(int(ours[1]))
        place = tag.end() + 1
    if not value or value.endswith(","):
        raise BadRequest([Fault("#", "bad_etag", "If-Match and If-None-Match take '*' or quoted entity tags.")])
    return tuple(found)


def seconds_of(text: str) -> float | None:
    """An HTTP date as seconds since 1970; None where it is none."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
