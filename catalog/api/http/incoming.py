"""A body of many rows as it comes: its rows, within limits, and the digest of all its bytes."""

from collections.abc import AsyncIterator
from hashlib import sha256

from aiohttp import web

from catalog.api.http.bodies import checked_type, too_large
from catalog.api.http.failures import Refusal
from catalog.api.http.negotiation import JSON
from catalog.api.http.operations import Body, operation_of
from catalog.api.http.rows import ArrayRows, LineRows


class Incoming:
    """The body of a request, of at most `rows_limit` rows, each of at most `row_limit_bytes`."""

    def __init__(self, request: web.Request, rows_limit: int, row_limit_bytes: int) -> None:
        operation = operation_of(request)
        self._body = operation.body if operation and operation.body else Body(content={})
        self._content = request.content
        is_array = checked_type(request, self._body) == JSON
        self._rows = ArrayRows(row_limit_bytes) if is_array else LineRows(row_limit_bytes)
        self._rows_limit = rows_limit
        self._digest = sha256()

    async def rows(self) -> AsyncIterator[bytes]:
        """The rows. Raises BadRequest, and Refusal for more bytes or rows than there may be."""
        count = 0
        async for row in self._any_number():
            count += 1
            if count > self._rows_limit:
                raise Refusal(413, f"The body may have at most {self._rows_limit:,} rows.")
            yield row

    async def _any_number(self) -> AsyncIterator[bytes]:
        received = 0
        async for chunk in self._content.iter_any():
            received += len(chunk)
            if received > self._body.limit_bytes:
                raise too_large(self._body.limit_bytes)
            self._digest.update(chunk)
            for row in self._rows.feed(chunk):
                yield row
        for row in self._rows.close():
            yield row

    def digest(self) -> bytes:
        """Of what has come so far."""
        return self._digest.digest()
