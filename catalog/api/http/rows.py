"""The rows of a body that is read piece by piece: a JSON array or JSON Lines. Only the row at hand is kept."""

import re
from collections.abc import Iterator

from catalog.api.http.bodies import bad, too_large

TOKEN = re.compile(rb'\\.|["\[\]{},]', re.DOTALL)
BLANK = b" \t\r\n"


class LineRows:
    """The lines of JSON Lines; blank ones are none."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self._rest = b""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The rows that end within the next piece. Raises Refusal for a row that is too large."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        yield from (line for line in lines if line.strip(BLANK))
        if len(self._rest) > self.limit_bytes:
            raise too_large(self.limit_bytes)

    def close(self) -> Iterator[bytes]:
        """The row that no line end follows."""
        if self._rest.strip(BLANK):
            yield self._rest


class ArrayRows:
    """The items of a JSON array, as they stand; whether each is JSON, is for their reader to say."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self._held = bytearray()
        self._place = 0
        self._depth = 0
        self._in_text = False
        self._ended = False
        self._any = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The rows that end within the next piece. Raises BadRequest for what is no array, Refusal as LineRows does."""
        self._held += chunk
        start = 0
        for token in TOKEN.finditer(self._held, self._place):
            what = self._held[token.start()]
            if self._in_text:
                self._in_text = what != ord('"')
            elif what == ord('"'):
                self._in_text = True
            elif (row := self._step(chr(what), start, token.start())) is not None:
                start = token.end()
                if row.strip(BLANK) or self._any:
                    yield row
                    self._any = True
        self._keep_from(start)

    def _step(self, what: str, start: int, end: int) -> bytes | None:
        """Move by one bracket or comma; the row that it ends, if it ends one; nothing at all before the first."""
        if self._depth == 0:
            if what != "[" or self._ended or self._held[start:end].strip(BLANK):
                raise bad("not_json", "The body must be one JSON array.")
            self._depth = 1
            return b""
        if what == "," and self._depth == 1:
            self._any = True
            return bytes(self._held[start:end])
        if what == "}" and self._depth == 1:
            raise bad("not_json", "The body must be one JSON array, which '}' does not end.")
        self._depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(what, 0)
        if self._depth == 0:
            self._ended = True
            return bytes(self._held[start:end])
        return None

    def _keep_from(self, start: int) -> None:
        del self._held[:start]
        # A backslash at the very end belongs to what comes next.
        self._place = len(self._held) - (1 if self._held.endswith(b"\\") and not escaped(self._held) else 0)
        if len(self._held) > self.limit_bytes:
            raise too_large(self.limit_bytes)

    def close(self) -> Iterator[bytes]:
        """Nothing: an array says itself where it ends. Raises BadRequest where it did not."""
        if not self._ended or self._held.strip(BLANK):
            raise bad("not_json", "The body must be one JSON array, to its end.")
        yield from ()


def escaped(text: bytearray) -> bool:
    """Whether the last backslash is itself escaped: there is an even number of them at the end."""
    return (len(text) - len(text.rstrip(b"\\"))) % 2 == 0
