"""`/metrics` for Prometheus: what is counted in plain numbers elsewhere, read when somebody asks."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from server.cache import Cache
from server.executor import Executor
from server.front import Front
from server.histogram import Histogram
from server.http import Policy
from server.pages import Resource

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LAG_SECONDS = 0.5
"""How often the event loop is asked how late it comes."""


class Lag:
    """How much later than asked for the event loop comes."""

    def __init__(self) -> None:
        self.seen = Histogram()

    @asynccontextmanager
    async def measured(self) -> AsyncIterator[None]:
        """Within it, the lag is looked at twice a second."""
        task = asyncio.create_task(self._measure())
        try:
            yield
        finally:
            task.cancel()

    async def _measure(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_SECONDS
            await asyncio.sleep(LAG_SECONDS)
            self.seen.observe(max(0.0, loop.time() - due))


class Metrics(Resource, Collector):
    """The page, for whoever shows the token (RFC 6750, 2.1)."""

    def __init__(self, token: str, *, front: Front, executor: Executor, policy: Policy) -> None:
        self.token = token
        self.front = front
        self.executor = executor
        self.policy = policy
        self.lag = Lag()
        self.registry = CollectorRegistry(auto_describe=False)
        self.registry.register(self)
        ProcessCollector(registry=self.registry)

    async def respond(self, scope: Scope) -> Response:
        given = b" ".join(value for name, value in scope["headers"] if name == b"authorization")
        if not hmac.compare_digest(given, b"Bearer " + self.token.encode()):
            raise HTTPException(401, "Metrics are for whoever has the token.", {"WWW-Authenticate": "Bearer"})
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})

    def collect(self) -> Iterator[Metric]:
        """All that is known, as Prometheus' families."""
        yield from of_requests(self.front)
        if self.front.cache is not None:
            yield from of_cache(self.front.cache)
        yield from of_executor(self.executor)
        yield histogram("event_loop_lag_seconds", "How much later than asked for the event loop came.", self.lag.seen)
        yield gauge("http_connections", "Open connections of clients.", len(self.policy.connections))
        yield counter("http_refused", "Requests refused before any application saw them.", self.policy.refused)


def of_requests(front: Front) -> Iterator[Metric]:
    """What applications answered by group of addresses, and what the cache did as a group of its own."""
    requests = CounterMetricFamily("http_requests", "Answered requests.", labels=("group", "method", "status"))
    for (group, method, status), number in sorted(front.traffic.requests.items()):
        requests.add_metric((group, method, str(status)), number)
    if front.cache is not None:
        not_modified = front.traffic.not_modified
        requests.add_metric(("cache", "GET", "200"), front.cache.counts.hits - not_modified)
        requests.add_metric(("cache", "GET", "304"), not_modified)
    yield requests
    durations = HistogramMetricFamily(
        "http_request_duration_seconds", "Time to the last byte, of all but the cache's answers.", labels=("group",)
    )
    for group, seen in sorted(front.traffic.durations.items()):
        durations.add_metric((group,), seen.cumulative(), seen.total)
    yield durations
    if front.access_log is not None:
        yield counter("access_log_dropped", "Access lines that nobody took.", front.access_log.lost)


def of_cache(cache: Cache) -> Iterator[Metric]:
    found = CounterMetricFamily(
        "http_cache_requests", "Requests that may be answered by the cache.", labels=("result",)
    )
    for result in ("hits", "misses", "bypasses"):
        found.add_metric((result,), getattr(cache.counts, result))
    yield found
    yield gauge("http_cache_bytes", "What the kept answers take.", cache.shelf.size)
    yield gauge("http_cache_budget_bytes", "What they may take.", cache.shelf.budget_bytes)
    yield gauge("http_cache_entries", "Kept answers.", len(cache.shelf))
    yield counter(
        "database_revision_questions", "Times that the database told its state.", cache.validity.revision.questions
    )


def of_executor(executor: Executor) -> Iterator[Metric]:
    yield gauge("executor_waiting", "Units that no thread has taken yet.", executor.waiting)
    yield gauge("executor_running", "Units that a thread has taken.", executor.running)
    yield histogram("executor_wait_seconds", "How long units waited for a thread.", executor.waits)


def gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value)


def counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(name, text, value)


def histogram(name: str, text: str, seen: Histogram) -> Metric:
    return HistogramMetricFamily(name, text, seen.cumulative(), seen.total)
