"""Content codings (RFC 9110, 8.4.1): which one a client wants, and how a body gets it."""

import sys
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

IDENTITY = "identity"
SMALL_BYTES = 400
"""Below this a coding saves less than its header and the client's work cost."""

ZSTD_LEVEL, BROTLI_QUALITY, GZIP_LEVEL = 3, 4, 6
"""Each is where the next level costs more time than its bytes are worth at the size of a page of films."""


def gzip(body: bytes) -> bytes:
    """RFC 1952 without a time: equal bodies stay equal."""
    return zlib.compress(body, GZIP_LEVEL, wbits=31)


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstd.compress(body, ZSTD_LEVEL),
    "br": lambda body: brotli.compress(body, quality=BROTLI_QUALITY),
    "gzip": gzip,
}
"""What is offered, the best first."""


@lru_cache(maxsize=256)
def wanted_coding(accept_encoding: str | None) -> str:
    """The coding to answer with for a header Accept-Encoding (RFC 9110, 12.5.3).

    The best of those with the highest weight; identity where the client names none of ours, or prefers it. A client
    that excludes identity and everything that is offered gets identity all the same.
    """
    weights = dict(weighted(part) for part in (accept_encoding or "").lower().split(","))
    rest = weights.get("*", 0.0)
    best = max(ENCODERS, key=lambda name: weight_of(name, weights, rest))
    weight = weight_of(best, weights, rest)
    return best if weight > 0 and weight >= weights.get(IDENTITY, 0.0) else IDENTITY


def weight_of(name: str, weights: dict[str, float], rest: float) -> float:
    """The weight of a coding; `x-gzip` is gzip's old name (RFC 9110, 8.4.1.3)."""
    if name == "gzip" and name not in weights:
        return weights.get("x-gzip", rest)
    return weights.get(name, rest)


def weighted(text: str) -> tuple[str, float]:
    """`br;q=0.5` as ("br", 0.5). A weight that is none counts as 0: what is not understood is not used."""
    name, *parameters = (part.strip() for part in text.split(";"))
    value = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    try:
        weight = float(value)
    except ValueError:
        return name, 0.0
    return name, weight if 0 <= weight <= 1 else 0.0


def encoded(body: bytes, coding: str) -> tuple[bytes, str]:
    """The body in `coding`, and the coding that it has now: identity where the body is small or would not shrink."""
    if coding == IDENTITY or len(body) < SMALL_BYTES:
        return body, IDENTITY
    shorter = ENCODERS[coding](body)
    return (shorter, coding) if len(shorter) < len(body) else (body, IDENTITY)


class Stream(Protocol):
    """A body that is coded as it comes."""

    def feed(self, part: bytes) -> bytes:
        """What can be sent of the body with its next part."""

    def finish(self) -> bytes:
        """The rest, after the last part."""


class Plain:
    """The body as it is."""

    def feed(self, part: bytes) -> bytes:
        return part

    def finish(self) -> bytes:
        return b""


class Gzip:
    def __init__(self) -> None:
        self._compressor = zlib.compressobj(GZIP_LEVEL, wbits=31)

    def feed(self, part: bytes) -> bytes:
        return self._compressor.compress(part)

    def finish(self) -> bytes:
        return self._compressor.flush()


class Brotli:
    def __init__(self) -> None:
        self._compressor = brotli.Compressor(quality=BROTLI_QUALITY)

    def feed(self, part: bytes) -> bytes:
        return bytes(self._compressor.process(part))

    def finish(self) -> bytes:
        return bytes(self._compressor.finish())


class Zstd:
    def __init__(self) -> None:
        self._compressor = zstd.ZstdCompressor(ZSTD_LEVEL)

    def feed(self, part: bytes) -> bytes:
        return self._compressor.compress(part)

    def finish(self) -> bytes:
        return self._compressor.flush()


STREAMS: dict[str, Callable[[], Stream]] = {IDENTITY: Plain, "gzip": Gzip, "br": Brotli, "zstd": Zstd}
"""The same codings for a body whose end is not known yet."""
