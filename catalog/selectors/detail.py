"""One film with all that belongs to it."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet

from catalog.errors import NotFound
from catalog.models import (
    CastCredit,
    Company,
    Country,
    CrewCredit,
    Film,
    FilmExternalId,
    Genre,
    Keyword,
    Language,
    Rating,
    Title,
)
from catalog.selectors.films import as_mapping
from catalog.values import FILM_DETAIL_FIELDS, FILM_FIELDS, IdSource

Record = dict[str, Any]


def film(film_id: int, fields: tuple[str, ...] = FILM_DETAIL_FIELDS) -> Record:
    """The asked fields of one published film, its relations as lists of mappings.

    One query, and one more for each relation among `fields`. Raises NotFound; a draft is not found.
    """
    own = tuple(name for name in fields if name in FILM_FIELDS)
    row = Film.objects.filter(published=True, pk=film_id).order_by().values_list(*own, "pk").first()
    if row is None:
        raise NotFound(f"There is no film {film_id}.")
    columns = as_mapping(own, row)
    return {name: columns[name] if name in columns else RELATIONS[name](film_id) for name in fields}


def film_id_of(source: IdSource, value: str) -> int:
    """Our id of the published film that `source` calls `value`. One query. Raises NotFound."""
    found = FilmExternalId.objects.filter(source=source, value=value, film__published=True).order_by()
    film_id = found.values_list("film_id", flat=True).first()
    if film_id is None:
        raise NotFound(f"There is no film that {source} calls '{value}'.")
    return film_id


def records(names: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> list[Record]:
    """Each row's values under `names`."""
    return [dict(zip(names, row, strict=True)) for row in rows]


def linked(rows: "QuerySet[Any]", *names: str) -> Callable[[int], list[Record]]:
    """A reader of a many-to-many relation: `names` of each of `rows` that is tied to the film, in the rows' order."""

    def read(film_id: int) -> list[Record]:
        return records(names, rows.filter(films=film_id).values_list(*names))

    return read


def collection(film_id: int) -> Record | None:
    """The id and name of the collection that the film belongs to, if any."""
    names = ("id", "name")
    row = Film.objects.filter(pk=film_id, collection__isnull=False).values_list("collection_id", "collection__name")
    return next(iter(records(names, row)), None)


def titles(film_id: int) -> list[Record]:
    """The film's further titles; `region` and `language` are codes or None."""
    rows = Title.objects.filter(film_id=film_id).order_by("id")
    return records(("title", "region", "language", "kind"), rows.values_list("title", "region", "language", "kind"))


def credited(rows: "QuerySet[Any]", film_id: int, *names: str) -> list[Record]:
    """Credits in billing order, each with its person's id and name."""
    credit_rows = rows.filter(film_id=film_id).order_by("order", "id")
    return [
        {"person": {"id": person_id, "name": name}, **dict(zip(names, rest, strict=True))}
        for person_id, name, *rest in credit_rows.values_list("person_id", "person__name", *names)
    ]


def cast(film_id: int) -> list[Record]:
    """Who plays whom."""
    return credited(CastCredit.objects.all(), film_id, "character", "order")


def crew(film_id: int) -> list[Record]:
    """Who did what."""
    return credited(CrewCredit.objects.all(), film_id, "department", "job", "order")


def external_ids(film_id: int) -> dict[str, str]:
    """What each source calls the film."""
    rows = FilmExternalId.objects.filter(film_id=film_id).order_by("source")
    return dict(rows.values_list("source", "value"))


def ratings(film_id: int) -> list[Record]:
    """Each source's average on its own scale, and how many voted."""
    names = ("source", "average", "scale", "count")
    return records(names, Rating.objects.filter(film_id=film_id).order_by("source").values_list(*names))


RELATIONS: dict[str, Callable[[int], Any]] = {
    "collection": collection,
    "genres": linked(Genre.objects.order_by("slug"), "slug", "name"),
    "countries": linked(Country.objects.order_by("code"), "code", "name"),
    "languages": linked(Language.objects.order_by("code"), "code", "name"),
    "keywords": linked(Keyword.objects.order_by("slug"), "slug", "name"),
    "companies": linked(Company.objects.order_by("name"), "id", "name", "country"),
    "titles": titles,
    "cast": cast,
    "crew": crew,
    "external_ids": external_ids,
    "ratings": ratings,
}
"""How each relation of a film is read: one query each, and a fixed order."""
