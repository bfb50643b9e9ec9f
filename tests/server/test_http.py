"""uvicorn's protocol with our deadlines and limits, over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from server.accesslog import AccessLog
from server.cache_answer import WHOLE
from server.config import UVICORN_OPTIONS
from server.http import STATE_KEY, Limits, Policy, Protocol
from tests.server.test_front import problem

pytestmark = pytest.mark.anyio

KEPT = b"GET / HTTP/1.1\r\nHost: testserver\r\n\r\n"
HELLO = KEPT.replace(b"Host", b"Connection: close\r\nHost")
QUICK = Limits(head_seconds=0.1, head_bytes=2000, address_bytes=500, idle_seconds=1)


@dataclass
class Served:
    """A listening protocol, and what the application behind it was asked."""

    policy: Policy
    port: int = 0
    bodies: list[bytes] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    whole: list[bool] = field(default_factory=list)
    left: int = 0

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        body, message = b"", {"more_body": True}
        while message["more_body"]:
            if (message := await receive())["type"] == "http.disconnect":
                self.left += 1
                return
            body += message["body"]
        self.bodies.append(body)
        if scope["path"] == "/slow":
            await self.gate.wait()
        if scope["path"] == "/whole":
            whole = partial(scope["extensions"][WHOLE], scope, b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n", b"whole")
            self.whole.append(whole())
            assert not whole(), "an answer has begun"
            if self.whole[-1]:
                return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
        await send({"type": "http.response.body", "body": b"hello"})

    async def talk(self, *pieces: bytes) -> bytes:
        """All that comes back for these pieces, sent one after the other, until the connection ends."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0.02)
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        return answer


@asynccontextmanager
async def serving(limits: Limits = QUICK) -> AsyncIterator[Served]:
    served = Served(Policy(limits=limits, problem=problem, access_log=AccessLog()))
    config = uvicorn.Config(served.app, **(UVICORN_OPTIONS | {"lifespan": "off"}), interface="asgi3", log_config=None)
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: Protocol(config=config, server_state=state, app_state={STATE_KEY: served.policy}), "127.0.0.1", 0
    )
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()
        await asyncio.gather(*state.tasks)


def parts(answer: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of one answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in lines), body


async def test_an_idle_connection_is_closed_after_its_answer() -> None:
    async with serving() as served:
        assert parts(await served.talk(KEPT))[2] == b"hello"


async def test_an_answer_can_come_whole() -> None:
    async with serving() as served:
        status, _, body = parts(await served.talk(HELLO.replace(b"/ ", b"/whole ")))
        assert (status, body) == (200, b"whole")


async def test_a_whole_answer_ends_a_connection_that_is_not_kept() -> None:
    async with serving(Limits()) as served:
        request = b"GET /whole HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        assert parts(await served.talk(request))[1]["connection"] == "close"


async def test_whole_answers_follow_each_other_on_a_connection() -> None:
    async with serving() as served:
        whole = KEPT.replace(b"/ ", b"/whole ")
        answer = await served.talk(whole, whole, whole, HELLO)
        assert (answer.count(b"whole"), answer.count(b"hello")) == (3, 1)


async def test_while_another_request_waits_behind_it_an_answer_comes_as_messages() -> None:
    async with serving() as served:
        answer = await served.talk(KEPT.replace(b"/ ", b"/whole ") * 3 + HELLO)
        assert (served.whole, answer.count(b"hello")) == ([False] * 3, 4)


async def test_an_idle_connection_that_asks_again_in_time_stays() -> None:
    async with serving(Limits(idle_seconds=1, head_seconds=0.1)) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        for _ in range(3):
            writer.write(KEPT)
            assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(0.5)
        assert await asyncio.wait_for(reader.read(), 2) == b""
        writer.close()


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"HELLO\r\n"]
)
async def test_what_the_parser_cannot_read_is_a_problem_with_a_request_id(garbage: bytes) -> None:
    async with serving() as served:
        status, headers, body = parts(await served.talk(garbage))
        assert (status, headers["content-type"], headers["connection"]) == (400, "application/problem+json", "close")
        assert json.loads(body)["request_id"] == headers["x-request-id"]
        assert served.policy.refused == 1


CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.contract("errors.400")
@pytest.mark.parametrize("pieces", [[CHUNKED, b"zz\r\n"], [CHUNKED + b"2\r\nab\r\n", b"zz\r\n"]])
async def test_a_body_that_is_none_is_400_at_once(pieces: list[bytes]) -> None:
    async with serving() as served:
        assert parts(await served.talk(*pieces))[0] == 400
        assert served.left == 1


@pytest.mark.contract("errors.408")
async def test_half_a_head_is_answered_with_408_when_its_time_is_over() -> None:
    async with serving() as served:
        status, headers, _ = parts(await served.talk(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow", b": 1\r\nX-S"))
        assert (status, headers["connection"]) == (408, "close")


async def test_half_a_second_head_is_answered_with_408_too() -> None:
    async with serving(Limits(head_seconds=0.1)) as served:
        answer = await served.talk(KEPT, b"GET /again HTTP/1.1\r\n")
        assert parts(answer[answer.index(b"hello") + 5 :])[0] == 408


async def test_a_connection_that_asks_nothing_is_closed_without_a_word() -> None:
    async with serving() as served:
        assert await served.talk() == b""


@pytest.mark.contract("errors.431", "limits.address")
@pytest.mark.parametrize("pieces", [1, 40])
async def test_headers_beyond_the_limit_are_refused_with_431(pieces: int) -> None:
    head = b"GET / HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"v" * 90) for n in range(30)) + b"\r\n"
    size = len(head) // pieces + 1
    async with serving(Limits(head_bytes=2000)) as served:
        assert parts(await served.talk(*(head[at : at + size] for at in range(0, len(head), size))))[0] == 431
        assert served.bodies == []


@pytest.mark.contract("errors.414", "limits.address")
@pytest.mark.parametrize("query", [b"q=" + b"a" * 100_000, b"&".join(b"a=%d" % n for n in range(10_000))])
async def test_absurd_addresses_are_refused_with_414(query: bytes) -> None:
    async with serving(Limits()) as served:
        request = b"GET /api/movies?%b HTTP/1.1\r\nHost: a\r\n\r\n" % query
        assert parts(await served.talk(request))[0] == 414
        assert parts(await served.talk(request[:70_000], request[70_000:]))[0] == 414
        assert served.bodies == []


async def test_an_address_that_never_ends_is_refused_before_the_deadline() -> None:
    async with serving(Limits(head_seconds=5)) as served:
        assert parts(await served.talk(b"GET /", b"a" * 70_000))[0] == 414


async def test_a_body_may_be_larger_than_a_head() -> None:
    async with serving() as served:
        body = b"b" * 10_000
        request = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 10000\r\n\r\n" + body
        assert parts(await served.talk(request))[0] == 200
        assert parts(await served.talk(request[:100], request[100:5000], request[5000:]))[0] == 200
        assert served.bodies == [body, body]


async def test_garbage_behind_a_request_ends_the_connection_after_its_answer() -> None:
    async with serving(Limits()) as served:
        talk = asyncio.ensure_future(served.talk(KEPT.replace(b"/ ", b"/slow "), b"\x00garbage\r\n"))
        await asyncio.sleep(0.1)
        served.gate.set()
        answer = await talk
        assert answer.count(b"HTTP/1.1") == 1
        assert answer.endswith(b"hello")


async def test_what_is_refused_has_an_access_line() -> None:
    async with serving() as served:
        await served.talk(b"HELLO\r\n")
        assert served.policy.access_log is not None
        assert b'"- -" 400' in served.policy.access_log.lines[0]


async def test_an_application_without_a_policy_has_the_ordinary_limits() -> None:
    config = uvicorn.Config(Served(Policy()).app, interface="asgi3", log_config=None, lifespan="off")
    protocol = Protocol(config=config, server_state=ServerState(), app_state={})
    assert protocol.limits == Limits()
    assert protocol.policy.problem(400, "No.", "", "id") == b"No."
