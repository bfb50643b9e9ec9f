"""Queries compiled once: what is kept, what runs, and what is said when something is wrong."""

import threading
from typing import Any

import psycopg
import pytest
from django.core.exceptions import EmptyResultSet
from django.db import (
    DatabaseError,
    DataError,
    NotSupportedError,
    OperationalError,
    connection,
    connections,
    transaction,
)
from django.db.models import BigIntegerField, F, QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.test.utils import CaptureQueriesContext
from psycopg.pq import TransactionStatus

from catalog import drivers
from catalog.models import Film, Genre
from catalog.prepared import SHAPES_LIMIT, Parameter, Several, Telling, prepared, room_for, rung, spread, together

Films = QuerySet[Film, tuple[Any, ...]]

on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="PostgreSQL's own")


@prepared
def titles_since() -> Films:
    return Film.objects.filter(year__gte=Telling("year", BigIntegerField())).order_by("year").values_list("title")


@prepared
def titled() -> Films:
    return Film.objects.filter(title=Parameter("title", TextField())).order_by("id").values_list("id", "updated")


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


@on_postgresql
def test_what_fails_when_it_runs_leaves_the_connection_in_order(transactional_db: None) -> None:
    @prepared
    def failing() -> Films:
        return Film.objects.annotate(failing=RawSQL("1 / 0", [])).values_list("failing")

    for _ in range(2):
        with pytest.raises(DataError, match="division by zero"):
            list(together([titled(), failing(), titled()], {"title": "Film 1990"}))
        assert list(together([titled(), titled()], {"title": "Film 1990"})) == [[], []]


@on_postgresql
def test_what_holds_for_all_values_is_planned_once(films: list[Film]) -> None:
    """And a range is not: a general plan for it can be a hundred times as slow."""
    titled().rows({"title": "Film 1990"})
    titles_since().rows({"year": 1995})
    statements = prepared_here()
    assert any('"title" = ' in statement for statement in statements)
    assert not any('"year" >= ' in statement for statement in statements)


@on_postgresql
def test_behind_an_old_pool_nothing_is_prepared(films: list[Film], monkeypatch: pytest.MonkeyPatch) -> None:
    raw = connection.connection
    monkeypatch.setattr(raw, "prepare_threshold", None)
    before = prepared_here()
    assert len(titled().rows({"title": "Film 1990"}, limit=150)) == 1
    assert prepared_here() == before


@on_postgresql
def test_a_prepared_statement_that_a_pool_has_forgotten_is_prepared_again(transactional_db: None) -> None:
    titled().rows({"title": "Film 1990"})
    connection.connection.execute("DEALLOCATE ALL")
    assert titled().rows({"title": "Film 1990"}) == []
    assert ['"title" = ' in statement for statement in prepared_here()] == [True]


@on_postgresql
def test_a_connection_prepares_no_more_than_it_may(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were used least recently go."""
    connection.close()
    monkeypatch.setattr(drivers, "STATEMENTS_LIMIT", 3)
    for limit in (1, 5, 10, 1, 15):
        titled().rows({"title": "Film 1990"}, limit=limit)
    limits = {statement.rpartition(" ")[2] for statement in prepared_here()}
    assert limits == {"2", "11", "16"}


@on_postgresql
def test_no_value_and_a_value_have_different_types(films: list[Film]) -> None:
    assert len(titled().rows({"title": "Film 1990"})) == 1
    assert titled().rows({"title": None}) == []
    assert len(titled().rows({"title": "Film 1990"})) == 1


@on_postgresql
def test_the_first_statement_of_a_transaction_begins_it(transactional_db: None) -> None:
    titled().rows({"title": "Film 1990"})
    with transaction.atomic():
        titled().rows({"title": "Film 1990"})
        assert connection.connection.pgconn.transaction_status == TransactionStatus.INTRANS


@on_postgresql
@pytest.mark.parametrize("queries", [1, 2])
def test_a_connection_that_the_server_ends_is_a_lost_one(transactional_db: None, queries: int) -> None:
    asked, values = [titled()] * queries, {"title": "Film 1990"}
    list(together(asked, values))
    with psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    for _ in range(2):
        with pytest.raises(OperationalError):
            list(together(asked, values))
    connection.close()
    assert list(together(asked, values)) == [[]] * queries


def prepared_here() -> list[str]:
    """What this connection has prepared, but for the question itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]


@prepared
def genre_names() -> "QuerySet[Genre, tuple[Any, ...]]":
    return Genre.objects.filter(slug=Parameter("slug", TextField())).values_list(F("name"))


def widened(characters: int) -> None:
    """Another process changes the type of a column that a prepared statement shows."""
    with psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": psycopg.Cursor}) as other:
        other.execute(f"ALTER TABLE catalog_genre ALTER name TYPE varchar({characters})".encode())


@on_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("queries", [1, 2])
def test_a_statement_outlives_a_change_of_its_table(queries: int) -> None:
    Genre.objects.get_or_create(slug="horror", defaults={"name": "Horror"})
    asked, values = [genre_names()] * queries, {"slug": "horror"}
    expected = list(together(asked, values))
    widened(201)
    try:
        assert list(together(asked, values)) == expected
    finally:
        widened(200)


@on_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("queries", [1, 2])
def test_within_a_transaction_that_change_is_an_error(queries: int) -> None:
    """PostgreSQL has given the transaction up by then."""
    asked, values = [genre_names()] * queries, {"slug": "horror"}
    list(together(asked, values))
    widened(201)
    try:
        with transaction.atomic():
            Genre.objects.exists()
            with pytest.raises(NotSupportedError):
                list(together(asked, values))
            transaction.set_rollback(True)
    finally:
        widened(200)
