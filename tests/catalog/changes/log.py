"""What tests ask of the log, and one row of every table that it tells of."""

from collections.abc import Callable
from typing import Any

from django.db import connection, models

from catalog.changes.models import Change
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

Row = tuple[str, str, str, int | None, int | None]
"""Kind, entity, its key, the film's id and the version."""


class Log:
    """The rows that were added since it was made, or since `mark`."""

    def __init__(self) -> None:
        self.start = 0
        self.mark()

    def mark(self) -> None:
        last = Change.objects.order_by("-id").first()
        self.start = last.pk if last else 0

    def changes(self) -> list[Change]:
        return list(Change.objects.filter(pk__gt=self.start).order_by("pk"))

    def rows(self) -> list[Row]:
        return [(each.kind, each.entity, each.entity_id, each.film_id, each.version) for each in self.changes()]

    def told(self) -> list[tuple[str, str]]:
        """Kind and entity alone."""
        return [(each.kind, each.entity) for each in self.changes()]


def execute(statement: str, *values: Any) -> None:
    """Raw SQL on the test's connection."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def film(**fields: Any) -> Film:
    """A published film, unless the fields say otherwise."""
    return Film.objects.create(**{"title": "Ikiru", "published": True, **fields})


def person(name: str = "Takashi Shimura") -> Person:
    return Person.objects.create(name=name)


def through(relation: Any, **row: Any) -> models.Model:
    made: models.Model = relation.through.objects.create(**row)
    return made


FILM_LINKS: dict[str, Callable[[Film], models.Model]] = {
    "title": lambda film: Title.objects.create(film=film, title="Living"),
    "cast": lambda film: CastCredit.objects.create(film=film, person=person(), character="Watanabe"),
    "crew": lambda film: CrewCredit.objects.create(film=film, person=person(), department="Directing", job="Director"),
    "rating": lambda film: Rating.objects.create(film=film, source="imdb", average=8.3, count=90),
    "film_external_id": lambda film: FilmExternalId.objects.create(film=film, source="imdb", value="tt0044741"),
    "film_genre": lambda film: through(Film.genres, film=film, genre=named("genre")),
    "film_keyword": lambda film: through(Film.keywords, film=film, keyword=named("keyword")),
    "film_company": lambda film: through(Film.companies, film=film, company=named("company")),
    "film_country": lambda film: through(Film.countries, film=film, country=named("country")),
    "film_language": lambda film: through(Film.languages, film=film, language=named("language")),
}
"""A link of each kind, made for a film."""

NAMED: dict[str, Callable[[], models.Model]] = {
    "genre": lambda: Genre.objects.create(name="Drama", slug="drama"),
    "keyword": lambda: Keyword.objects.create(name="Swing", slug="swing"),
    "company": lambda: Company.objects.create(name="Toho"),
    "country": lambda: Country.objects.create(name="Laputa", code="XL"),
    "language": lambda: Language.objects.create(name="Quenya", code="qya"),
    "collection": lambda: Collection.objects.create(name="Late works"),
}
"""A row of each kind of name."""


def named(entity: str) -> Any:
    return NAMED[entity]()


def person_id_row(owner: Person) -> PersonExternalId:
    return PersonExternalId.objects.create(person=owner, source="imdb", value="nm0793766")
