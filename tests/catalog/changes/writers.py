"""Writers at work beside a reader: each in a thread and on a connection of its own."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, connection, transaction

from catalog.models import CastCredit, Film, Genre, Person


def edit(chance: random.Random) -> None:
    """One change of some film or person, as curators make them."""
    films, people = list(Film.objects.order_by("id")), list(Person.objects.order_by("id"))
    chance.choice(EDITS)(chance, films, people)


def add(chance: random.Random, films: list[Film], people: list[Person]) -> None:
    Film.objects.create(title=f"Film {chance.random()}", published=chance.random() < 0.7)


def retitle(chance: random.Random, films: list[Film], people: list[Person]) -> None:
    Film.objects.filter(pk=chance.choice(films).pk).update(title=f"Film {chance.random()}")


def turn(chance: random.Random, films: list[Film], people: list[Person]) -> None:
    film = chance.choice(films)
    Film.objects.filter(pk=film.pk).update(published=not film.published)


def remove(chance: random.Random, films: list[Film], people: list[Person]) -> None:
    if len(films) > 3:
        chance.choice(films).delete()


def link(chance: random.Random, films: list[Film], people: list[Person]) -> None:
    film = chance.choice(films)
    film.genres.set(chance.sample(list(Genre.objects.all()), 2))
    CastCredit.objects.get_or_create(film=film, person=chance.choice(people), character=None)


def rename(chance: random.Random, films: list[Film], people: list[Person]) -> None:
    Person.objects.filter(pk=chance.choice(people).pk).update(name=f"Person {chance.random()}")
    Genre.objects.filter(pk=Genre.objects.order_by("?").values_list("pk")[:1]).update(name=f"Genre {chance.random()}")


EDITS = (add, retitle, turn, remove, link, rename)


def write(seed: int, transactions: int) -> None:
    """Some transactions, of which a few stay open for long and a few are rolled back."""
    chance = random.Random(seed)  # noqa: S311  an order, not a secret
    try:
        for _ in range(transactions):
            # A film that another writer has deleted, or a deadlock: as it happens to any client.
            with suppress(DatabaseError, ObjectDoesNotExist):
                one_transaction(chance)
    finally:
        connection.close()


def one_transaction(chance: random.Random) -> None:
    with transaction.atomic():
        for _ in range(chance.randint(1, 3)):
            edit(chance)
        if connection.vendor == "postgresql":
            time.sleep(chance.choice((0, 0, 0.002, 0.03)))  # SQLite's only writer would hold up the others
        if chance.random() < 0.1:
            transaction.set_rollback(True)


@contextmanager
def writing(seed: int, *, writers: int, transactions: int) -> Iterator[Callable[[], bool]]:
    """Writers until each has made its transactions; gives whether any is still at work."""
    threads = [threading.Thread(target=write, args=(seed * 100 + number, transactions)) for number in range(writers)]
    for thread in threads:
        thread.start()
    try:
        yield lambda: any(thread.is_alive() for thread in threads)
    finally:
        for thread in threads:
            thread.join()
