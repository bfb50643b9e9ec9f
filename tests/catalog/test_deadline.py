"""The time that a statement may take, on the real database."""

import pytest
from django.db import DatabaseError, connection

from catalog.models import Film
from catalog.selectors.deadline import Deadline, OutOfTime

pytestmark = pytest.mark.django_db


def endless() -> str:
    """A statement that does not end by itself."""
    if connection.vendor == "postgresql":
        return "SELECT pg_sleep(60)"
    return "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


def test_a_statement_ends_when_its_time_is_up_and_the_connection_lives_on() -> None:
    with pytest.raises(OutOfTime), Deadline(0.05).held(), connection.cursor() as cursor:
        cursor.execute(endless())
    assert Film.objects.count() == 0


def test_the_time_is_no_other_statements() -> None:
    """What comes after the block is not ended by its time."""
    with Deadline(0.05).held():
        assert Film.objects.count() == 0
    counting = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 1000000) SELECT count(*) FROM n"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.1)" if connection.vendor == "postgresql" else counting)
        assert cursor.fetchone() is not None


def test_another_error_within_the_time_is_told_as_it_is() -> None:
    with pytest.raises(DatabaseError, match="nothing_of_this_name"), Deadline(5).held(), connection.cursor() as cursor:
        cursor.execute("SELECT nothing_of_this_name FROM catalog_film")
