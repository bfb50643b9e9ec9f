"""A whole answer: how it is recorded, what of it may be kept, and how it is given again."""

import sys
from collections.abc import Sequence

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

ENTRY_BYTES = 400
"""Objects around the bytes of one kept answer: itself, its list of headers, its places in the dictionaries."""

HEADER_BYTES = 110
"""Objects around one header: a pair, its place in the list, its value; names are shared."""

LINE_BYTES, HEAD_BYTES = 4, 120
"""Of a head each line's own characters, and its first and last lines."""


class Kept:
    """A 200 to GET, to be sent to anybody who asks the same.

    keys: its surrogate keys, with spaces between. checked: how many changes it has outlived. What only a hit needs is
    made at the first one: most answers of a catalogue that is walked through are never asked for again.
    size, grows_by: the bytes that it takes, and those that it takes more once it was hit.
    """

    __slots__ = ("_brief_head", "_head", "body", "checked", "etag", "grows_by", "headers", "keys", "size")

    def __init__(self, headers: list[Header], body: bytes) -> None:
        self.headers = [pair for pair in headers if pair[0] not in LEFT_OUT]
        self.headers.append((b"content-length", b"%d" % len(body)))
        self.keys = b" ".join([value for name, value in headers if name == SURROGATE_KEY]) or EVERYTHING
        self.checked = 0
        self.etag = dict(self.headers).get(b"etag", b"")
        self.body = body
        self._head = self._brief_head = b""
        values = sum([len(value) for _, value in self.headers])
        lines = values + sum([len(name) + LINE_BYTES for name, _ in self.headers])
        self.size = sys.getsizeof(body) + len(self.keys) + values + HEADER_BYTES * len(self.headers) + ENTRY_BYTES
        self.grows_by = 2 * (lines + HEAD_BYTES)

    @property
    def brief(self) -> list[Header]:
        """The headers of a 304."""
        return [pair for pair in self.headers if pair[0] not in OF_THE_BODY]

    @property
    def head(self) -> bytes:
        """The beginning of a hit, as it goes to the client."""
        if not self._head:
            self._head = head_of(b"200 OK", self.headers)
        return self._head

    @property
    def brief_head(self) -> bytes:
        """The beginning of a 304, as it goes to the client."""
        if not self._brief_head:
            self._brief_head = head_of(b"304 Not Modified", self.brief)
        return self._brief_head

    def head_for(self, outcome: Header, *, brief: bool) -> bytes:
        """The beginning of an answer as it goes to the client, with what has become of the request; `brief`: of a 304.

        Only that of a hit is kept.
        """
        if outcome is HIT:
            return self.brief_head if brief else self.head
        status, headers = (b"304 Not Modified", self.brief) if brief else (b"200 OK", self.headers)
        return head_of(status, headers, outcome)

    def matches(self, if_none_match: Sequence[bytes]) -> bool:
        """Whether the client has this answer already."""
        if not self.etag:
            return False
        return if_none_match == [self.etag] or names_etag(if_none_match, self.etag.decode("latin-1"))

    def messages(self, method: str, if_none_match: Sequence[bytes], *more: Header) -> tuple[Message, Message]:
        """The answer to GET or HEAD, or the 304 that says that the client has it; `more` headers belong to this one."""
        if if_none_match and self.matches(if_none_match):
            return {"type": "http.response.start", "status": 304, "headers": [*self.brief, *more]}, NO_BODY
        start = {"type": "http.response.start", "status": 200, "headers": [*self.headers, *more]}
        return start, {"type": "http.response.body", "body": self.body} if method == "GET" else NO_BODY


NO_BODY: Message = {"type": "http.response.body", "body": b""}


def head_of(status: bytes, headers: Sequence[Header], outcome: Header = HIT) -> bytes:
    """The beginning of an answer as it goes to the client: without the lines that belong to one answer alone."""
    lines = b"".join([b"%b: %b\r\n" % pair for pair in (*headers, outcome, NOSNIFF)])
    return b"HTTP/1.1 %b\r\n%b" % (status, lines)


def may_be_kept(start: Message) -> bool:
    """Whether the answer that begins so is a whole one and the same for everybody (RFC 9111, 3)."""
    if start["status"] != 200:
        return False
    headers = start["headers"]
    values = b"".join([value for _, value in headers])
    if b"\r" in values or b"\n" in values:
        return False  # the server refuses it, and would not be asked
    deciding = [pair for pair in headers if pair[0] in DECIDING]
    return not any(forbids(*pair) for pair in deciding)


DECIDING = frozenset((b"set-cookie", b"vary", b"cache-control"))


def forbids(name: bytes, value: bytes) -> bool:
    """Whether a header that may decide it says that an answer is not everybody's."""
    if name == b"vary":
        return b"*" in value
    return name == b"set-cookie" or b"no-store" in value or b"private" in value


class Recorder:
    """An ASGI `send` that keeps an answer back until it is whole; what may not be kept goes on at once."""

    def __init__(self, send: Send, *, limit_bytes: int, head_only: bool) -> None:
        self._send = send
        self._limit_bytes = limit_bytes
        self._head_only = head_only
        self._start: Message | None = None
        self._chunks: list[bytes] = []
        self._size = 0
        self._passing = False
        self._complete = False

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
