"""A whole answer: how it is recorded, what of it may be kept, and how it is given again."""

from collections.abc import Sequence
from functools import lru_cache

from starlette.types import Message, Send

from server.pages import names_etag

Header = tuple[bytes, bytes]

SURROGATE_KEY = b"surrogate-key"
"""What an answer depends on: keys with spaces between, by which it is dropped. It is for us and goes no further."""

HIT: Header = (b"cache-status", b"revision; hit")
"""What has become of a request that is answered from here (RFC 9211, 2)."""

NOSNIFF: Header = (b"x-content-type-options", b"nosniff")

WHOLE = "moviedb.response.whole"
"""An ASGI extension of server/http.py: a function `(scope, head, body) -> bool` that sends a whole answer as it goes to
the client, `head` up to the last header line; the server adds Date and Connection. False: send it as messages."""

EVERYTHING = b"*"
"""The key of what depends on everything, or concerns everything."""

OWN_TO_ONE_ANSWER = frozenset(
    (
        # One `Connection: close` kept would close every client's connection (RFC 9110, 7.6.1).
        *(b"connection", b"keep-alive", b"proxy-connection", b"proxy-authenticate", b"proxy-authentication-info"),
        *(b"te", b"trailer", b"transfer-encoding", b"upgrade"),
        *(b"date", b"age", b"server", b"x-request-id", b"cache-status"),
        SURROGATE_KEY,
        *(b"ratelimit", b"ratelimit-policy", b"retry-after"),
    )
)
LEFT_OUT = OWN_TO_ONE_ANSWER | {b"content-length"}
OF_THE_ASKER = frozenset((b"ratelimit", b"ratelimit-policy"))
"""What the one who had an answer made is told of it: what is left of a rate that nobody else has drawn on."""
OF_THE_BODY = frozenset((b"content-type", b"content-length", b"content-encoding", b"content-language", b"link"))
"""What a 304 leaves out: it would describe a body that is not sent (RFC 9110, 15.4.5)."""

ENTRY_BYTES = 530
"""What is around the bytes of one kept answer: their objects, itself, its numbers, its places in the dictionaries."""


class Kept:
    """A 200 to GET, to be sent to anybody who asks the same.

    lines: its headers as they go to the client; those that a 304 has too stand first, up to `brief_size`.
    keys: its surrogate keys, with spaces between. checked: how many changes it has outlived.
    size: the bytes that it takes.
    """

    __slots__ = ("body", "brief_size", "checked", "etag", "keys", "lines", "size")

    def __init__(self, headers: list[Header], body: bytes) -> None:
        brief: list[bytes] = []
        rest: list[bytes] = []
        keys: list[bytes] = []
        self.etag = b""
        for pair in headers:
            name = pair[0]
            if name in LEFT_OUT:
                if name == SURROGATE_KEY:
                    keys.append(pair[1])
            elif name in OF_THE_BODY:
                rest.append(b": ".join(pair))
            else:
                brief.append(b": ".join(pair))
                if name == b"etag":
                    self.etag = pair[1]
        rest.append(b"content-length: %d\r\n" % len(body))
        brief.append(b"\r\n".join(rest))
        self.lines = b"\r\n".join(brief)
        self.brief_size = len(self.lines) - len(brief[-1])
        self.keys = b" ".join(keys) or EVERYTHING
        self.checked = 0
        self.body = body
        self.size = len(body) + len(self.lines) + len(self.keys) + len(self.etag) + ENTRY_BYTES

    def head_for(self, outcome: Header, *, brief: bool) -> bytes:
        """The beginning of an answer as it goes to the client, with what has become of the request; `brief`: of a 304.

        Without the lines that belong to one answer alone.
        """
        if brief:
            return b"HTTP/1.1 304 Not Modified\r\n%b%b" % (self.lines[: self.brief_size], last_lines(outcome))
        return b"HTTP/1.1 200 OK\r\n%b%b" % (self.lines, last_lines(outcome))

    def matches(self, if_none_match: Sequence[bytes]) -> bool:
        """Whether the client has this answer already."""
        if not self.etag:
            return False
        return if_none_match == [self.etag] or names_etag(if_none_match, self.etag.decode("latin-1"))

    def messages(self, method: str, if_none_match: Sequence[bytes], *more: Header) -> tuple[Message, Message]:
        """The answer to GET or HEAD, or the 304 that says that the client has it; `more` headers belong to this one."""
        if if_none_match and self.matches(if_none_match):
            headers = [*pairs_of(self.lines[: self.brief_size]), *more]
            return {"type": "http.response.start", "status": 304, "headers": headers}, NO_BODY
        start = {"type": "http.response.start", "status": 200, "headers": [*pairs_of(self.lines), *more]}
        return start, {"type": "http.response.body", "body": self.body} if method == "GET" else NO_BODY


NO_BODY: Message = {"type": "http.response.body", "body": b""}


@lru_cache(maxsize=8)
def last_lines(outcome: Header) -> bytes:
    """The lines that a kept answer gets by the way on which it is given."""
    return b"%b: %b\r\n" % outcome + b"%b: %b\r\n" % NOSNIFF


def pairs_of(lines: bytes) -> list[Header]:
    """Header lines as ASGI has them."""
    return [(name, value) for name, _, value in [line.partition(b": ") for line in lines.split(b"\r\n")[:-1]]]


def may_be_kept(start: Message) -> bool:
    """Whether the answer that begins so is a whole one and the same for everybody (RFC 9111, 3)."""
    if start["status"] != 200:
        return False
    headers = start["headers"]
    values = b"".join([value for _, value in headers])
    if b"\r" in values or b"\n" in values:
        return False  # the server refuses it, and would not be asked
    return not any(forbids(*pair) for pair in headers if pair[0] in DECIDING)


DECIDING = frozenset((b"set-cookie", b"vary", b"cache-control"))


def forbids(name: bytes, value: bytes) -> bool:
    """Whether a header that may decide it says that an answer is not everybody's."""
    if name == b"vary":
        return b"*" in value
    return name == b"set-cookie" or b"no-store" in value or b"private" in value


class Recorder:
    """An ASGI `send` that keeps an answer back until it is whole; what may not be kept goes on at once."""

    _start: Message | None = None
    _size = 0
    _passing = False
    _complete = False

    def __init__(self, send: Send, *, limit_bytes: int, head_only: bool) -> None:
        self._send = send
        self._limit_bytes = limit_bytes
        self._head_only = head_only
        self._chunks: list[bytes] = []

    async def send(self, message: Message) -> None:
        """Take the application's next message."""
        if self._passing:
            await self._pass(message)
        elif message["type"] == "http.response.start":
            self._start = message
            if not may_be_kept(message):
                await self._let_go()
        else:
            await self._take(message)

    def kept(self) -> Kept | None:
        """The answer, if it is whole and may be kept; otherwise the client has been sent what there was."""
        if self._passing or not self._complete or self._start is None:
            return None
        return Kept(self._start["headers"], b"".join(self._chunks))

    def own(self) -> list[Header]:
        """The headers of the answer that are for its asker alone."""
        return [pair for pair in self._start["headers"] if pair[0] in OF_THE_ASKER] if self._start else []

    async def _take(self, message: Message) -> None:
        self._chunks.append(message.get("body", b""))
        self._size += len(self._chunks[-1])
        self._complete = not message.get("more_body", False)
        if self._size > self._limit_bytes:
            await self._let_go()

    async def _let_go(self) -> None:
        """From now on the answer is the client's alone."""
        self._passing = True
        await self._send(self._start or {})
        if self._chunks:
            body = b"".join(self._chunks)
            self._chunks.clear()
            await self._pass({"type": "http.response.body", "body": body, "more_body": not self._complete})

    async def _pass(self, message: Message) -> None:
        await self._send({**message, "body": b""} if self._head_only else message)
