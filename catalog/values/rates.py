"""How much may be asked for in which time, and how much of that has been."""

from math import ceil, floor

import msgspec


class Rate(msgspec.Struct, frozen=True):
    """`quota` requests (1 or more) in any `seconds`."""

    quota: int
    seconds: int

    @property
    def part(self) -> float:
        """The seconds after which one more request is there again."""
        return self.seconds / self.quota


class Spent(msgspec.Struct, frozen=True):
    """What somebody has of a rate. busy_seconds: until the whole quota is there again. refused: this was too much."""

    rate: Rate
    busy_seconds: float
    refused: bool

    @property
    def left(self) -> int:
        """Requests that are there now."""
        return max(floor((self.rate.seconds - self.busy_seconds) / self.rate.part + 1e-6), 0)

    @property
    def reset_seconds(self) -> int:
        """Until the whole quota is there again."""
        return ceil(self.busy_seconds)

    @property
    def retry_seconds(self) -> int:
        """Until the next request is there."""
        return max(ceil(self.busy_seconds + self.rate.part - self.rate.seconds), 1)
