"""A histogram in plain numbers: an observation costs a fraction of a microsecond, all else is done when it is read."""

from bisect import bisect_left
from collections.abc import Sequence

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds in seconds, both fast answers and slow ones apart."""


class Histogram:
    """Counts of observed seconds between `bounds`; used on one thread."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float] = BOUNDS) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.total += seconds

    def cumulative(self) -> list[tuple[str, int]]:
        """Prometheus' buckets: how many were at most so long, by the bound as it writes it; the last is `+Inf`."""
        names = [*map(str, self.bounds), "+Inf"]
        return [(name, sum(self.counts[: place + 1])) for place, name in enumerate(names)]
