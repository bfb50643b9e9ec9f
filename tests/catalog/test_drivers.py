"""How compiled queries are run: what PostgreSQL keeps prepared, and what becomes of it when something is wrong."""

from typing import Any

import psycopg
import pytest
from django.db import DataError, NotSupportedError, OperationalError, connection, transaction
from django.db.models import F, QuerySet, TextField
from django.db.models.expressions import RawSQL
from psycopg.pq import TransactionStatus

from catalog import drivers
from catalog.models import Film, Genre
from catalog.prepared import Parameter, prepared, together
from tests.catalog.compiled import Films, titled, titles_since

pytestmark = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="PostgreSQL's own")


@pytest.fixture
def film(db: None) -> Film:
    return Film.objects.create(title="Film 1990", year=1990)


def test_what_fails_when_it_runs_leaves_the_connection_in_order(transactional_db: None) -> None:
    @prepared
    def failing() -> Films:
        return Film.objects.annotate(failing=RawSQL("1 / 0", [])).values_list("failing")

    for _ in range(2):
        with pytest.raises(DataError, match="division by zero"):
            list(together([titled(), failing(), titled()], {"title": "Film 1990"}))
        assert list(together([titled(), titled()], {"title": "Film 1990"})) == [[], []]


def test_what_holds_for_all_values_is_planned_once(film: Film) -> None:
    """And a range is not: a general plan for it can be a hundred times as slow."""
    titled().rows({"title": "Film 1990"})
    titles_since().rows({"year": 1995})
    statements = prepared_here()
    assert any('"title" = ' in statement for statement in statements)
    assert not any('"year" >= ' in statement for statement in statements)


def test_behind_an_old_pool_nothing_is_prepared(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = connection.connection
    monkeypatch.setattr(raw, "prepare_threshold", None)
    before = prepared_here()
    assert len(titled().rows({"title": "Film 1990"}, limit=150)) == 1
    assert prepared_here() == before


def test_a_prepared_statement_that_a_pool_has_forgotten_is_prepared_again(transactional_db: None) -> None:
    titled().rows({"title": "Film 1990"})
    connection.connection.execute("DEALLOCATE ALL")
    assert titled().rows({"title": "Film 1990"}) == []
    assert ['"title" = ' in statement for statement in prepared_here()] == [True]


def test_a_connection_prepares_no_more_than_it_may(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were used least recently go."""
    connection.close()
    monkeypatch.setattr(drivers, "STATEMENTS_LIMIT", 3)
    for limit in (1, 5, 10, 1, 15):
        titled().rows({"title": "Film 1990"}, limit=limit)
    limits = {statement.rpartition(" ")[2] for statement in prepared_here()}
    assert limits == {"2", "11", "16"}


def test_no_value_and_a_value_have_different_types(film: Film) -> None:
    assert len(titled().rows({"title": "Film 1990"})) == 1
    assert titled().rows({"title": None}) == []
    assert len(titled().rows({"title": "Film 1990"})) == 1


def test_the_first_statement_of_a_transaction_begins_it(transactional_db: None) -> None:
    titled().rows({"title": "Film 1990"})
    with transaction.atomic():
        titled().rows({"title": "Film 1990"})
        assert connection.connection.pgconn.transaction_status == TransactionStatus.INTRANS


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
