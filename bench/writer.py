"""Edits films, so many a second, through the ORM, until its standard input is closed.

Each edit changes one column of a random film, the columns in turn; the last is the one that the pages are sorted by.

It prints a line when it begins, and at the end how many it edited:

python -m bench.writer PER_SECOND
"""

import random
import select
import sys
import time
from typing import Any

import django
from django.db.models import F

django.setup()

from catalog.models import Film

COLUMNS = (
    "tagline",
    "overview",
    "runtime",
    "budget",
    "rating",
    "tagline",
    "revenue",
    "popularity",
    "overview",
    "votes",
)


def edit(number: int) -> dict[str, Any]:
    """What the edit of this number, from 1 on, changes."""
    column = COLUMNS[(number - 1) % len(COLUMNS)]
    if column in {"tagline", "overview"}:
        return {column: f"Edited {number} times"}
    if column == "votes":
        return {column: F(column) + 1}
    return {column: number % 10}


def main() -> None:
    per_second = int(sys.argv[1])
    ids = list(Film.objects.values_list("id", flat=True))
    print("ready", flush=True)
    begun, written = time.monotonic(), 0
    while True:
        pause = begun + (written + 1) / per_second - time.monotonic()
        if select.select([sys.stdin], [], [], max(pause, 0))[0]:
            break
        written += 1
        Film.objects.filter(pk=random.choice(ids)).update(**edit(written))  # noqa: S311
    print(written)


if __name__ == "__main__":
    main()
