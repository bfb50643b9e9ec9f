"""The catalogue's reads: how many queries they take, and that the sort indexes answer them."""

import re
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import selectors
from catalog.errors import Invalid, NotFound
from catalog.models import Film, Genre, Person
from catalog.selectors.conditions import Condition, Member, Range, successor
from catalog.selectors.films import Segment, Shape, listing
from catalog.selectors.paging import records
from catalog.selectors.relations import related
from catalog.values import FILM_FIELDS, FILM_RELATIONS, FILM_SORTS, Choice, FilmQuery, IdSource, RecordPage, Term

SORTS = [Term(name, descending) for name in FILM_SORTS for descending in (False, True) if name != "random"]
RANDOM = Term("random")


def query(*order: Term, limit: int = 10, **more: Any) -> FilmQuery:
    seed = 7 if RANDOM in order else None
    return FilmQuery(limit=limit, order=order or (Term("id"),), seed=seed, **more)


def films_in_stock(count: int) -> None:
    """Films with many ties and unknown values, and statistics for PostgreSQL's planner."""
    Film.objects.bulk_create(
        Film(
            title=f"Film {number % 700}",
            year=1900 + number % 120 if number % 7 else None,
            rating=number % 90 / 10 if number % 5 else None,
            runtime=80 + number % 60,
            revenue=1 + number % 1000 if number % 3 else None,
            votes=number % 11,
            popularity=number % 13,
            published=number % 50 > 0,
        )
        for number in range(count)
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE catalog_film")


def plan(sql: str) -> str:
    """What the database would do, in its own words."""
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {sql}")
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def plans(asked: FilmQuery) -> tuple[RecordPage, list[str]]:
    with CaptureQueriesContext(connection) as captured:
        page = selectors.films(asked)
    return page, [plan(each["sql"]) for each in captured.captured_queries]


def unindexed(order: Term) -> list[str]:
    """The plans of a page, of the one after it and of the one before that, that do not walk the order's own index."""
    # Of so few films a page of 200 is a good part: by chance of ANALYZE's sample PostgreSQL would rather sort the rest.
    first, steps = plans(query(order, limit=50))
    second, more = plans(query(order, limit=50, position=first.after))
    _, back = plans(query(order, limit=10, position=second.before))
    return [each for each in [*steps, *more, *back] if not walks(each, order)]


def walks(steps: str, order: Term) -> bool:
    """Whether a plan reads an index in the order itself: the one of this sort, or the admin's of the same columns."""
    primary = "catalog_film_pkey" if connection.vendor == "postgresql" else "catalog_film"
    index = primary if order.name == "id" else f"film_(admin_)?by_({order.name}|{order.column})"
    return bool(re.search(index, steps)) and "TEMP B-TREE" not in steps and "Sort" not in steps


@pytest.mark.django_db
def test_every_sort_is_answered_by_its_index() -> None:
    """No database sorts anything for a page in either direction, however many films tie."""
    films_in_stock(6000)
    assert {order: bad for order in [*SORTS, RANDOM] if (bad := unindexed(order))} == {}


def general_plan(shape: Shape, segment: Segment) -> str:
    """How PostgreSQL runs the prepared statement of a page of ten, whatever the values are."""
    sql = listing(shape, segment).statement(11).native
    values = ", ".join(["NULL"] * sql.count("$"))
    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE page AS {sql}")
        cursor.execute(f"EXPLAIN EXECUTE page({values})" if values else "EXPLAIN EXECUTE page")
        rows = cursor.fetchall()
        cursor.execute("DEALLOCATE page")
    return "\n".join(row[-1] for row in rows)


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite plans without regard to values")
@pytest.mark.parametrize("segment", [Segment(), Segment(0)], ids=["first", "onward"])
@pytest.mark.parametrize("backward", [False, True])
def test_the_general_plan_of_every_sort_walks_its_index(backward: bool, segment: Segment) -> None:
    """It is the one that prepared pages run by, and knows no values to be guided by."""
    films_in_stock(6000)
    plans = {order: general_plan(Shape(FILM_FIELDS, (order,), backward, ()), segment) for order in SORTS}
    assert {order: steps for order, steps in plans.items() if not walks(steps, order)} == {}


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite plans without regard to values")
@pytest.mark.parametrize("ends", [("gte",), ("lte",), ("gte", "lte")], ids=str)
@pytest.mark.parametrize("backward", [False, True])
def test_the_general_plan_of_a_range_of_the_sort_walks_its_index(backward: bool, ends: tuple[str, ...]) -> None:
    films_in_stock(6000)
    orders = [order for order in SORTS if order.name in {"votes", "rating", "year", "popularity", "runtime"}]
    for order in orders:
        shape = Shape(FILM_FIELDS, (order,), backward, tuple(Range(order.column, end) for end in ends))
        assert listing(shape, Segment()).general
        assert walks(general_plan(shape, Segment()), order)


@pytest.mark.django_db
@pytest.mark.parametrize("more", [Range("year_asc", "gte"), Member("genre", 0, 1, negated=False)], ids=str)
def test_a_range_beside_another_condition_is_planned_with_its_values(more: Condition) -> None:
    shape = Shape(FILM_FIELDS, (Term("votes"),), False, (Range("votes", "gte"), more))
    assert not listing(shape, Segment()).general


def test_to_show_nothing_further_the_database_is_not_asked() -> None:
    """It was, on PostgreSQL, with a pipeline of no statements; this test may not use a database at all."""
    assert related((), [1, 2]) == {}


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [1, 5, 50])
@pytest.mark.parametrize("order", [*SORTS, RANDOM], ids=str)
def test_the_number_of_queries_does_not_grow_with_the_page(order: Term, limit: int) -> None:
    """One; one more where ties end within the page (on SQLite), and one where a random order wraps around."""
    films_in_stock(20)
    with CaptureQueriesContext(connection) as captured:
        first = selectors.films(query(order, limit=limit))
    assert len(captured) <= 2 if order == RANDOM else len(captured) == 1
    with CaptureQueriesContext(connection) as captured:
        selectors.films(query(order, limit=limit, position=first.after))
    assert len(captured) <= (3 if order == RANDOM else 2)


@pytest.mark.django_db
def test_each_kind_of_list_filter_takes_one_more_query() -> None:
    genre = Genre.objects.create(slug="horror", name="Horror")
    person = Person.objects.create(name="Someone")
    genres = Choice((genre.slug,)), Choice((genre.slug,), negated=True)
    with CaptureQueriesContext(connection) as captured:
        selectors.films(query(genre=genres, person=(Choice((person.pk,)),)))
    assert len(captured) == 3


@pytest.mark.django_db
def test_one_film_takes_a_query_and_one_for_each_relation() -> None:
    film = Film.objects.create(title="Alien", published=True)
    with CaptureQueriesContext(connection) as captured:
        selectors.film(film.pk)
    assert len(captured) == 1 + len(FILM_RELATIONS)
    with CaptureQueriesContext(connection) as captured:
        selectors.film(film.pk, ("id", "cast"))
    assert len(captured) == 2


@pytest.mark.django_db
def test_films_by_id_take_one_query() -> None:
    films_in_stock(20)
    ids = list(Film.objects.order_by("pk").values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as captured:
        found = selectors.films_by_id(reversed(ids), ("title",))
    assert len(captured) == 1
    assert list(found) == list(Film.objects.filter(published=True).order_by("-pk").values_list("pk", flat=True))


@pytest.mark.django_db
def test_unknown_values_are_all_named() -> None:
    asked = query(genre=(Choice(("nope",)), Choice(("no", "never"))), person=(Choice((1,)),))
    with pytest.raises(Invalid) as raised:
        selectors.films(asked)
    assert raised.value.faults == selectors.unknown_values(asked)
    assert len(raised.value.faults) == 4


@pytest.mark.django_db
def test_an_external_id_of_nothing_is_not_found() -> None:
    with pytest.raises(NotFound, match="imdb calls 'tt0000001'"):
        selectors.film_id_of(IdSource.IMDB, "tt0000001")


@pytest.mark.parametrize(
    "text,expected",
    [
        ("a", "b"),
        ("a\U0010ffff", "b"),
        ("\U0010ffff", None),
        ("\ud7ff", "\ue000"),
    ],
)
def test_the_successor_is_the_end_of_a_beginning(text: str, expected: str | None) -> None:
    """The surrogates between the last of the two are no text, and no database would take them."""
    assert successor(text) == expected


@pytest.mark.parametrize("stored", [None, ""])
def test_a_film_without_a_poster_shows_none(stored: str | None) -> None:
    """Django's file fields write '' where nothing was uploaded."""
    [film] = records(("id", "poster", "version"), [(1, stored, 2, "a sort key")])
    assert msgspec.to_builtins(film) == {"id": 1, "poster": None, "version": 2}
