"""One film with all that belongs to it."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, QuerySet, TextField

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
from catalog.prepared import Parameter, Prepared, Row, prepared, together
from catalog.selectors.films import columns, poster_address
from catalog.values import FILM_DETAIL_FIELDS, FILM_FIELDS, IdSource

Record = dict[str, Any]

FILM = Parameter("film", BigIntegerField())

LISTS: dict[str, tuple["QuerySet[Any, Any]", tuple[str, ...]]] = {
    "genres": (Genre.objects.filter(films=FILM).order_by("slug"), ("slug", "name")),
    "countries": (Country.objects.filter(films=FILM).order_by("code"), ("code", "name")),
    "languages": (Language.objects.filter(films=FILM).order_by("code"), ("code", "name")),
    "keywords": (Keyword.objects.filter(films=FILM).order_by("slug"), ("slug", "name")),
    "companies": (Company.objects.filter(films=FILM).order_by("name"), ("id", "name", "country")),
    "titles": (Title.objects.filter(film_id=FILM).order_by("id"), ("title", "region", "language", "kind")),
    "ratings": (Rating.objects.filter(film_id=FILM).order_by("source"), ("source", "average", "scale", "count")),
}
"""The relations that are shown as a list of records of these columns."""

CREDITS: dict[str, tuple["QuerySet[Any, Any]", tuple[str, ...]]] = {
    "cast": (CastCredit.objects.filter(film_id=FILM).order_by("order", "id"), ("character", "order")),
    "crew": (CrewCredit.objects.filter(film_id=FILM).order_by("order", "id"), ("department", "job", "order")),
}
"""The relations that tie a person to the film, in billing order, and what they say of that."""


class Relation(NamedTuple):
    """How a relation is read, and what its rows look like."""

    query: Callable[[], Prepared]
    shown: Callable[[list[Row]], Any]


def film(film_id: int, fields: tuple[str, ...] = FILM_DETAIL_FIELDS) -> Record:
    """The asked fields of one published film, its relations as lists of mappings.

    One query, and one more for each relation among `fields`, on PostgreSQL all in one round trip. Raises NotFound; a
    draft is not found.
    """
    own = tuple(name for name in fields if name in FILM_FIELDS)
    asked = {name: RELATIONS[name] for name in fields if name not in FILM_FIELDS}
    answers = together([own_columns(own), *(each.query() for each in asked.values())], {FILM.name: film_id})
    rows = next(answers)
    if not rows:
        raise NotFound(f"There is no film {film_id}.")
    record = dict(zip(own, rows[0], strict=False))
    if "poster" in record:
        record["poster"] = poster_address(record["poster"])
    for (name, relation), found in zip(asked.items(), answers, strict=True):
        record[name] = relation.shown(found)
    return {name: record[name] for name in fields}


def film_id_of(source: IdSource, value: str) -> int:
    """Our id of the published film that `source` calls `value`. One query. Raises NotFound."""
    found = identified().rows({"source": source, "value": value})
    if not found:
        raise NotFound(f"There is no film that {source} calls '{value}'.")
    return int(found[0][0])


@prepared
def identified() -> "QuerySet[FilmExternalId, Row]":
    """The published film that a source has a name for."""
    source, value = (Parameter(name, TextField()) for name in ("source", "value"))
    rows = FilmExternalId.objects.filter(source=source, value=value, film__published=True)
    return rows.order_by().values_list("film_id")


@prepared
def own_columns(names: tuple[str, ...]) -> "QuerySet[Film, Row]":
    """A published film's own columns; its id stands last, so that there is a column whatever is asked for."""
    return Film.objects.filter(published=True, pk=FILM).order_by().values_list(*columns(names), "pk")


@prepared
def listed(name: str) -> "QuerySet[Any, Row]":
    """The rows of one of `LISTS`."""
    rows, names = LISTS[name]
    return rows.values_list(*names)


@prepared
def credited(name: str) -> "QuerySet[Any, Row]":
    """The rows of one of `CREDITS`, each with its person's id and name."""
    rows, names = CREDITS[name]
    return rows.values_list("person_id", "person__name", *names)


@prepared
def collected() -> "QuerySet[Film, Row]":
    """The collection that the film belongs to, if any."""
    films = Film.objects.filter(pk=FILM, collection__isnull=False).order_by()
    return films.values_list("collection_id", "collection__name")


def records(names: tuple[str, ...], rows: Iterable[Row]) -> list[Record]:
    """Each row's values under `names`."""
    return [dict(zip(names, row, strict=True)) for row in rows]


def people(names: tuple[str, ...], rows: Iterable[Row]) -> list[Record]:
    """Each row's person, and the rest of it under `names`."""
    return [
        {"person": {"id": person_id, "name": name}, **dict(zip(names, rest, strict=True))}
        for person_id, name, *rest in rows
    ]


def only(rows: list[Row]) -> Record | None:
    """The id and name of the one row, where there is one."""
    return next(iter(records(("id", "name"), rows)), None)


@prepared
def external() -> "QuerySet[FilmExternalId, Row]":
    """What each source calls the film."""
    return FilmExternalId.objects.filter(film_id=FILM).order_by("source").values_list("source", "value")


RELATIONS: dict[str, Relation] = {
    "collection": Relation(collected, only),
    "external_ids": Relation(external, dict),
    **{name: Relation(partial(listed, name), partial(records, names)) for name, (_, names) in LISTS.items()},
    **{name: Relation(partial(credited, name), partial(people, names)) for name, (_, names) in CREDITS.items()},
}
"""How each relation of a film is read: one query each, and a fixed order."""
