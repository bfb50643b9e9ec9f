"""Long lists in portions that one statement bears."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

LOOKUP_SIZE = 2000
"""Values that one query asks for: both databases limit the parameters of a statement."""


def portions(values: Iterable[T], *, size: int = LOOKUP_SIZE) -> Iterator[Sequence[T]]:
    """The values in lists of `size`; the last may be shorter.

    >>> list(portions("abc", size=2))
    [['a', 'b'], ['c']]
    """
    portion: list[T] = []
    for value in values:
        portion.append(value)
        if len(portion) == size:
            yield portion
            portion = []
    if portion:
        yield portion
