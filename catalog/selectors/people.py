"""People: lists of them, and one with their credits."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from typing import Any, NamedTuple

import msgspec
from django.db import connection
from django.db.models import BigIntegerField, QuerySet, TextField

from catalog.drivers import Row
from catalog.errors import Fault, Invalid, NotFound
from catalog.models import CastCredit, CrewCredit, Person, PersonExternalId
from catalog.prepared import Parameter, Several, prepared, room_for, spread, together
from catalog.selectors.absent import no_person
from catalog.selectors.conditions import Range, Values, begins_with, condition, conditioned, without_letters
from catalog.selectors.counting import CountAll
from catalog.selectors.keyset import ordering, place_values, sorted_columns, stretches
from catalog.selectors.paging import columns, gathered, in_order, is_backward, page_of
from catalog.selectors.relations import CREDITS, Record
from catalog.values import PERSON_DETAIL_FIELDS, PERSON_FIELDS, IdSource, PersonQuery, RecordPage, Term

PERSON = Parameter("person", BigIntegerField())
FIRST_DAY, LAST_DAY = date(1, 1, 2), date(9999, 12, 30)
"""The days between those that stand for an unknown date of birth."""

ROLES: dict[str, Any] = {"cast": CastCredit.objects, "crew": CrewCredit.objects}


class Shape(NamedTuple):
    """All of a list but its values."""

    fields: tuple[str, ...]
    order: tuple[Term, ...]
    backward: bool
    ranges: tuple[Range, ...]


def people(query: PersonQuery) -> RecordPage:
    """One page of the people that `query` asks for.

    One query; one more where ties end within the page on SQLite, and one to count, which is exact in either way.
    Raises Invalid for a beginning without letters.
    """
    if faults := unknown_people(query):
        raise Invalid(faults)
    values: Values = {end.parameter: value for end, value in ends(query)}
    shape = Shape(query.fields, query.order, is_backward(query), tuple(end for end, _ in ends(query)))
    parts = [partial(listing, shape, None)]
    if query.position is not None:
        values |= place_values(query.order, query.position)
        beyond = stretches(query.order, backward=shape.backward, vendor=connection.vendor)
        parts = [partial(listing, shape, number) for number in range(len(beyond))]
    count = None if query.count is None else int(counting(shape.ranges).rows(values)[0][0])
    return page_of(query, gathered(query, parts, values), count=count)


def unknown_people(query: PersonQuery) -> list[Fault]:
    """A fault for each value of `query` that only the catalogue can judge."""
    return without_letters("name__startswith", query.name_prefix)


def ends(query: PersonQuery) -> Iterator[tuple[Range, Any]]:
    """Every range that `query` asks for, end by end, and its value."""
    low, high = query.born.low, query.born.high
    if low is not None or high is not None:
        # On the column that the list sorts by, so that one index serves both.
        column = next((term.column for term in query.order if term.name == "birth_date"), "birth_date_asc")
        yield Range(column, "gte"), FIRST_DAY if low is None else max(FIRST_DAY, date(int(low), 1, 1))
        yield Range(column, "lte"), LAST_DAY if high is None else min(LAST_DAY, date(int(high), 12, 31))
    if query.name_prefix:
        yield from begins_with("name_key", query.name_prefix)


@prepared
def listing(shape: Shape, stretch: int | None) -> "QuerySet[Person, Row]":
    """The people of one of the `stretches` beyond a position, or all of them, in their order."""
    found = Person.objects.filter(*conditioned(shape.ranges, shape.order))
    if stretch is not None:
        found = found.filter(stretches(shape.order, backward=shape.backward, vendor=connection.vendor)[stretch])
    keys = [column for column, _ in sorted_columns(shape.order)]
    return found.order_by(*ordering(shape.order, backward=shape.backward)).values_list(*columns((*shape.fields, *keys)))


@prepared
def counting(ranges: tuple[Range, ...]) -> "QuerySet[Person, Row]":
    """How many people stand in these ranges."""
    return Person.objects.filter(*map(condition, ranges)).order_by().values_list(CountAll())


def people_by_id(ids: Iterable[int], fields: tuple[str, ...]) -> dict[int, msgspec.Struct]:
    """Those people of `ids` that exist, by id, in the order of `ids`. One query."""
    wanted = list(ids)
    return in_order(wanted, fields, named(fields, room_for(wanted)).rows(spread("id", wanted)))


@prepared
def named(fields: tuple[str, ...], room: int) -> "QuerySet[Person, Row]":
    """People by id, which stands last in each row."""
    found = Person.objects.filter(pk__in=Several("id", BigIntegerField(), room))
    return found.order_by().values_list(*columns(fields), "pk")


def person(person_id: int, fields: tuple[str, ...] = PERSON_DETAIL_FIELDS) -> Record:
    """The asked fields of one person. One query, and one more for the external ids.

    Raises NotFound, Gone and Moved.
    """
    own = tuple(name for name in fields if name in PERSON_FIELDS)
    relations = [external()] if "external_ids" in fields else []
    answers = together([own_columns(own), *relations], {PERSON.name: person_id})
    record = first(own, next(answers), person_id)
    for rows in answers:
        record["external_ids"] = dict(rows)
    return {name: record[name] for name in fields}


def person_credits(person_id: int) -> Record:
    """A person's id and name, and their credits in published films. Three queries.

    Raises NotFound, Gone and Moved.
    The newest films stand first, those of an unknown year last; of one film in billing order.
    """
    own = ("id", "name")
    answers = together([own_columns(own), *(credited(role) for role in ROLES)], {PERSON.name: person_id})
    record = first(own, next(answers), person_id)
    for (role, listed), rows in zip(CREDITS.items(), answers, strict=True):
        record[role] = [credit(tuple(listed.columns), row) for row in rows]
    return record


def first(names: tuple[str, ...], rows: list[Row], person_id: int) -> Record:
    """The one row as a record. Raises NotFound, Gone or Moved where there is none."""
    if not rows:
        raise no_person(person_id)
    return dict(zip(names, rows[0], strict=False))


def credit(names: tuple[str, ...], row: Row) -> Record:
    """One credit: the film, and what the person did there."""
    film_id, title, year, *rest = row
    return {"movie": {"id": film_id, "title": title, "year": year}, **dict(zip(names, rest, strict=True))}


def person_id_of(source: IdSource, value: str) -> int:
    """Our id of the person that `source` calls `value`. One query. Raises NotFound."""
    found = identified().rows({"source": source, "value": value})
    if not found:
        raise NotFound(f"There is no person that {source} calls '{value}'.")
    return int(found[0][0])


@prepared
def identified() -> "QuerySet[PersonExternalId, Row]":
    """The person that a source has a name for."""
    source, value = (Parameter(name, TextField()) for name in ("source", "value"))
    return PersonExternalId.objects.filter(source=source, value=value).order_by().values_list("person_id")


@prepared
def own_columns(names: tuple[str, ...]) -> "QuerySet[Person, Row]":
    """A person's own columns; the id stands last, so that there is a column whatever is asked for."""
    return Person.objects.filter(pk=PERSON).order_by().values_list(*columns(names), "pk")


@prepared
def external() -> "QuerySet[PersonExternalId, Row]":
    """What each source calls the person."""
    return PersonExternalId.objects.filter(person_id=PERSON).order_by("source").values_list("source", "value")


@prepared
def credited(role: str) -> "QuerySet[Any, Row]":
    """A person's credits of one role in published films."""
    found: QuerySet[Any, Any] = ROLES[role].filter(person_id=PERSON, film__published=True)
    newest_first = found.order_by("-film__year_desc", "-film_id", "order", "id")
    return newest_first.values_list("film_id", "film__title", "film__year", *CREDITS[role].columns)
