"""Queries compiled once: what is kept, what runs, and what is said when something is wrong."""

import threading
from typing import Any

import pytest
from django.core.exceptions import EmptyResultSet
from django.db import DatabaseError, connection, connections, transaction
from django.db.models import BigIntegerField
from django.db.models.expressions import RawSQL
from django.test.utils import CaptureQueriesContext

from catalog.models import Film
from catalog.prepared import SHAPES_LIMIT, Several, prepared, room_for, rung, spread, together
from tests.catalog.compiled import Films, titled, titles_since


@pytest.fixture
def films(db: None) -> list[Film]:
    return [Film.objects.create(title=f"Film {year}", year=year) for year in range(1990, 1998)]


def test_values_come_with_each_run(films: list[Film]) -> None:
    assert titles_since().rows({"year": 1997}) == [("Film 1997",)]
    assert titles_since().rows({"year": 1998}) == []


@pytest.mark.parametrize("limit", [0, 1, 3, 8, 500])
def test_a_limit_is_kept_whatever_the_sql_says(films: list[Film], limit: int) -> None:
    """It is rounded up within the SQL, so that few texts serve all limits."""
    assert len(titles_since().rows({"year": 1}, limit=limit)) == min(limit, 8)


@pytest.mark.parametrize("limit,bound", [(1, 2), (11, 11), (12, 16), (201, 201), (202, 256)])
def test_a_limit_is_rounded_up(limit: int, bound: int) -> None:
    assert rung(limit) == bound


def test_converters_are_those_of_the_fields(films: list[Film]) -> None:
    film = films[0]
    film.refresh_from_db()
    assert titled().rows({"title": film.title}) == [(film.pk, film.updated)]


@pytest.mark.parametrize("count,room", [(1, 1), (2, 2), (3, 4), (200, 256)])
def test_lists_of_nearly_the_same_length_share_a_shape(count: int, room: int) -> None:
    values = list(range(count))
    assert room_for(values) == room
    assert list(spread("id", values).values()) == values + [values[-1]] * (room - count)


def test_the_places_that_are_left_in_a_list_change_nothing(films: list[Film]) -> None:
    @prepared
    def named(room: int) -> Films:
        return Film.objects.filter(pk__in=Several("id", BigIntegerField(), room)).order_by("id").values_list("id")

    wanted = [film.pk for film in films[:3]]
    assert named(room_for(wanted)).rows(spread("id", wanted)) == [(each,) for each in wanted]


def test_a_shape_is_compiled_once(db: None) -> None:
    built: list[str] = []

    @prepared
    def ordered(column: str) -> Films:
        built.append(column)
        return Film.objects.order_by(column).values_list("id")

    for column in ("id", "year", "id", "year"):
        ordered(column).rows({})
    assert built == ["id", "year"]


def test_the_shapes_that_are_kept_are_bounded(db: None) -> None:
    built: list[int] = []

    @prepared
    def numbered(number: int) -> Films:
        built.append(number)
        return Film.objects.filter(votes=number).values_list("id")

    for number in [*range(SHAPES_LIMIT + 1), 0]:
        numbered(number)
    assert built == [*range(SHAPES_LIMIT + 1), 0]


def test_a_missing_value_is_named(db: None) -> None:
    with pytest.raises(KeyError, match="year"):
        titles_since().rows({})


def test_a_value_of_the_wrong_type_never_reaches_the_database(db: None) -> None:
    with pytest.raises(ValueError, match="expected a number"):
        titles_since().rows({"year": "soon"})


def test_conditions_that_nothing_meets_are_refused(db: None) -> None:
    @prepared
    def none() -> Films:
        return Film.objects.filter(pk__in=[]).values_list("id")

    with pytest.raises(EmptyResultSet):
        none()


def test_the_databases_errors_are_djangos_and_mark_the_connection(db: None) -> None:
    """By that mark the executor knows which connections to look at."""

    @prepared
    def wrong() -> Films:
        return Film.objects.annotate(wrong=RawSQL("no_such_column", [])).values_list("wrong")

    with pytest.raises(DatabaseError, match="no_such_column"), transaction.atomic():
        wrong().rows({})
    assert connection.errors_occurred


def test_who_logs_queries_sees_them(films: list[Film]) -> None:
    with CaptureQueriesContext(connection) as captured:
        titles_since().rows({"year": 1995}, limit=2)
    [query] = captured.captured_queries
    assert "1995" in query["sql"]
    assert query["sql"].endswith("LIMIT 2")


def test_who_wraps_execution_may_refuse_it(films: list[Film]) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError("no queries here")

    with connection.execute_wrapper(refuse), pytest.raises(PermissionError):
        titles_since().rows({"year": 1995})


def test_a_watched_connection_gives_the_same(films: list[Film]) -> None:
    bare = titled().rows({"title": "Film 1990"}, limit=5)
    with CaptureQueriesContext(connection):
        assert titled().rows({"title": "Film 1990"}, limit=5) == bare


def test_another_threads_connection_is_refused(films: list[Film]) -> None:
    """As everywhere in Django: a connection belongs to one thread."""
    foreign, errors = connections["default"], []

    def borrow() -> None:
        connections["default"] = foreign
        try:
            titles_since().rows({"year": 1995})
        except DatabaseError as error:
            errors.append(str(error))

    thread = threading.Thread(target=borrow)
    thread.start()
    thread.join()
    assert len(errors) == 1
    assert "same thread" in errors[0]


def test_queries_together_give_what_they_give_alone(films: list[Film]) -> None:
    values = {"title": "Film 1990", "year": 1996}
    alone = [titled().rows(values), titles_since().rows(values)]
    assert list(together([titled(), titles_since()], values)) == alone


def test_who_logs_queries_sees_each_of_those_together(films: list[Film]) -> None:
    with CaptureQueriesContext(connection) as captured:
        answers = list(together([titles_since()] * 3, {"year": 1997}))
    assert len(captured) == 3
    assert answers == [[("Film 1997",)]] * 3


def test_an_error_of_one_query_is_an_error_of_all_together(films: list[Film]) -> None:
    @prepared
    def wrong() -> Films:
        return Film.objects.annotate(wrong=RawSQL("no_such_column", [])).values_list("wrong")

    values = {"year": 1995, "title": "Film 1997"}
    for right in (titled(), titles_since()):
        alone = right.rows(values)
        with pytest.raises(DatabaseError, match="no_such_column"), transaction.atomic():
            list(together([right, wrong(), right], values))
        assert list(together([right, right], values)) == [alone] * 2
