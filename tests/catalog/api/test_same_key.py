"""Two requests with one Idempotency-Key: the second is told to wait while the first is being worked on."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from catalog.values import Scope
from tests.catalog.api.client import Answer, Client, SharedConnectionExecutor, bearer, run_client

T = TypeVar("T")


class HeldExecutor(SharedConnectionExecutor):
    """Begins units only when they may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()

    async def run(self, unit: Callable[[], T], *, write: bool = False) -> T:
        def held() -> T:
            assert self.go_on.wait(10)
            return unit()

        return await super().run(held, write=write)


@pytest.fixture
def executor(db: None) -> Iterator[HeldExecutor]:
    held = HeldExecutor()
    yield held
    held.close()


@pytest.fixture
def client(executor: HeldExecutor) -> Iterator[Client]:
    yield from run_client(executor)


async def both(client: Client, executor: HeldExecutor, headers: dict[str, str]) -> tuple[Answer, Answer]:
    """The answers to one request and to the same again, sent while the first is held in its unit."""
    options = {"data": b'{"title": "X"}', "headers": headers}
    first = asyncio.ensure_future(client._request("POST", "/api/movies", options))
    while executor.hops == 0:  # noqa: ASYNC110  the other task counts
        await asyncio.sleep(0.001)
    second = await client._request("POST", "/api/movies", options)
    executor.go_on.set()
    return await first, second


@pytest.mark.contract("writes.key_running", "errors.409")
def test_the_second_is_409_with_a_time_to_wait_while_the_first_runs(client: Client, executor: HeldExecutor) -> None:
    headers = {**bearer(*Scope), "Content-Type": "application/json", "Idempotency-Key": "held"}
    first, second = client._runner.run(both(client, executor, headers))
    assert (first.status, second.status) == (201, 409)
    assert int(second.headers["Retry-After"]) > 0
