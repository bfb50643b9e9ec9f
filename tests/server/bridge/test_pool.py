"""Pooled lanes: one client's own, bounded, and gone when they close."""

import asyncio
from collections.abc import Callable

from server.bridge_lane import Lane
from server.bridge_pool import LANE_LIMIT, LanePool
from tests.server.bridge.asgi import scope_with


def connect(extra: dict[str, object]) -> Lane:
    lane = Lane(extra)
    lane.connect(asyncio.Protocol())
    return lane


def with_pool(test: Callable[[LanePool], None]) -> None:
    async def run() -> None:
        pool = LanePool(connect, idle_seconds=60)
        test(pool)
        pool.clear()

    asyncio.run(run())


def test_a_client_finds_its_own_lane_again() -> None:
    def test(pool: LanePool) -> None:
        lane = pool.take(scope_with())
        pool.give(lane)
        assert pool.take(scope_with()) is lane

    with_pool(test)


def test_a_client_in_a_list_is_the_same_client() -> None:
    def test(pool: LanePool) -> None:
        lane = pool.take(scope_with(client=["192.0.2.1", 50_000]))
        pool.give(lane)
        assert pool.take(scope_with()) is lane

    with_pool(test)


def test_nobody_elses_lane_is_taken() -> None:
    def test(pool: LanePool) -> None:
        lane = pool.take(scope_with())
        pool.give(lane)
        for change in ({"client": ("192.0.2.9", 1)}, {"scheme": "https"}, {"server": ("192.0.2.2", 81)}):
            assert pool.take(scope_with(**change)) is not lane

    with_pool(test)


def test_a_lane_in_use_is_not_shared() -> None:
    def test(pool: LanePool) -> None:
        assert pool.take(scope_with()) is not pool.take(scope_with())

    with_pool(test)


def test_a_lane_that_closes_is_forgotten() -> None:
    async def run() -> None:
        pool = LanePool(connect, idle_seconds=60)
        lane = pool.take(scope_with())
        pool.give(lane)
        lane.close()
        assert pool.take(scope_with()) is not lane
        await asyncio.sleep(0)
        assert [client.open for client in pool._clients.values()] == [1]
        pool.clear()

    asyncio.run(run())


def test_a_client_without_open_lanes_is_forgotten() -> None:
    async def run() -> None:
        pool = LanePool(connect, idle_seconds=60)
        pool.take(scope_with()).close()
        await asyncio.sleep(0)
        assert pool._clients == {}
        pool.clear()

    asyncio.run(run())


def test_an_idle_lane_makes_room() -> None:
    def test(pool: LanePool) -> None:
        lanes = [pool.take(scope_with(client=("192.0.2.1", port))) for port in range(LANE_LIMIT)]
        for lane in lanes[1:]:
            pool.give(lane)
        pool.take(scope_with(client=("192.0.2.2", 1)))
        assert [lane.closing for lane in lanes[:3]] == [False, True, False]

    with_pool(test)


def test_a_lane_that_rests_too_long_is_closed_and_one_in_use_is_not() -> None:
    async def run() -> None:
        pool = LanePool(connect, idle_seconds=0.01)
        resting, busy = pool.take(scope_with()), pool.take(scope_with())
        pool.give(resting)
        await asyncio.sleep(0.05)
        assert (resting.closing, busy.closing) == (True, False)
        pool.clear()

    asyncio.run(run())
