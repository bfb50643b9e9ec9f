"""What an executor costs: units a second through a plain pool and through ours, by what a unit does.

    python -m bench.executor [--rounds 5] [--seconds 1] [--callers 64] [--threads 4]

The callers each wait for their unit before they ask for the next. All contenders keep the connections clean in the same
way, so that the difference is that of the queues, threads and wake-ups. Writes are acknowledged by an fsync. It uses
the database of the settings and writes to a table of its own.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django

django.setup()

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

from catalog.drivers import SPELLINGS, Call, Statement, fetch_together
from server import executor as ours
from server.executor import Executor
from server.executor_units import drop_stale_connections, tidy_connections
from server.loop import new_loop

SQL = "SELECT id, number FROM bench_executor WHERE id = %s"

Unit = Callable[[], Any]
Run = Callable[[Unit], Awaitable[Any]]


def nothing() -> None:
    """The bare hop."""


def query() -> Any:
    """One row by its key: mostly Django's own work."""
    with connection.cursor() as cursor:
        cursor.execute(SQL, [1])
        return cursor.fetchone()


def write() -> None:
    """One row changed, in a transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE bench_executor SET number = number + 1 WHERE id = %s", [1])


class Joined:
    """The same row as `query`, asked for together with others."""

    call = Call(Statement(SQL, SPELLINGS[connection.vendor](SQL, 1)), [1], general=True, binary=True)

    def __call__(self) -> Any:
        (rows,) = self.together([self.call])
        return rows

    def ask(self) -> tuple[Call, Callable[[Any], Any]]:
        return self.call, list

    @staticmethod
    def together(calls: Sequence[Call]) -> Any:
        return fetch_together(connections[DEFAULT_DB_ALIAS], calls)


UNITS: dict[str, Unit] = {"nothing": nothing, "query": query, "joined": Joined(), "write": write}


def tidied(unit: Unit) -> Any:
    """What our executor does around a unit, for a pool that does nothing."""
    drop_stale_connections()
    try:
        return unit()
    finally:
        tidy_connections()


class Plain:
    """A ThreadPoolExecutor behind the loop's own `run_in_executor`."""

    def __init__(self, threads: int) -> None:
        self.threads = threads

    async def __aenter__(self) -> Run:
        self.pool = ThreadPoolExecutor(self.threads)
        loop = asyncio.get_running_loop()
        return lambda unit: loop.run_in_executor(self.pool, tidied, unit)

    async def __aexit__(self, *_: object) -> None:
        for _thread in range(self.threads):
            self.pool.submit(connections.close_all)
        self.pool.shutdown()


class Ours:
    """Our executor, whose threads join up to `joined` units at once."""

    def __init__(self, threads: int, joined: int) -> None:
        self.threads = threads
        self.joined = joined

    async def __aenter__(self) -> Run:
        ours.JOINED = self.joined
        self.executor = Executor(threads=self.threads, queue_limit=100_000, wait_seconds=60)
        self.executor.start()
        return lambda unit: self.executor.run(unit, write=unit is write)

    async def __aexit__(self, *_: object) -> None:
        await self.executor.close(grace_seconds=10)


async def rate(contender: Plain | Ours, unit: Unit, options: argparse.Namespace) -> tuple[float, float]:
    """Units a second, and the 99th percentile of the wait in milliseconds."""
    waits: list[float] = []

    async def caller(run: Run, end: float) -> None:
        while (began := time.perf_counter()) < end:
            await run(unit)
            waits.append(time.perf_counter() - began)

    async with contender as run:
        await run(unit)
        began = time.perf_counter()
        await asyncio.gather(*(caller(run, began + options.seconds) for _ in range(options.callers)))
        took = time.perf_counter() - began
    return len(waits) / took, statistics.quantiles(waits, n=100)[98] * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--callers", type=int, default=64)
    parser.add_argument("--threads", type=int, default=4)
    options = parser.parse_args()
    contenders = {"plain pool": Plain(options.threads)} | {
        f"ours, {joined} joined": Ours(options.threads, joined) for joined in (1, 8, 16, 32)
    }
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_executor (id integer PRIMARY KEY, number integer NOT NULL)")
        cursor.execute("INSERT INTO bench_executor VALUES (1, 0)")
    try:
        for name, unit in UNITS.items():
            figures: dict[str, list[tuple[float, float]]] = {each: [] for each in contenders}
            for _ in range(options.rounds):
                for each, contender in contenders.items():
                    with asyncio.Runner(loop_factory=new_loop) as runner:
                        figures[each].append(runner.run(rate(contender, unit, options)))
            for each, rounds in figures.items():
                per_second, p99 = (statistics.median(column) for column in zip(*rounds, strict=True))
                print(
                    f"{connection.vendor} {name:8} {each:17} {per_second:8.0f} a second   p99 {p99:6.2f} ms", flush=True
                )
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE bench_executor")


if __name__ == "__main__":
    main()
