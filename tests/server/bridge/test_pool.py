"""Idle lanes: one client's own, bounded, and gone when they close."""

import asyncio

from server.bridge_lane import Lane
from server.bridge_pool import IDLE_LIMIT, LanePool
from tests.server.bridge.asgi import scope_with


def connect(extra: dict[str, object]) -> Lane:
    return Lane(extra)


def test_a_client_finds_its_own_lane_again() -> None:
    pool = LanePool(connect)
    lane = pool.take(scope_with())
    pool.give(lane)
    assert pool.take(scope_with()) is lane


def test_nobody_elses_lane_is_taken() -> None:
    pool = LanePool(connect)
    lane = pool.take(scope_with())
    pool.give(lane)
    for change in ({"client": ("192.0.2.9", 1)}, {"scheme": "https"}, {"server": ("192.0.2.2", 81)}):
        assert pool.take(scope_with(**change)) is not lane


def test_a_lane_in_use_is_not_shared() -> None:
    pool = LanePool(connect)
    assert pool.take(scope_with()) is not pool.take(scope_with())


def test_a_lane_that_closes_is_forgotten() -> None:
    async def run() -> None:
        pool = LanePool(connect)
        lane = pool.take(scope_with())
        lane.connect(asyncio.Protocol())
        pool.give(lane)
        lane.close()
        assert pool.take(scope_with()) is not lane
        await asyncio.sleep(0)
        assert pool._idle == {}

    asyncio.run(run())


def test_the_lane_that_has_waited_longest_makes_room() -> None:
    pool = LanePool(connect)
    lanes = [pool.take(scope_with(client=("192.0.2.1", port))) for port in range(IDLE_LIMIT + 5)]
    for lane in lanes:
        pool.give(lane)
    assert [lane.closing for lane in lanes[:6]] == [True] * 5 + [False]
    assert sum(map(len, pool._idle.values())) == IDLE_LIMIT
