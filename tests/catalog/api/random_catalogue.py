"""A small catalogue, and changes of it at random: by the ORM, in bulk, through links, by raw SQL, many at once."""

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from catalog import changes
from catalog.models import (
    CastCredit,
    Collection,
    Company,
    Country,
    CrewCredit,
    Film,
    FilmExternalId,
    Genre,
    Keyword,
    Language,
    Person,
    PersonExternalId,
    Rating,
    Title,
)
from catalog.values import Department, RatingSource
from tests.catalog.changes.log import execute

FILMS, PEOPLE, GENRES = 12, 5, 3
COUNTRIES, LANGUAGES = ("XA", "XB"), ("qaa", "qab")
WORDS = ("Ran", "Ikiru", "Dersu", "Yojimbo", "Élan")

COLUMNS: dict[str, Callable[[random.Random], Any]] = {
    "title": lambda chance: chance.choice(WORDS),
    "title_key": lambda chance: chance.choice("abcde"),
    "year": lambda chance: chance.choice([None, 1950, 1951, 1952]),
    "rating": lambda chance: chance.choice([None, 7.0, 8.0]),
    "votes": lambda chance: chance.randrange(4),
    "popularity": lambda chance: chance.randrange(4),
    "runtime": lambda chance: chance.choice([None, 90, 120]),
    "revenue": lambda chance: chance.choice([None, 1000, 2000]),
    "shuffle": lambda chance: chance.randrange(2**31),
    "tagline": lambda chance: chance.choice(WORDS),
    "budget": lambda chance: chance.randrange(1, 99),
    "poster": lambda chance: chance.choice(["", "posters/a.png"]),
    "original_language_id": lambda chance: chance.choice([None, *LANGUAGES]),
    "created": lambda _: timezone.now(),
    "updated": lambda _: timezone.now(),
    "version": lambda chance: chance.randrange(50),
    "published": lambda chance: chance.random() < 0.7,
}
"""A value for each column of a film that answers show, filter or sort by."""

NAMED: tuple[type[models.Model], ...] = (Genre, Keyword, Company, Country, Language, Collection, Person)


class RandomCatalogue:
    """Rows to change, and `change`, which changes some of them."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311  an order of events, no secret
        self.number = 0
        Country.objects.bulk_create(Country(code=code, name=code) for code in COUNTRIES)
        Language.objects.bulk_create(Language(code=code, name=code) for code in LANGUAGES)
        for number in range(GENRES):
            Genre.objects.create(name=f"Genre {number}", slug=f"genre-{number}")
            Keyword.objects.create(name=f"Word {number}", slug=f"word-{number}")
            Company.objects.create(name=f"Company {number}")
            Collection.objects.create(name=f"Collection {number}")
        Person.objects.bulk_create(Person(name=f"Person {number}", name_key="") for number in range(PEOPLE))
        for _ in range(FILMS):
            self.create_film()
        for _ in range(FILMS * 3):
            self.chance.choice((self.add_credit, self.set_links))()

    def change(self) -> str:
        """Make one or a few changes, in a transaction of their own, and say which; what the database refuses is not."""
        ways = self.chance.choices(WAYS, k=self.chance.choice((1, 1, 1, 2, 3)))
        with transaction.atomic():
            for way in ways:
                with suppress(IntegrityError), transaction.atomic():
                    way(self)
        return ", ".join(way.__name__ for way in ways)

    def any(self, model: type[models.Model], **conditions: Any) -> Any:
        """One of the rows, or a new film where there is none."""
        rows = list(model._default_manager.filter(**conditions).order_by("pk"))
        return self.chance.choice(rows) if rows else self.create_film()

    def fresh(self) -> str:
        self.number += 1
        return f"New {self.number}"

    def create_film(self) -> Film:
        columns = {name: value(self.chance) for name, value in COLUMNS.items() if name != "version"}
        return Film.objects.create(**columns, collection=Collection.objects.first())

    def bulk_create_films(self) -> None:
        Film.objects.bulk_create(Film(title=self.fresh(), title_key="x", published=True) for _ in range(2))

    def update_column(self) -> None:
        name = self.chance.choice(list(COLUMNS))
        Film.objects.filter(pk=self.any(Film).pk).update(**{name: COLUMNS[name](self.chance)})

    def update_many(self) -> None:
        name = self.chance.choice(list(COLUMNS))
        Film.objects.filter(votes__gte=2).update(**{name: COLUMNS[name](self.chance)})

    def save_film(self) -> None:
        film = self.any(Film)
        film.title, film.year = self.chance.choice(WORDS), 1950
        film.save()

    def save_untouched(self) -> None:
        self.any(Film).save()

    def delete_film(self) -> None:
        self.any(Film).delete()

    def publish(self) -> None:
        film = self.any(Film)
        Film.objects.filter(pk=film.pk).update(published=not film.published)

    def write_raw(self) -> None:
        film = self.any(Film)
        execute("UPDATE catalog_film SET votes = votes + 1, runtime = 100 WHERE id = %s", film.pk)

    def set_links(self) -> None:
        film, name = self.any(Film), self.chance.choice(["genres", "countries", "languages", "keywords", "companies"])
        rows = list(Film._meta.get_field(name).related_model.objects.order_by("pk")[:9])  # type: ignore[union-attr]
        getattr(film, name).set(self.chance.sample(rows, min(2, len(rows))))

    def move_link(self) -> None:
        links = Film.genres.through.objects.order_by("pk")
        links.filter(pk__in=links.values("pk")[:1]).update(film=self.any(Film))

    def delete_links_raw(self) -> None:
        execute("DELETE FROM catalog_film_genres WHERE film_id = %s", self.any(Film).pk)

    def add_credit(self) -> None:
        who = {"film": self.any(Film), "person": self.any(Person)}
        if self.chance.random() < 0.5:
            CastCredit.objects.create(**who, character=self.fresh())
        else:
            CrewCredit.objects.create(**who, department=Department.SOUND, job=self.fresh())

    def change_credit(self) -> None:
        model: type[models.Model] = self.chance.choice((CastCredit, CrewCredit))
        change = {"order": 7} if self.chance.random() < 0.3 else {"person": self.any(Person)}
        first = model._default_manager.filter(film=self.any(Film)).first()
        model._default_manager.filter(pk=first and first.pk).update(**change)

    def move_credit(self) -> None:
        rows = CastCredit.objects.filter(film=self.any(Film))
        rows.filter(pk__in=rows.values("pk")[:1]).update(film=self.any(Film))

    def delete_credit(self) -> None:
        CastCredit.objects.filter(film=self.any(Film)).delete()

    def add_title(self) -> None:
        Title.objects.create(film=self.any(Film), title=self.fresh(), region_id=COUNTRIES[0])

    def rate(self) -> None:
        values = {"average": self.chance.randrange(10), "count": 5}
        Rating.objects.update_or_create(film=self.any(Film), source=RatingSource.IMDB, defaults=values)

    def identify(self) -> None:
        FilmExternalId.objects.filter(film=(film := self.any(Film))).delete()
        FilmExternalId.objects.create(film=film, source="imdb", value=self.fresh())

    def identify_person(self) -> None:
        PersonExternalId.objects.filter(person=(person := self.any(Person))).delete()
        PersonExternalId.objects.create(person=person, source="imdb", value=self.fresh())

    def rename(self) -> None:
        model = self.chance.choice(NAMED)
        model._default_manager.filter(pk=self.any(model).pk).update(name=self.fresh())

    def rename_raw(self) -> None:
        execute("UPDATE catalog_person SET name = %s WHERE id = %s", self.fresh(), self.any(Person).pk)

    def change_slug(self) -> None:
        Genre.objects.filter(pk=self.any(Genre).pk).update(slug=self.chance.choice(["genre-0", "other", "third"]))

    def change_country_of_company(self) -> None:
        Company.objects.filter(pk=self.any(Company).pk).update(country=self.chance.choice(COUNTRIES))

    def change_person(self) -> None:
        Person.objects.filter(pk=self.any(Person).pk).update(
            birth_date=self.chance.choice(["1909-03-23", "1910-03-23", "1911-03-23"]), birth_precision="day"
        )

    def renew_genre(self) -> None:
        Genre.objects.filter(slug="genre-1").delete()
        Genre.objects.get_or_create(slug="genre-1", defaults={"name": "Again"})

    def renew_person(self) -> None:
        Person.objects.filter(cast_credits=None, crew_credits=None).delete()
        Person.objects.create(name=self.fresh())

    def number_person_anew(self) -> None:
        free = Person.objects.filter(cast_credits=None, crew_credits=None, external_ids=None).first()
        if free is not None:
            execute("UPDATE catalog_person SET id = id + 1000 WHERE id = %s", free.pk)

    def change_in_silence(self) -> None:
        with changes.bulk():
            Film.objects.filter(pk=self.any(Film).pk).update(title="Silent")

    def take_back(self) -> None:
        with transaction.atomic():
            Film.objects.update(title="Nothing")
            transaction.set_rollback(True)

    def publish_by_stealth(self) -> None:
        """A draft's links change first, then it is published: of the links nobody was told."""
        film = self.any(Film)
        Film.objects.filter(pk=film.pk).update(published=False)
        film.genres.set(Genre.objects.order_by("pk")[:1])
        Film.objects.filter(pk=film.pk).update(published=True)

    def replace_or_truncate(self) -> None:
        if connection.vendor == "sqlite":
            row = "SELECT id, 'Replaced', slug FROM catalog_genre LIMIT 1"
            execute(f"REPLACE INTO catalog_genre (id, name, slug) {row}")
        else:
            execute("TRUNCATE catalog_rating")


NO_WAYS = {"__init__", "change", "any", "fresh"}
WAYS = tuple(way for name, way in vars(RandomCatalogue).items() if callable(way) and name not in NO_WAYS)
"""Every way to change the catalogue."""
