"""Cursors: a position in a sorted list, as text that clients carry and do not read.

A cursor holds the keys of the row that it stands beside, not the row, so that it survives the row's deletion; and a
fingerprint of the filter and the order, so that it is refused under another. A forged one is just another position.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec

from catalog.values import Int64, Position

LENGTH_LIMIT = 2000
ENCODER = msgspec.msgpack.Encoder()
ENVELOPE = msgspec.msgpack.Decoder(tuple[bytes, bytes])


class BadCursor(ValueError):
    """The text is no cursor of this service."""


class OtherList(ValueError):
    """The cursor belongs to a list with another filter or sort."""


def fingerprint(shape: Any) -> bytes:
    """Eight bytes that tell lists apart: all that decides which rows there are and in which order."""
    return blake2b(ENCODER.encode(shape), digest_size=8).digest()


def encode(position: Position, shape: bytes) -> str:
    """The cursor of `position` in the list that has the fingerprint `shape`."""
    place = ENCODER.encode((position.backward, position.id, *position.keys))
    return urlsafe_b64encode(ENCODER.encode((shape, place))).rstrip(b"=").decode()


def decode(text: str, shape: bytes, key_types: tuple[Any, ...]) -> Position:
    """The position that `encode` made the cursor of.

    key_types: the type of each key. Raises BadCursor, and OtherList where the fingerprint is another.
    """
    if len(text) > LENGTH_LIMIT:
        raise BadCursor
    try:
        written_for, place = ENVELOPE.decode(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
        if written_for != shape:
            raise OtherList
        backward, row_id, *keys = places(key_types).decode(place)
        position = Position(tuple(keys), row_id, backward=backward)
        # Only what we write ourselves comes through: no second spelling, no NUL for the database to choke on.
        ours = encode(position, shape) == text and not any(isinstance(key, str) and "\0" in key for key in keys)
    except (UnicodeEncodeError, binascii.Error, msgspec.DecodeError, OverflowError) as error:
        raise BadCursor from error
    if not ours:
        raise BadCursor
    return position


@lru_cache(maxsize=256)
def places(key_types: tuple[Any, ...]) -> "msgspec.msgpack.Decoder[tuple[Any, ...]]":
    """The decoder of a cursor's inner part, for keys of these types."""
    parts: Any = tuple.__class_getitem__((bool, Int64, *key_types))  # made at run time: no type that mypy could read
    return msgspec.msgpack.Decoder(parts)
