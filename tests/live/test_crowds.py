"""Many clients at once on one thread: whatever waits and goes to the database together, each gets its own answer."""

import asyncio
import json
import random
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest

from catalog.values import FILM_SORTS
from tests.contract.__main__ import UNHINDERED, new_token
from tests.live.site import Place, Site
from tests.postgres import free_port

pytestmark = pytest.mark.live

CROWD = 12
LISTS = [
    *(f"sort={sign}{name}&limit={3 + place}" for place, name in enumerate(FILM_SORTS) for sign in ("", "-")),
    *("year=1950..1959", "year__gte=1990&sort=-year&fields=id", "genre=drama", "genre=!drama&country=FR", "q=love"),
    *(
        "title__startswith=the%20",
        "include=cast&limit=2",
        "count=exact&limit=1",
        "page=2",
        "fields=title",
        "ids=1,2,999",
    ),
    *("cursor=AAAA", "limit=0", "genre=none", "sort=year&cursor=%FF", "colour=red", "year=9..1", "country=XX"),
]


@pytest.fixture(scope="module")
def crowded(filled_place: Place) -> Iterator[Site]:
    """A site that keeps no answer and has one thread: everybody waits for everybody."""
    with Site(filled_place, port=free_port(), CACHE_MB="0", API_THREADS="1", **UNHINDERED) as running:
        yield running.wait_until_ready()


def session(site: Site, **headers: str) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        f"http://127.0.0.1:{site.port}", headers=headers, connector=aiohttp.TCPConnector(limit=CROWD)
    )


async def told(client: aiohttp.ClientSession, path: str) -> tuple[int, Any]:
    """The status and what is said, without the name of the request."""
    async with client.get(path) as response:
        said = await response.json(content_type=None)
        return response.status, {name: value for name, value in said.items() if name != "request_id"}


async def all_at_once(site: Site, paths: list[str]) -> list[tuple[int, Any]]:
    async with session(site) as client:
        return await asyncio.gather(*(told(client, path) for path in paths))


async def one_by_one(site: Site, paths: list[str]) -> list[tuple[int, Any]]:
    async with session(site) as client:
        return [await told(client, path) for path in paths]


def test_each_of_a_crowd_gets_the_answer_to_its_own_question(crowded: Site) -> None:
    paths = [f"/api/movies?{query.replace('random', 'random&seed=7')}" for query in LISTS if query != "sort=-random"]
    alone = dict(zip(paths, asyncio.run(one_by_one(crowded, paths)), strict=True))
    asked = random.Random(1).sample(paths * 6, len(paths) * 6)  # noqa: S311  an order
    together = asyncio.run(all_at_once(crowded, asked))
    assert [path for path, answer in zip(asked, together, strict=True) if answer != alone[path]] == []
    assert {status for status, _ in together} == {200, 400}


@pytest.mark.contract("fresh.promise")
def test_each_of_a_crowd_sees_its_own_change_at_once(crowded: Site, filled_place: Place) -> None:
    async def lives(client: aiohttp.ClientSession, number: int) -> list[int]:
        async with client.post("/api/movies", json={"title": f"Crowd {number}", "published": True}) as made:
            address, film_id = made.headers["Location"], (await made.json())["id"]
        seen = []
        for runtime in range(90, 93):
            kind = {"Content-Type": "application/merge-patch+json"}
            async with client.patch(address, data=json.dumps({"runtime": runtime}), headers=kind) as changed:
                assert changed.status == 200
            _, page = await told(client, "/api/movies?sort=-updated&limit=200&fields=id,runtime")
            seen += [film["runtime"] for film in page["data"] if film["id"] == film_id]
        async with client.delete(address) as deleted:
            assert deleted.status == 204
        return seen

    async def crowd() -> list[list[int]]:
        async with session(crowded, Authorization=f"Bearer {new_token(filled_place)}") as client:
            return await asyncio.gather(*(lives(client, number) for number in range(CROWD)))

    assert asyncio.run(crowd()) == [list(range(90, 93))] * CROWD
