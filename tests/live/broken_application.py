"""The application with a cache that is broken on purpose, to see that the staleness checker sees it."""

import os
from collections.abc import Iterator
from typing import Any

from asgi import application
from catalog import changes
from catalog.changes import surrogates
from catalog.changes.surrogates import Changed, of_change
from server.cache_validity import Validity

__all__ = ["application"]


def never(token: str) -> frozenset[str]:
    return frozenset()


def without_lists(change: Changed) -> Iterator[str]:
    """The keys of a change but for those of lists."""
    return (key for key in of_change(change) if not key.startswith("films"))


async def once(self: Validity) -> bool:
    """Ask the revision at the first request only."""
    if self._seen.number == 0:
        reading = await self.revision.now()
        return reading is not None and await self._settle(reading)
    return True


BREAKS: dict[str, tuple[Any, str, Any]] = {
    "the log says nothing": (changes, "changed_since", never),
    "lists are forgotten": (surrogates, "of_change", without_lists),
    "the revision is not asked": (Validity, "holds", once),
}
setattr(*BREAKS[os.environ["BREAK"]])
