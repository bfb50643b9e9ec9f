"""Keeps the index up with the change log: whoever searches brings it to the log's end first.

So a search reflects what was committed before it, whoever wrote it. More than a request may wait for (an import) is
left to `catch_up`, which the importers call and a background job repeats.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from catalog import changes
from catalog.changes import surrogates
from catalog.models import Film
from catalog.portions import portions
from catalog.search import documents, tables
from catalog.search.models import SearchState

logger = logging.getLogger(__name__)

AT_ONCE = 200
"""Films that a request indexes itself; a millisecond or so each."""

PORTION = 500
"""Films that are indexed in one transaction, so that other writers on SQLite get their turn in between."""

LOCK_MILLISECONDS = 200
"""How long a search waits for a writer before it answers from the index as it is."""

FILM_KEY = surrogates.film(0).removesuffix("0")


def refresh() -> None:
    """Bring the index to the log's end if that is little work. Two queries where nothing has changed.

    A read-only database, or one that somebody else writes to for long, is left as it is: a search then answers from
    what is indexed, and says no more than it knows.
    """
    if not changes.changed_since(position()):
        return
    try:
        with impatient(), transaction.atomic():
            advance()
    except DatabaseError as error:
        if connection.in_atomic_block:
            raise
        logger.info("the search index stays as it is for now: %s", error)


def catch_up() -> int:
    """Bring the index to the log's end, however much that is; the number of films that were indexed.

    In portions, each a transaction of its own. If it ends midway, the next one begins again.
    """
    begun_at = position()
    end = changes.position()
    changed = changes.changed_since(begun_at)
    if not changed:
        return 0
    everything = surrogates.EVERYTHING in changed
    film_ids = published().values_list("pk", flat=True).iterator() if everything else iter(of_films(changed))
    indexed = 0
    for portion in portions(film_ids, size=PORTION):
        with transaction.atomic():
            documents.index(portion)
        indexed += len(portion)
    with transaction.atomic():
        if everything:
            tables.keep_only_published()
        # Whoever has come further meanwhile is taken back to `end`, and looks at the rest once more.
        SearchState.objects.update_or_create(pk=1, defaults={"position": end})
    return indexed


def position() -> str:
    """The log's position that the index stands at; '' where it has none, and everything is still to be done."""
    return SearchState.objects.filter(pk=1).values_list("position", flat=True).first() or ""


def advance() -> None:
    """Index what has changed, in one transaction that others who would do the same wait for; nothing if it is much."""
    SearchState.objects.bulk_create([SearchState(pk=1, position="")], ignore_conflicts=True)
    state = SearchState.objects.select_for_update().get(pk=1)
    end = changes.position()  # before the changes: what comes in between is looked at again
    changed = changes.changed_since(state.position)
    everything = surrogates.EVERYTHING in changed
    film_ids = list(published().values_list("pk", flat=True)[: AT_ONCE + 1]) if everything else of_films(changed)
    if len(film_ids) > AT_ONCE:
        return
    documents.index(film_ids)
    if everything:
        tables.keep_only_published()
    SearchState.objects.filter(pk=1).update(position=end)


def published() -> "QuerySet[Film, Film]":
    return Film.objects.filter(published=True).order_by("pk")


def of_films(keys: surrogates.Keys) -> list[int]:
    """The films among the keys of what has changed."""
    return sorted(int(key.removeprefix(FILM_KEY)) for key in keys if key.startswith(FILM_KEY))


@contextmanager
def impatient() -> Iterator[None]:
    """Within it no lock is waited for longer than a reader would like to."""
    set_to, back = PATIENCE[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(set_to)
        try:
            yield
        finally:
            cursor.execute(back)


PATIENCE = {
    "sqlite": (f"PRAGMA busy_timeout = {LOCK_MILLISECONDS}", "PRAGMA busy_timeout = 5000"),
    "postgresql": (f"SET lock_timeout = {LOCK_MILLISECONDS}", "RESET lock_timeout"),
}
"""How to wait less for locks, and how to be as before (`SQLITE_PRAGMAS` in the settings)."""
