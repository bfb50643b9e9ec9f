"""A blocking client of the API, and an executor that runs its units on the test's own database connection."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import msgspec
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from django.db import connections
from multidict import CIMultiDictProxy
from yarl import URL

from catalog import services
from catalog.api.app import create_api
from catalog.api.http.limits import Ledger
from catalog.api.keys import Policy
from catalog.values import Scope
from tests.catalog.api import contract

T = TypeVar("T")


class SharedConnectionExecutor:
    """Runs units in a thread of its own, since Django refuses the loop's, but on the test's connection."""

    def __init__(self) -> None:
        self.connection = connections["default"]
        self.connection.inc_thread_sharing()
        self.pool = ThreadPoolExecutor(1, initializer=self._share)
        self.hops = 0

    def _share(self) -> None:
        connections["default"] = self.connection

    async def run(self, unit: Callable[[], T], *, write: bool = False) -> T:  # noqa: ARG002  one connection for both
        self.hops += 1
        return await asyncio.get_running_loop().run_in_executor(self.pool, unit)

    def settle(self) -> None:
        """Wait for the units that have begun: nobody may use the connection beside them."""
        self.pool.submit(int).result()

    def close(self) -> None:
        self.pool.shutdown()
        self.connection.dec_thread_sharing()


@dataclass
class Turns:
    """Runs the server and the test in turns: when it gives the turn back, no unit is under way."""

    runner: asyncio.Runner
    executor: Any

    def run(self, task: Coroutine[Any, Any, T]) -> T:
        try:
            return self.runner.run(task)
        finally:
            self.executor.settle()


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: "CIMultiDictProxy[str]"
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def codes(self) -> dict[str, str]:
        """The code of each fault, by pointer."""
        return {fault["pointer"]: fault["code"] for fault in self.json["errors"]}


class Event(NamedTuple):
    """One server-sent event: what it is called, where the stream stands after it, and what it says."""

    name: str
    id: str
    data: Any


class Stream:
    """A blocking reader of an event stream; the server runs only while it reads."""

    def __init__(self, runner: Turns | asyncio.Runner, response: ClientResponse) -> None:
        self._runner = runner
        self.response = response
        self.last_id = ""

    def block(self) -> dict[str, str]:
        """The fields of the next block, a comment's under ''; none at the end. Waits for ten seconds."""
        fields = {}
        while line := self._runner.run(asyncio.wait_for(self.response.content.readline(), 10)).rstrip(b"\n").decode():
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        self.last_id = fields.get("id", self.last_id)
        return fields

    def event(self) -> Event:
        """The next event; what is none is passed over."""
        while "data" not in (fields := self.block()):
            assert fields, "the stream has ended"
        return Event(fields["event"], self.last_id, msgspec.json.decode(fields["data"]))

    def close(self) -> None:
        """Leave."""
        self.response.close()
        self._runner.run(asyncio.sleep(0.01))


class Client:
    """A blocking client of a real aiohttp server on loopback."""

    def __init__(self, runner: Turns | asyncio.Runner, client: "TestClient[Any, Any]", executor: Any) -> None:
        self._runner = runner
        self._client = client
        self.executor = executor

    @property
    def app(self) -> web.Application:
        """The application that answers."""
        app: web.Application = self._client.app
        return app

    def request(self, method: str, path: str, *, declared: bool = True, **options: Any) -> Answer:
        """What comes back. Raises AssertionError where it is `declared` and not as the OpenAPI document tells."""
        answer = self._runner.run(self._request(method, path, options))
        if not declared:
            return answer
        content_type = answer.headers.get("Content-Type", "")
        assert list(contract.faults(method, path, answer.status, content_type, answer.body)) == []
        return answer

    def get(self, path: str, **options: Any) -> Answer:
        return self.request("GET", path, **options)

    def raw(self, sent: bytes) -> bytes:
        """The first bytes that come back for bytes on a connection of their own."""
        return self._runner.run(self._raw(sent))

    async def _raw(self, sent: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self._client.host, self._client.port)
        writer.write(sent)
        received = await reader.read(4096)
        writer.close()
        await writer.wait_closed()
        return received

    def open_stream(self, path: str, **headers: str) -> "Stream":
        """An event stream, open until it is closed. Raises AssertionError where the answer is no 200."""
        response = self._runner.run(self._opened(path, headers))
        assert response.status == 200, response
        return Stream(self._runner, response)

    async def _opened(self, path: str, headers: dict[str, str]) -> ClientResponse:
        address = URL(f"{self._client.make_url('/').origin()}{path}", encoded=True)
        return await self._client.session.get(address, headers=headers)

    async def _request(self, method: str, path: str, options: dict[str, Any]) -> Answer:
        address = URL(f"{self._client.make_url('/').origin()}{path}", encoded=True)
        async with self._client.session.request(method, address, allow_redirects=False, **options) as response:
            return Answer(response.status, response.headers, await response.read())


def bearer(*scopes: Scope, name: str = "robot") -> dict[str, str]:
    """The header of a new token."""
    return {"Authorization": f"Bearer {services.create_token(name=name, scopes=scopes)[1]}"}


def run_client(executor: Any, policy: Policy | None = None, *, ledger: Ledger | None = None) -> Iterator[Client]:
    """A client of the API over `executor`, for as long as a fixture lives."""
    with asyncio.Runner() as runner:
        turns = Turns(runner, executor)
        client = turns.run(started(executor, policy, ledger))
        yield Client(turns, client, executor)
        turns.run(client.close())


async def started(executor: Any, policy: Policy | None = None, ledger: Ledger | None = None) -> "TestClient[Any, Any]":
    client = TestClient(TestServer(create_api(executor, policy, ledger=ledger)))
    await client.start_server()
    return client
