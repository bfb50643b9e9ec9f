"""What /metrics tells, and to whom."""

import asyncio

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.exceptions import HTTPException

from server.executor import Executor
from server.histogram import Histogram
from server.http import Policy
from server.metrics import Lag, Metrics
from tests.server.asgi_client import call, http_scope
from tests.server.cached_site import Site

pytestmark = pytest.mark.anyio
TOKEN = "a-token-of-twenty-or-so-letters"


def metrics(site: Site) -> Metrics:
    executor = Executor(threads=1, queue_limit=10, wait_seconds=1)
    return Metrics(TOKEN, front=site.front, executor=executor, policy=Policy(connections=[1, 2]))


async def told(page: Metrics) -> dict[str, float]:
    """Every sample by its name and labels."""
    answer = await call(page, http_scope("/metrics", headers=[(b"authorization", b"Bearer " + TOKEN.encode())]))
    return {
        " ".join((sample.name, *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


@pytest.mark.parametrize("given", [None, b"Bearer wrong", b"Basic " + TOKEN.encode(), TOKEN.encode()])
async def test_without_the_token_nothing_is_told(given: bytes | None) -> None:
    headers = [] if given is None else [(b"authorization", given)]
    with pytest.raises(HTTPException) as refused:
        await call(metrics(Site()), http_scope("/metrics", headers=headers))
    assert (refused.value.status_code, refused.value.headers) == (401, {"WWW-Authenticate": "Bearer"})


async def test_hits_misses_and_304s_are_counted_apart() -> None:
    site = Site()
    for _ in range(3):
        await site.get("/a")
    await site.get("/a", headers=[(b"if-none-match", b'"one"')])
    await site.get("/alone")
    found = await told(metrics(site))
    assert (found["http_cache_requests_total hits"], found["http_cache_requests_total misses"]) == (3, 1)
    assert (found["http_requests_total cache GET 200"], found["http_requests_total cache GET 304"]) == (2, 1)
    assert found["http_requests_total other GET 200"] == 2
    assert found["http_cache_entries"] == 1


async def test_addresses_and_methods_that_anybody_can_think_of_do_not_multiply() -> None:
    site = Site()
    for number in range(3):
        await call(site.front, http_scope(f"/{number}", method=f"METHOD{number}"))
    assert (await told(metrics(site)))["http_requests_total other other 200"] == 3


async def test_connections_memory_and_the_database_are_told() -> None:
    site = Site()
    await site.get("/a")
    found = await told(metrics(site))
    assert found["http_connections"] == 2
    assert found["process_resident_memory_bytes"] > 1e6
    assert found["database_revision_questions_total"] == site.clock.number


async def test_waits_for_a_thread_are_told() -> None:
    page = metrics(Site())
    page.executor.start()
    await page.executor.run(int)
    found = await told(page)
    await page.executor.close(grace_seconds=5)
    assert found["executor_wait_seconds_count"] == 1
    assert (found["executor_waiting"], found["executor_running"]) == (0, 0)


async def test_a_loop_that_stands_still_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.metrics.LAG_SECONDS", 0.001)
    lag = Lag()
    async with lag.measured():
        while not lag.seen.total:  # noqa: ASYNC110  the lag's own task ends it
            await asyncio.sleep(0.001)
    assert sum(lag.seen.counts) >= 1


def test_a_histogram_counts_what_is_at_most_as_long() -> None:
    seen = Histogram((0.1, 1.0))
    for seconds in (0.1, 0.5, 2.0):
        seen.observe(seconds)
    assert (seen.cumulative(), seen.total) == ([("0.1", 1), ("1.0", 2), ("+Inf", 3)], 2.6)
