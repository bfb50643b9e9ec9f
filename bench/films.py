"""A catalogue to measure on: the sample's films again and again, as so many films of their own.

    python -m bench.films COUNT

Their votes lie evenly from 1 to VOTES_MAX, so that `sort=votes&votes__gte=N` is another page for nearly every N.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import cycle, islice

import django

django.setup()

from django.db import connection, transaction

from catalog.models import Film
from catalog.search import index

VOTES_MAX = 1_000_000
WRITTEN = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""Whole seconds: Django's JSON cuts times to milliseconds, and the answers are compared."""


def copies(count: int) -> Iterator[Film]:
    """`count` films made of those that are there, in turn."""
    originals = list(Film.objects.filter(published=True).order_by("id"))
    for number, original in enumerate(islice(cycle(originals), count)):
        values = {
            field.attname: getattr(original, field.attname)
            for field in Film._meta.concrete_fields
            if not field.generated and field.name not in {"id", "shuffle", "version"}
        }
        values |= {"title": f"{original.title} {number + 1}", "created": WRITTEN, "updated": WRITTEN}
        yield Film(**values | {"votes": 1 + number * VOTES_MAX // count})


def main() -> None:
    count = int(sys.argv[1])
    Film._meta.get_field("created").auto_now_add = False  # the copies bring their own
    with transaction.atomic():
        films = list(copies(count))
        Film.objects.all().delete()
        Film.objects.bulk_create(films, batch_size=500)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    index.catch_up()  # as every import ends, or the server would do that while it is measured


if __name__ == "__main__":
    main()
