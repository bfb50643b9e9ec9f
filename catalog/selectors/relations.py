"""What belongs to films: each relation is read by one query, for one film or for a page of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Manager, QuerySet

from catalog.drivers import Row
from catalog.models import CastCredit, CrewCredit, Film, FilmExternalId, Rating, Title
from catalog.prepared import Prepared, Several, prepared, room_for, spread, together

Record = dict[str, Any]

FILMS = "film"
"""The films whose relations are asked for, as the queries here name them."""


class Listed(NamedTuple):
    """Rows that tie something to films: what they are ordered by within a film, and the columns of each record."""

    rows: Manager[Any]
    order: tuple[str, ...]
    columns: Mapping[str, str]


def named(path: str, *names: str) -> dict[str, str]:
    """These columns of the row at the end of `path`, by their own names."""
    return {name: f"{path}__{name}" for name in names}


def own(*names: str) -> dict[str, str]:
    """Columns of the rows themselves."""
    return {name: name for name in names}


BILLING = ("order", "id")

LISTS = {
    "genres": Listed(Film.genres.through.objects, ("genre__slug",), named("genre", "slug", "name")),
    "countries": Listed(Film.countries.through.objects, ("country_id",), named("country", "code", "name")),
    "languages": Listed(Film.languages.through.objects, ("language_id",), named("language", "code", "name")),
    "keywords": Listed(Film.keywords.through.objects, ("keyword__slug",), named("keyword", "slug", "name")),
    "companies": Listed(Film.companies.through.objects, ("company__name",), named("company", "id", "name", "country")),
    "titles": Listed(Title.objects, ("id",), own("title", "region", "language", "kind")),
    "ratings": Listed(Rating.objects, ("source",), own("source", "average", "scale", "count")),
}
"""The relations that are shown as a list of records."""

CREDITS = {
    "cast": Listed(CastCredit.objects, BILLING, own("character", "order")),
    "crew": Listed(CrewCredit.objects, BILLING, own("department", "job", "order")),
}
"""The relations that tie a person to the film, in billing order, and what they say of that."""


class Relation(NamedTuple):
    """How a relation of a number of films is read, the film's id first in each row, and what the rest looks like."""

    query: Callable[[int], Prepared]
    shown: Callable[[list[Row]], Any]


def related(names: Sequence[str], ids: Sequence[int]) -> dict[str, list[Any]]:
    """Each of these relations of each of the films `ids`, in their order; a film without rows has an empty one.

    One query for each relation, on PostgreSQL all in one round trip; none for no relation.
    """
    if not (names and ids):
        return {name: [] for name in names}
    asked = [RELATIONS[name] for name in names]
    answers = together([each.query(room_for(ids)) for each in asked], spread(FILMS, ids))
    found = [by_film(rows) for rows in answers]
    return {
        name: [relation.shown(rows.get(film_id, [])) for film_id in ids]
        for name, relation, rows in zip(names, asked, found, strict=True)
    }


def by_film(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """The rows of each film without its id; they come film by film."""
    return {film_id: [row[1:] for row in group] for film_id, group in groupby(rows, itemgetter(0))}


def films_of(room: int) -> Several:
    """Room for so many films."""
    return Several(FILMS, BigIntegerField(), room)


@prepared
def listed(name: str, room: int) -> "QuerySet[Any, Row]":
    """The rows of one of `LISTS`."""
    rows, order, columns = LISTS[name]
    chosen = rows.filter(film_id__in=films_of(room)).order_by("film_id", *order)
    return chosen.values_list("film_id", *columns.values())


@prepared
def credited(name: str, room: int) -> "QuerySet[Any, Row]":
    """The rows of one of `CREDITS`, each with its person's id and name."""
    rows, order, columns = CREDITS[name]
    chosen = rows.filter(film_id__in=films_of(room)).order_by("film_id", *order)
    return chosen.values_list("film_id", "person_id", "person__name", *columns)


@prepared
def collected(room: int) -> "QuerySet[Film, Row]":
    """The collection that a film belongs to, if any."""
    films = Film.objects.filter(pk__in=films_of(room), collection__isnull=False).order_by("id")
    return films.values_list("id", "collection_id", "collection__name")


@prepared
def external(room: int) -> "QuerySet[FilmExternalId, Row]":
    """What each source calls a film."""
    rows = FilmExternalId.objects.filter(film_id__in=films_of(room)).order_by("film_id", "source")
    return rows.values_list("film_id", "source", "value")


def records(names: Iterable[str], rows: Iterable[Row]) -> list[Record]:
    """Each row's values under `names`."""
    names = tuple(names)
    return [dict(zip(names, row, strict=True)) for row in rows]


def people(names: Iterable[str], rows: Iterable[Row]) -> list[Record]:
    """Each row's person, and the rest of it under `names`."""
    names = tuple(names)
    return [
        {"person": {"id": person_id, "name": name}, **dict(zip(names, rest, strict=True))}
        for person_id, name, *rest in rows
    ]


def only(rows: list[Row]) -> Record | None:
    """The id and name of the one row, where there is one."""
    return next(iter(records(("id", "name"), rows)), None)


RELATIONS: dict[str, Relation] = {
    "collection": Relation(collected, only),
    "external_ids": Relation(external, dict),
    **{name: Relation(partial(listed, name), partial(records, each.columns)) for name, each in LISTS.items()},
    **{name: Relation(partial(credited, name), partial(people, each.columns)) for name, each in CREDITS.items()},
}
"""How each relation of films is read: one query each, and a fixed order."""
