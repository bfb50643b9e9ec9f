"""The pages that are asked for, as requests.lua has them."""

from collections.abc import Iterator
from itertools import count

LIST = "/api/movies?limit=10"
BY_VOTES = f"{LIST}&sort=votes&votes__gte="
SPAN, STRIDE = 990_000, 7919


def distinct(offset: int) -> Iterator[str]:
    """SPAN addresses, each another page of ten films, before the first comes again; from the `offset`th on."""
    return (f"{BY_VOTES}{index * STRIDE % SPAN}" for index in count(offset))
