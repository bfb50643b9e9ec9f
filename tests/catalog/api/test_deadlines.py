"""The time that a request has: a body that stalls is 408, an answer that is not ready 504, and streams are apart."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from catalog.api.app import ALL
from catalog.api.http.deadlines import Deadlines
from catalog.api.keys import Policy
from catalog.models import Film
from tests.catalog.api.client import Client, SharedConnectionExecutor, run_client
from tests.catalog.api.writing import Writer

SECONDS = 0.05


class SlowExecutor(SharedConnectionExecutor):
    """Units take longer than a request may; who stops waiting does not stop them."""

    async def run(self, unit: Callable[[], Any], *, write: bool = False) -> Any:
        def slowly() -> Any:
            time.sleep(3 * SECONDS)
            return unit()

        return await super().run(slowly, write=write)


@pytest.fixture
def slow(db: None) -> Iterator[Client]:
    """An API whose database is slower than requests may be."""
    executor = SlowExecutor()
    yield from run_client(executor, Policy(request_seconds=SECONDS))
    executor.close()


@pytest.fixture
def hasty(db: None) -> Iterator[Client]:
    """An API that gives requests little time."""
    executor = SharedConnectionExecutor()
    yield from run_client(executor, Policy(request_seconds=SECONDS))
    executor.close()


@pytest.mark.contract("errors.504", "limits.deadline")
@pytest.mark.parametrize("path", ["/api/movies", "/api/movies/1", "/api/genres", "/api/stats", "/api/changes"])
def test_an_answer_that_is_not_ready_in_time_is_504(slow: Client, path: str) -> None:
    answer = slow.get(path)
    assert (answer.status, answer.json["type"]) == (504, "/api/problems/deadline")
    assert "0.05 s" in answer.json["detail"]


@pytest.mark.contract("errors.504")
def test_of_a_change_it_is_said_that_nobody_knows(slow: Client) -> None:
    """It goes on: a commit that is cancelled may be done all the same."""
    answer = Writer(slow).post("/api/movies", {"title": "X"})
    assert (answer.status, "Idempotency-Key" in answer.json["detail"]) == (504, True)
    slow._runner.run(slow.executor.run(int))  # one thread does all, one after the other
    assert Film.objects.get().title == "X"


@pytest.mark.contract("errors.408")
def test_a_body_that_stalls_is_408(hasty: Client) -> None:
    writer = Writer(hasty)

    async def body() -> Any:
        yield b'{"title":'
        await asyncio.sleep(3 * SECONDS)

    headers = {**writer.token, "Content-Type": "application/json"}
    answer = hasty.request("POST", "/api/movies", data=body(), headers=headers)
    assert (answer.status, answer.json["type"]) == (408, "/api/problems/request-timeout")
    assert not Film.objects.exists()


@pytest.mark.contract("limits.deadline")
def test_what_streams_has_a_time_of_its_own(slow: Client) -> None:
    assert slow.get("/api/movies.jsonl").status == 200
    assert {each.id for each in ALL if not each.timed} == {
        "export_movies_jsonl", "export_movies_csv", "get_event_stream", "write_movies",
    }  # fmt: skip


async def lasting(deadlines: Deadlines, event: asyncio.Event) -> str:
    """A handler that swallows its cancellation, and what it can say of it."""
    watched = deadlines.begin()
    try:
        await event.wait()
    except asyncio.CancelledError:
        return f"late: {watched.late}, by time alone: {watched.by_time_alone()}"
    finally:
        deadlines.end(watched)
    return "in time"


@pytest.mark.anyio
async def test_one_timer_ends_each_request_at_its_own_time() -> None:
    deadlines, never, now = Deadlines(SECONDS), asyncio.Event(), asyncio.Event()
    now.set()
    tasks = [asyncio.create_task(lasting(deadlines, event)) for event in (never, now, never)]
    late = "late: True, by time alone: True"
    assert await asyncio.gather(*tasks) == [late, "in time", late]
    assert [task.cancelling() for task in tasks] == [0, 0, 0]
    assert await asyncio.create_task(lasting(deadlines, never)) == late


@pytest.mark.anyio
@pytest.mark.parametrize("late", [False, True])
async def test_who_is_cancelled_by_others_is_not_only_late(late: bool) -> None:
    deadlines = Deadlines(0.0 if late else 60.0)
    task = asyncio.create_task(lasting(deadlines, asyncio.Event()))
    await asyncio.sleep(0)
    if late:
        asyncio.get_running_loop().call_soon(task.cancel)  # in the turn in which the timer rings
    else:
        task.cancel()
    assert (await task).endswith("by time alone: False")
