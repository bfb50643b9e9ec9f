"""What moviedb wants to reach: ratios of medians, and longest waits."""

from dataclasses import dataclass

from bench.results import Results


@dataclass(frozen=True, kw_only=True)
class Aim:
    """A figure of moviedb and what it should be, at least (a ratio) or at most (milliseconds).

    contender, workload: what is measured; beside, beside_workload: what its rate is divided by; none for `p99_ms`.
    """

    database: str
    workload: str
    floor: float
    aim: float
    contender: str = "moviedb"
    beside: str = ""
    beside_workload: str = ""

    def measured(self, results: Results) -> float | None:
        """The figure in these results; None where they lack one half of it."""
        if not self.beside:
            return results.median(self.database, self.workload, self.contender, "p99_ms")
        own = results.median(self.database, self.workload, self.contender)
        other = results.median(self.database, self.beside_workload or self.workload, self.beside)
        return own / other if own and other else None

    def reached(self, figure: float) -> bool:
        """Whether the floor is."""
        return figure >= self.floor if self.beside else figure <= self.floor


AIMS: tuple[Aim, ...] = (
    Aim(database="sqlite", workload="hot", beside="ceiling", floor=0.80, aim=0.90),
    Aim(database="sqlite", workload="hot", beside="gunicorn", floor=18, aim=18),
    Aim(database="sqlite", workload="hot", beside="aiohttp", floor=11, aim=11),
    Aim(database="sqlite", workload="hot", beside="bolt", floor=8, aim=8),
    Aim(database="postgresql", workload="hot", beside="ceiling", floor=0.70, aim=0.85),
    Aim(database="sqlite", workload="distinct", beside="aiohttp", floor=2.2, aim=3.0),
    Aim(database="sqlite", workload="distinct", beside="bolt", floor=1.7, aim=2.5),
    Aim(database="postgresql", workload="distinct", beside="aiohttp", floor=2.0, aim=3.0),
    Aim(database="postgresql", workload="distinct", beside="asyncpg", floor=0.7, aim=1.0),
    Aim(database="sqlite", workload="hot", contender="uncached", beside="aiohttp", floor=1.5, aim=2.5),
    Aim(database="sqlite", workload="hot", contender="uncached", beside="gunicorn", floor=2.55, aim=4),
    *(
        Aim(database=database, workload=workload, beside="moviedb", beside_workload="hot", floor=floor, aim=aim)
        for workload, floor, aim in (("conditional", 1.0, 1.1), ("zipf", 0.6, 0.8))
        for database in ("sqlite", "postgresql")
    ),
    *(
        Aim(database=database, workload=f"{workload}, half rate", floor=floor, aim=aim)
        for workload, floor, aim in (("hot", 5, 3), ("distinct", 15, 8))
        for database in ("sqlite", "postgresql")
    ),
)
