"""Reads of people: how many queries they take, that indexes answer them, and that plain QuerySets agree."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog import selectors
from catalog.models import Person
from catalog.values import PERSON_SORTS, Bounds, PersonQuery, Term

SORTS = [Term(name, descending) for name in PERSON_SORTS for descending in (False, True)]


def stock(count: int) -> None:
    """People with many ties and unknown dates of birth, and statistics for PostgreSQL's planner."""
    day = date(1900, 1, 1)
    Person.objects.bulk_create(
        Person(
            name=("Éva", "Eva", "Zoë", "\U0001f3a5")[number % 4] + f" {number % 7}",
            birth_date=day + timedelta(days=number % 90 * 200) if number % 3 else None,
            birth_precision="day" if number % 3 else None,
        )
        for number in range(count)
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE catalog_person")


def plans(query: PersonQuery) -> list[str]:
    """What the database does for a page, in its own words."""
    with CaptureQueriesContext(connection) as captured:
        selectors.people(query)
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    found = []
    with connection.cursor() as cursor:
        for each in captured.captured_queries:
            cursor.execute(f"{explain} {each['sql']}")
            found.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("order", SORTS, ids=str)
def test_every_sort_of_people_is_answered_by_its_index(order: Term) -> None:
    stock(3000)
    query = PersonQuery(limit=20, order=(order,))
    after = selectors.people(query).after
    steps = plans(query) + plans(PersonQuery(limit=20, order=(order,), position=after))
    assert [each for each in steps if "TEMP B-TREE" in each or "Sort" in each] == []


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [1, 5, 50])
def test_the_queries_for_people_do_not_grow_with_the_page(limit: int) -> None:
    stock(60)
    query = PersonQuery(limit=limit, order=(Term("name"),))
    with CaptureQueriesContext(connection) as captured:
        page = selectors.people(query)
    assert len(captured) == 1
    with CaptureQueriesContext(connection) as captured:
        selectors.people(PersonQuery(limit=limit, order=(Term("name"),), position=page.after))
    assert len(captured) <= 2


@pytest.mark.django_db
def test_a_person_takes_two_queries_and_their_credits_three() -> None:
    person = Person.objects.create(name="Agnès Varda")
    counts = []
    for read in (selectors.person, selectors.person_credits):
        with CaptureQueriesContext(connection) as captured:
            read(person.pk)
        counts.append(len(captured))
    assert counts == [2, 3]


@pytest.mark.django_db
def test_any_walk_over_people_shows_each_once_in_order() -> None:
    """Any sort of one or two names, any years, any limit, with ties and unknown values."""
    stock(40)
    everybody = list(Person.objects.all())

    @settings(max_examples=80, deadline=None)
    @given(orders(), st.sampled_from([Bounds(), Bounds(1910, None), Bounds(1900, 1920)]), st.integers(1, 15))
    def check(order: tuple[Term, ...], born: Bounds, limit: int) -> None:
        wanted = [each for each in everybody if within(each, born)]
        assert walk(order, born, limit) == [each.pk for each in in_order(wanted, order)]

    check()


def orders() -> st.SearchStrategy[tuple[Term, ...]]:
    pairs = st.tuples(st.sampled_from(SORTS), st.sampled_from(SORTS))
    wanted = pairs.filter(lambda pair: pair[0].name not in {"id", pair[1].name})
    return st.one_of(st.sampled_from(SORTS).map(lambda term: (term,)), wanted)


def within(person: Person, born: Bounds) -> bool:
    if born == Bounds():
        return True
    day = person.birth_date
    return day is not None and (born.low or 0) <= day.year <= (born.high or 9999)


def in_order(people: list[Person], order: tuple[Term, ...]) -> list[Person]:
    """By Python's stable sort, last key first, unknown values last."""
    people = sorted(people, key=lambda each: each.pk, reverse=order[-1].descending)
    for term in reversed(order):
        name = {"name": "name_key"}.get(term.name, term.name)

        def value(person: Person, name: str = name) -> Any:
            return getattr(person, name)

        known = [each for each in people if value(each) is not None]
        unknown = [each for each in people if value(each) is None]
        people = sorted(known, key=value, reverse=term.descending) + unknown
    return people


def walk(order: tuple[Term, ...], born: Bounds, limit: int) -> list[int]:
    seen: list[int] = []
    position = None
    while True:
        page = selectors.people(PersonQuery(limit=limit, order=order, born=born, position=position))
        seen += page.ids
        if page.after is None:
            return seen
        position = page.after
