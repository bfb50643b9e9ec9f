"""How exports flow: a hop a batch, in constant memory, cut off by an error, ended by a client that leaves."""

import asyncio
import tracemalloc
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from aiohttp import ClientError

from catalog.api import export_params
from catalog.api.app import create_api
from catalog.models import Film
from server.bridge import bridge
from tests.catalog.api.client import Client, SharedConnectionExecutor, run_client
from tests.server.bridge.serving import Server

T = TypeVar("T")


@pytest.fixture(autouse=True)
def batches_of_five(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_params, "BATCH", 5)


@pytest.fixture
def films(db: None) -> list[int]:
    """The ids of twelve films."""
    return [film.pk for film in Film.objects.bulk_create([Film(title=f"F{n}", published=True) for n in range(12)])]


@pytest.mark.parametrize("count,hops", [(0, 1), (5, 1), (6, 2), (12, 3)])
def test_an_export_takes_a_hop_a_batch(client: Client, films: list[int], count: int, hops: int) -> None:
    """The connection is given back before a part flows, however slow the client is."""
    Film.objects.filter(pk__in=films[count:]).delete()
    before = client.executor.hops
    assert len(client.get("/api/movies.jsonl").body.splitlines()) == count
    assert client.executor.hops - before == hops


def test_head_reads_no_more_than_the_beginning(client: Client, films: list[int]) -> None:
    before = client.executor.hops
    assert client.request("HEAD", "/api/movies.csv").status == 200
    assert client.executor.hops - before == 1


class Faulty(SharedConnectionExecutor):
    """Fails at the second unit."""

    async def run(self, unit: Callable[[], T], *, write: bool = False) -> T:
        if self.hops == 1:
            raise RuntimeError("SELECT secret")
        return await super().run(unit, write=write)


@pytest.fixture
def faulty(db: None) -> Iterator[Client]:
    executor = Faulty()
    yield from run_client(executor)
    executor.close()


@pytest.mark.contract("errors.honest")
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_an_error_midway_cuts_the_connection(
    faulty: Client, films: list[int], caplog: pytest.LogCaptureFixture, coding: str
) -> None:
    """What has been sent must not look whole."""
    with pytest.raises(ClientError):
        faulty.get("/api/movies.jsonl", headers={"Accept-Encoding": coding})
    assert "an export was cut off" in caplog.text


def many(count: int, letters: int) -> None:
    Film.objects.bulk_create([Film(title=f"F{n}", overview="x" * letters, published=True) for n in range(count)])


def test_a_client_that_leaves_stops_the_work(client: Client, db: None) -> None:
    """Sixty batches of 100 kB are more than the buffers on the way hold."""
    many(300, 20_000)
    client._runner.run(glanced_at(client))
    stopped = client.executor.hops
    client._runner.run(asyncio.sleep(0.2))
    assert client.executor.hops == stopped < 60


async def glanced_at(client: Client) -> None:
    """Read a little and leave."""
    async with client._client.get("/api/movies.jsonl") as response:
        await response.content.read(1000)
        response.close()
    await asyncio.sleep(0.5)


def peak(client: Client) -> int:
    """The most memory that was taken while an export was read and thrown away, in bytes."""
    tracemalloc.start()
    client._runner.run(poured_away(client))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


async def poured_away(client: Client) -> None:
    async with client._client.get("/api/movies.jsonl") as response:
        async for _ in response.content.iter_any():
            pass


@pytest.mark.contract("resources.jsonl")
def test_the_memory_of_an_export_does_not_grow_with_it(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of twelve megabytes that pass, no more than three are held at any time."""
    monkeypatch.setattr(export_params, "BATCH", 20)
    many(1200, 10_000)
    client._runner.run(poured_away(client))
    assert peak(client) < 3_000_000


def test_through_the_server_too_what_is_cut_off_does_not_look_whole(db: None) -> None:
    """Uvicorn and the bridge pass the end of the connection on: no last chunk (RFC 9112, 7.1 and 8)."""
    Film.objects.bulk_create([Film(title=f"F{n}", published=True) for n in range(12)])
    executor = Faulty()
    with Server(bridge(create_api(executor), strip_root_path=False)) as server:
        received = server.raw(b"GET /api/movies.jsonl HTTP/1.1\r\nHost: x\r\n\r\n")
    executor.close()
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert body.count(b'"cursor":') == 5
    assert not body.endswith(b"0\r\n\r\n")
