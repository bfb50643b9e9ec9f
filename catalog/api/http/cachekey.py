"""Which requests may share an answer: `cache_key` says under which name, or that they may not.

It is decided before anything is shared, from the request alone. When unsure: no sharing, the request takes the ordinary
way and is told there what is wrong with it.
"""

import re
from collections.abc import Mapping, Set
from functools import lru_cache
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

from catalog.api import people_params
from catalog.api.change_parameters import CHANGES_PARAMETERS
from catalog.api.http.codings import wanted_coding
from catalog.api.http.negotiation import HTML, JSON, preferred
from catalog.api.http.problems import ADDRESS
from catalog.api.http.query import is_plain, pairs_of
from catalog.api.http.remembered import LENGTH_MAX
from catalog.api.http.write_positions import NAME
from catalog.api.parameters import FILM_PARAMETERS, LIST_PARAMETERS, SIMILAR_PARAMETERS, STATISTICS_PARAMETERS

QUERY_LIMIT_BYTES = 2048
"""Longer ones are seldom asked twice, and would fill the memory with names."""

NONE: Set[str] = frozenset()
PARAMETERS: dict[bytes, Set[str]] = {
    b"/api": NONE,
    b"/api/openapi.json": NONE,
    b"/api/movies": LIST_PARAMETERS.keys(),
    b"/api/people": people_params.LIST_PARAMETERS.keys(),
    b"/api/genres": NONE,
    b"/api/stats": STATISTICS_PARAMETERS.keys(),
    b"/api/countries": NONE,
    b"/api/languages": NONE,
    b"/api/movies/suggest": frozenset(("q", "limit")),
    b"/api/changes": CHANGES_PARAMETERS.keys(),
    ADDRESS.encode(): NONE,
}
"""The parameters of each resource that has one address; any other parameter is somebody's mistake."""

OFFERS, PAGE_OFFERS = (JSON,), (JSON, HTML)
PAGES = ADDRESS.encode()
"""Below it is what has a page for people too."""

ID = rb"[1-9][0-9]{0,17}"
PATHS: tuple[tuple[re.Pattern[bytes], Set[str]], ...] = (
    (re.compile(rb"/api/movies/" + ID), FILM_PARAMETERS.keys()),
    (re.compile(rb"/api/movies/" + ID + rb"/(credits|titles)"), NONE),
    (re.compile(rb"/api/movies/" + ID + rb"/similar"), SIMILAR_PARAMETERS.keys()),
    (re.compile(rb"/api/people/" + ID), people_params.PERSON_PARAMETERS.keys()),
    (re.compile(rb"/api/people/" + ID + rb"/credits"), NONE),
)
"""The same of what has an address for each row."""

PERSONAL = frozenset((b"authorization", b"cookie"))
UNCOMMON = frozenset((b"range", b"if-match", b"if-unmodified-since", b"if-range", b"expect", b"transfer-encoding"))
"""What asks for a part, sets a condition that is not the cache's, or says that a body comes."""

AWAITING = frozenset((NAME.lower().encode(),))
"""What an answer must show first, which is for the server of the database to say that will be read."""

EXCLUDING = PERSONAL | UNCOMMON | AWAITING
LOOKED_AT = EXCLUDING | {b"content-length", b"accept", b"accept-encoding"}
"""Most headers of a browser say nothing of all this, and are passed by with one look."""


def cache_key(scope: Mapping[str, Any]) -> bytes | None:
    """The name under which the answer to an ASGI request may be kept, or None where it may not be shared.

    Requests with equal keys get the same bytes: it is the target in its normal form, the type and the coding.

    None for all but GET and HEAD, for what depends on who asks (Authorization, Cookie), for parts (Range), for
    what must show a write (Write-Position), for parameters that are unknown, faulty or too many, and for a random order
    without a seed.
    """
    if scope["method"] not in {"GET", "HEAD"} or scope["root_path"]:
        return None
    accept = coding = None
    for name, value in scope["headers"]:
        if name not in LOOKED_AT:
            continue
        if name in EXCLUDING or (name == b"content-length" and value != b"0"):
            return None
        if name == b"accept":
            if accept is not None:
                return None
            accept = value
        elif name == b"accept-encoding":
            coding = value if coding is None else b"%b, %b" % (coding, value)
    return key_of(scope.get("raw_path") or b"", scope["query_string"], accept, coding)


def key_of(path: bytes, query: bytes, accept: bytes | None, accept_encoding: bytes | None) -> bytes | None:
    """The key of a plain read. Lengths are looked at before anything is remembered."""
    wishes = len(accept or b"") + len(accept_encoding or b"")
    if len(query) > QUERY_LIMIT_BYTES or wishes > QUERY_LIMIT_BYTES:
        return None
    offers = PAGE_OFFERS if path.startswith(PAGES) else OFFERS
    if len(path) + len(query) + wishes <= LENGTH_MAX:
        target, form = target_of(path, query), negotiated(offers, accept, accept_encoding)
    else:
        target, form = target_of.__wrapped__(path, query), negotiated.__wrapped__(offers, accept, accept_encoding)
    return None if target is None or form is None else target + form


@lru_cache(maxsize=1024)
def target_of(path: bytes, query: bytes) -> bytes | None:
    """Path and query in their normal form; None where they may not be shared."""
    known = PARAMETERS.get(path)
    if known is None:
        known = next((parameters for pattern, parameters in PATHS if pattern.fullmatch(path)), None)
    normal = None if known is None else normal_query(query, known)
    return None if normal is None else path + b"?" + normal


def normal_query(query: bytes, known: Set[str]) -> bytes | None:
    """The query with its names sorted, encoded in one way. The order of a repeated name's values is kept.

    >>> normal_query(b"sort=-year&genre=b&limit=%35&genre=a", {"genre", "limit", "sort"})
    b'genre=b&genre=a&limit=5&sort=-year'
    """
    try:
        plain = is_plain(text := query.decode("ascii"))
        pairs = pairs_of(text, plain=plain)
    except ValueError:
        return None
    given = dict(pairs)
    if not given.keys() <= known:
        return None
    if "random" in given.get("sort", "") and "seed" not in given:
        return None
    if plain and [*given] == sorted(given) and len(given) == len(pairs):
        return query
    # By the name alone: a repeated name keeps the order of its values.
    pairs.sort(key=itemgetter(0))
    return ("&".join(map("=".join, pairs)) if plain else urlencode(pairs)).encode()


@lru_cache(maxsize=1024)
def negotiated(offers: tuple[str, ...], accept: bytes | None, accept_encoding: bytes | None) -> bytes | None:
    """The end of a key: the type and coding that the client prefers; None where it accepts none of the `offers`."""
    media_type = preferred(None if accept is None else accept.decode("latin-1"), offers)
    if media_type is None:
        return None
    coding = wanted_coding(None if accept_encoding is None else accept_encoding.decode("latin-1"))
    return f" {media_type} {coding}".encode()
