"""Units that ask the database together: one trip for all, and each its own result or its own error."""

import asyncio
import contextvars
import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from server.executor import JOINED, Executor, Overloaded
from tests.server.running_executor import begin, break_connection, running

pytestmark = pytest.mark.anyio

trips: list[list[int]] = []
told: contextvars.ContextVar[int] = contextvars.ContextVar("told", default=0)


@pytest.fixture(autouse=True)
def no_trips() -> None:
    trips.clear()


def doubled(questions: Sequence[int]) -> list[int]:
    """The trip: a negative question makes it fail."""
    trips.append(list(questions))
    if min(questions) < 0:
        raise ConnectionError("the trip has failed")
    return [2 * question for question in questions]


class Doubled:
    """Asks for the double of a number, and answers it; `broken` names the half that raises, if any."""

    together = staticmethod(doubled)

    def __init__(self, number: int, *, broken: str = "") -> None:
        self.number = number
        self.broken = broken

    def __call__(self) -> int:
        (answer,) = self.together([self.number])
        return self.finish(answer)

    def ask(self) -> tuple[int, Callable[[int], int]]:
        self.check("ask")
        return self.number, self.finish

    def finish(self, answer: int) -> int:
        self.check("finish")
        return answer + told.get()

    def check(self, half: str) -> None:
        if self.broken == half:
            raise ValueError(half)


class Other(Doubled):
    """The same of another kind: its questions are none of the first's."""

    @staticmethod
    def together(questions: Sequence[int]) -> list[int]:
        return doubled(questions)


async def behind_one(executor: Executor, units: Sequence[Callable[[], Any]]) -> list[Any]:
    """The results, or errors, of units that all wait while the only thread is busy."""
    go = threading.Event()
    busy = await begin(executor, go.wait)
    asked = [asyncio.ensure_future(executor.run(unit)) for unit in units]
    await asyncio.sleep(0)
    go.set()
    await busy
    return await asyncio.gather(*asked, return_exceptions=True)


async def test_units_that_wait_together_make_one_trip_and_each_has_its_own_result() -> None:
    async with running(threads=1) as executor:
        assert await behind_one(executor, [Doubled(number) for number in range(5)]) == [0, 2, 4, 6, 8]
    assert trips == [[0, 1, 2, 3, 4]]


async def test_one_that_waits_alone_is_a_unit_as_any() -> None:
    async with running(threads=1) as executor:
        assert await executor.run(Doubled(4)) == 8


async def test_no_more_go_together_than_may_wait_for_each_other() -> None:
    async with running(threads=1) as executor:
        await behind_one(executor, [Doubled(number) for number in range(JOINED + 3)])
    assert [len(trip) for trip in trips] == [JOINED, 3]


async def test_units_of_no_kind_or_of_another_keep_their_turn() -> None:
    seen: list[int] = []
    units: list[Callable[[], Any]] = [
        Doubled(1),
        Doubled(2),
        lambda: seen.append(len(trips)),
        Other(3),
        Other(4),
        Doubled(5),
    ]
    async with running(threads=1) as executor:
        assert await behind_one(executor, units) == [2, 4, None, 6, 8, 10]
    assert (trips, seen) == ([[1, 2], [3, 4], [5]], [1])


@pytest.mark.parametrize("half", ["ask", "finish"])
async def test_what_a_half_raises_is_the_error_of_its_unit_alone(half: str) -> None:
    async with running(threads=1) as executor:
        first, error, last = await behind_one(executor, [Doubled(1), Doubled(2, broken=half), Doubled(3)])
    assert (first, str(error), last) == (2, half, 6)


async def test_after_a_trip_that_failed_each_is_run_by_itself_in_its_turn(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with running(threads=1) as executor:
        first, error, last = await behind_one(executor, [Doubled(1), Doubled(-2), Doubled(3)])
    assert (first, type(error), last) == (2, ConnectionError, 6)
    assert trips == [[1, -2, 3], [1], [-2], [3]]
    assert "3 units that asked together are run one by one" in caplog.text


class Counted(Doubled):
    """Asks the database itself."""

    @staticmethod
    def together(questions: Sequence[int]) -> list[int]:
        trips.append(list(questions))
        return [question + Group.objects.count() for question in questions]


@pytest.mark.django_db(transaction=True)
async def test_a_trip_on_a_dead_connection_is_made_again_by_each_alone() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connection that can die")
    async with running(threads=1) as executor:
        assert await behind_one(executor, [break_connection, Counted(1), Counted(2)]) == [None, 1, 2]
    assert trips == [[1, 2], [1], [2]]


async def test_who_has_gone_before_takes_no_part() -> None:
    async with running(threads=1) as executor:
        go = threading.Event()
        busy = await begin(executor, go.wait)
        asked = [asyncio.ensure_future(executor.run(Doubled(number))) for number in (1, 2, 3)]
        await asyncio.sleep(0)
        asked[1].cancel()
        await asyncio.sleep(0)
        go.set()
        assert [await busy, await asked[0], await asked[2]] == [True, 2, 6]
    assert trips == [[1, 3]]


async def test_each_half_sees_the_context_of_its_caller() -> None:
    async def asking(number: int) -> int:
        told.set(100 * number)
        return await executor.run(Doubled(number))

    async with running(threads=1) as executor:
        go = threading.Event()
        busy = await begin(executor, go.wait)
        asked = [asyncio.ensure_future(asking(number)) for number in (1, 2)]
        await asyncio.sleep(0)
        go.set()
        assert [await busy, *await asyncio.gather(*asked)] == [True, 102, 204]


async def test_a_thousand_questions_on_four_threads_each_get_their_own_answer() -> None:
    async with running(threads=4, queue_limit=2000) as executor:
        found = await asyncio.gather(*(executor.run(Doubled(number)) for number in range(1000)))
    assert found == [2 * number for number in range(1000)]


class Held(Doubled):
    """Whose trips wait to be let go; one that was made together then fails."""

    free = {True: threading.Event(), False: threading.Event()}
    error: BaseException = ConnectionError("the trip has failed")

    @staticmethod
    def together(questions: Sequence[int]) -> list[int]:
        joined = len(questions) > 1
        trips.append(list(questions))
        Held.free[joined].wait()
        if joined:
            raise Held.error
        return [2 * question for question in questions]


async def on_a_trip(executor: Executor, count: int) -> list[asyncio.Future[int]]:
    """Units that the only thread is asking for together, until that is let go."""
    for each in Held.free.values():
        each.clear()
    go = threading.Event()
    busy = await begin(executor, go.wait)
    asked: list[asyncio.Future[int]] = [asyncio.ensure_future(executor.run(Held(number))) for number in range(count)]
    await asyncio.sleep(0)
    go.set()
    await busy
    while not trips:  # noqa: ASYNC110  a thread makes it
        await asyncio.sleep(0.001)
    return asked


def let_go(*joined: bool) -> None:
    for each in joined:
        Held.free[each].set()


async def test_whatever_a_trip_raises_ends_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Held, "error", SystemExit("the trip"))
    async with running(threads=1) as executor:
        asked = await on_a_trip(executor, 3)
        let_go(True, False)
        assert await asyncio.wait_for(asyncio.gather(*asked), 2) == [0, 2, 4]


async def test_a_trip_that_fails_when_its_thread_has_been_told_to_end_loses_no_unit() -> None:
    executor = Executor(threads=1, queue_limit=10, wait_seconds=5)
    executor.start()
    asked = await on_a_trip(executor, 3)
    assert not await executor.close(grace_seconds=0)
    let_go(True, False)
    assert await asyncio.wait_for(asyncio.gather(*asked), 2) == [0, 2, 4]


async def test_who_waits_again_after_a_trip_that_failed_waits_no_longer_than_anybody() -> None:
    async with running(threads=1, wait_seconds=0.05) as executor:
        asked = await on_a_trip(executor, 3)
        await asyncio.sleep(0.07)  # until nobody waits who could be refused
        let_go(True)
        with pytest.raises(Overloaded):
            await asyncio.wait_for(asked[2], 2)
        let_go(False)
        await asyncio.gather(*asked, return_exceptions=True)
