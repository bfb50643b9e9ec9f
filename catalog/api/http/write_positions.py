"""The header `Write-Position`: what the answer to a change says of a replicated database, and a read brings back.

A client gets it from the primary and sends it to any replica, whose answer is then none from before the change.
"""

import binascii
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from zlib import crc32

import msgspec
from aiohttp import web
from multidict import istr

from catalog.api.http.problems import BadRequest
from catalog.errors import Fault
from catalog.values.replication import WritePosition

NAME = "Write-Position"
FIELD = istr(NAME)
BODY, SUM = struct.Struct(">qiqq"), struct.Struct(">I")
LENGTH = 43
"""Characters of 32 bytes in base64url, of which the last four tell a value that was cut or mistyped."""

PATTERN = f"^[A-Za-z0-9_-]{{{LENGTH}}}$"

BROUGHT: web.RequestKey[WritePosition] = web.RequestKey("brought", WritePosition)
WRITTEN: web.RequestKey[WritePosition] = web.RequestKey("written", WritePosition)


def encoded(position: WritePosition) -> str:
    """The position as clients carry it and do not read it."""
    body = BODY.pack(*msgspec.structs.astuple(position))
    return urlsafe_b64encode(body + SUM.pack(crc32(body))).rstrip(b"=").decode()


def decoded(text: str) -> WritePosition:
    """The position that `encoded` made the text of. Raises ValueError for any other text."""
    if len(text) != LENGTH:
        raise ValueError(text)
    try:
        whole = urlsafe_b64decode(f"{text}=".encode("ascii"))
        position = WritePosition(*BODY.unpack(whole[: BODY.size]))
    except (UnicodeEncodeError, binascii.Error, struct.error) as error:
        raise ValueError(text) from error
    if encoded(position) != text:  # nor is there a second spelling
        raise ValueError(text)
    return position


def bring(request: web.Request) -> None:
    """Note what a read must show, for its hops. Raises BadRequest."""
    if FIELD not in request.headers:
        return
    values = request.headers.getall(FIELD)
    try:
        if len(values) > 1:
            raise ValueError(values)
        request[BROUGHT] = decoded(values[0].strip())
    except ValueError as error:
        rule = f"{NAME} must be one value, as the answer to a change gave it."
        raise BadRequest([Fault("#", "bad_position", rule)]) from error


def brought(request: web.Request) -> WritePosition | None:
    """What a read must show, if anything."""
    return request.get(BROUGHT) if FIELD in request.headers else None  # the field is found in a third of the time


def note_position(request: web.Request, found: Sequence[WritePosition]) -> None:
    """Remember where the database stands after what a request has written, for its answer."""
    if found:
        request[WRITTEN] = found[-1]


def tell_position(request: web.Request, response: web.StreamResponse) -> None:
    """Put it into the answer's headers, before that begins: into a refusal's too, where some was written."""
    if request.method == "GET":
        return
    position = request.get(WRITTEN)
    if position is not None and not response.prepared:
        response.headers[NAME] = encoded(position)
