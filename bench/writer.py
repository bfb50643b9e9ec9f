"""Edits films, so many a second, through the ORM, until its standard input is closed.

Each edit changes one column of a random film, those in turn that a curator's form has. Not votes: they are summed up
from ratings, and the pages of the benchmark are sorted by them, so that one more vote would end them all.

It prints a line when it begins, and at the end how many it edited:

python -m bench.writer PER_SECOND
"""

import random
import select
import sys
import time

import django

django.setup()

from catalog.models import Film

COLUMNS = ("tagline", "overview", "runtime", "budget", "revenue", "popularity")


def edit(number: int) -> dict[str, str | int]:
    """What the edit of this number changes."""
    column = COLUMNS[number % len(COLUMNS)]
    return {column: f"Edited {number} times" if column in {"tagline", "overview"} else number % 1000}


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
