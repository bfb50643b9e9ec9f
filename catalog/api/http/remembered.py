"""A memory of what clients' texts mean, bounded in bytes and not only in entries."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")

LENGTH_MAX = 512
"""Longer texts are read anew each time: they are seldom the same twice, and a thousand of them would fill megabytes."""


def remembered(maxsize: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """As `lru_cache`, for a reader of one text of any length."""

    def decorate(read: Callable[[str], T]) -> Callable[[str], T]:
        kept = lru_cache(maxsize=maxsize)(read)

        def reading(text: str) -> T:
            return kept(text) if len(text) <= LENGTH_MAX else read(text)

        return reading

    return decorate
