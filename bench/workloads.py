"""What is measured: each kind of load, and who takes part."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.contenders import CONTENDERS
from bench.environment import DATABASES

ORM_PEERS = ("gunicorn", "aiohttp", "django_async", "ninja", "fastapi", "bolt", "asyncpg")


@dataclass(frozen=True, kw_only=True)
class Workload:
    """A kind of load.

    pages: as in `Load`; conditional: whether requests carry the answer's entity tag; writes: how many films a second
    are edited meanwhile; threads, connections, seconds, rounds: 0 is what the run's options say.
    """

    title: str
    contenders: Sequence[str]
    databases: Sequence[str] = DATABASES
    pages: str = ""
    conditional: bool = False
    writes: int = 0
    threads: int = 0
    connections: int = 0
    seconds: int = 0
    rounds: int = 0


WORKLOADS: dict[str, Workload] = {
    # Before "hot", whose first contender is moviedb: a round measures the two that are compared one after the other.
    "conditional": Workload(title="one page, If-None-Match", contenders=("moviedb",), conditional=True),
    "hot": Workload(title="one page again and again", contenders=tuple(CONTENDERS)),
    "distinct": Workload(title="every request another page", contenders=("moviedb", *ORM_PEERS), pages="distinct"),
    "zipf": Workload(
        title="1,000 pages by Zipf's law, ten writes a second", contenders=("moviedb",), pages="zipf", writes=10
    ),
    "article": Workload(
        title="the article's load: wrk -t12 -c400 -d30s",
        contenders=("moviedb", "uncached", "gunicorn", "aiohttp"),
        databases=("sqlite",),
        threads=12,
        connections=400,
        seconds=30,
        rounds=1,
    ),
}
"""Loads of wrk, which sends the next request when the last is answered: they measure throughput."""

STEADY = ("hot", "distinct")
"""Loads of moviedb that are repeated at half of the rate just reached, where waiting times mean something."""

OTHERS = ("start", "steady")
ALL = (*WORKLOADS, *OTHERS)
