"""Keeps the index up with the change log: whoever searches brings it to the log's end first.

So a search reflects what was committed before it, whoever wrote it. More than a request may wait for (an import) is
left to `step`, a chore of the background, and to `catch_up`, which imports end with.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from catalog import changes
from catalog.changes import surrogates
from catalog.models import Film
from catalog.search import documents, tables
from catalog.search.models import SearchState

logger = logging.getLogger(__name__)

AT_ONCE = 200
"""Films that a request indexes itself; a millisecond or so each."""

PORTION = 500
"""Films that are indexed in one transaction, so that other writers on SQLite get their turn in between."""

STANDING, REBUILDING = 1, 2
"""The rows of the state: where the index stands, and how far it has come where all films are indexed anew."""

LOCK_MILLISECONDS = 200
"""How long a search waits for a writer before it answers from the index as it is."""

FILM_KEY = surrogates.film(0).removesuffix("0")


def refresh() -> bool:
    """Bring the index to the log's end if that is little work; whether it is there. Two queries if nothing has changed.

    A read-only database, or one that somebody else writes to for long, is left as it is: a search then answers from
    what is indexed, and says no more than it knows.
    """
    changed = changes.changed_since(position())
    if not changed:
        return True
    if is_much(changed):
        return False
    try:
        with impatient():
            step()
            return True
    except DatabaseError as error:
        if connection.in_atomic_block:
            raise
        logger.info("the search index stays as it is for now: %s", error)
        return False


def is_much(changed: surrogates.Keys) -> bool:
    """Whether to index what has changed would keep a request waiting."""
    if surrogates.EVERYTHING in changed:
        return published()[: AT_ONCE + 1].count() > AT_ONCE
    return len(of_films(changed)) > AT_ONCE


def catch_up() -> int:
    """Bring the index to the log's present end, however much that is; the number of films that were indexed.

    What comes meanwhile is looked at once more, and not for ever: the next search takes what is left.
    """
    indexed = step()
    while SearchState.objects.filter(pk=REBUILDING).exists():
        indexed += step()
    return indexed + (step() if is_behind() else 0)


def is_behind() -> bool:
    """Whether anything has changed that the index does not know. Two queries."""
    return bool(changes.changed_since(position()))


def position() -> str:
    """The log's position that the index stands at; '' where it has none, and everything is still to be done."""
    return SearchState.objects.filter(pk=STANDING).values_list("position", flat=True).first() or ""


def step() -> int:
    """Index the next portion, in one transaction that others who would do the same wait for; how many films it had.

    What has changed since the index's position is one portion. Where that cannot be told all films are, by their ids:
    a second row says how far that has come, and a process that ends midway is followed by another.
    """
    with transaction.atomic():
        lock()
        under_way = SearchState.objects.filter(pk=REBUILDING).values_list("position", flat=True).first()
        if under_way is not None:
            end, _, last = under_way.rpartition(" ")
            return rebuild_on(end, int(last))
        end = changes.position()  # before the changes: what comes in between is looked at again
        changed = changes.changed_since(position())
        if surrogates.EVERYTHING in changed:
            return rebuild_on(end, 0)
        return index_changed(changed, end)


def rebuild_on(end: str, last: int) -> int:
    """Index the films after the id `last`; behind the last of all the index stands at `end`, where it was begun."""
    film_ids = list(published().filter(pk__gt=last).values_list("pk", flat=True)[:PORTION])
    documents.index(film_ids)
    if len(film_ids) == PORTION:
        stand(REBUILDING, f"{end} {film_ids[-1]}")
    else:
        tables.keep_only_published()
        SearchState.objects.filter(pk=REBUILDING).delete()
        stand(STANDING, end)
    return len(film_ids)


def index_changed(changed: surrogates.Keys, end: str) -> int:
    """Index the films among the keys of what has changed until `end`."""
    film_ids = of_films(changed)
    documents.index(film_ids)
    stand(STANDING, end)
    return len(film_ids)


def lock() -> None:
    """Let nobody else write the index until the transaction ends."""
    SearchState.objects.bulk_create([SearchState(pk=STANDING, position="")], ignore_conflicts=True)
    SearchState.objects.select_for_update().get(pk=STANDING)


def stand(row: int, at: str) -> None:
    SearchState.objects.update_or_create(pk=row, defaults={"position": at})


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
