"""The tests run on the database that was asked for."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_the_database_is_the_one_asked_for(pytestconfig: pytest.Config) -> None:
    asked = "sqlite" if pytestconfig.getoption("database") == "sqlite" else "postgresql"
    assert connection.vendor == asked


@pytest.mark.django_db
def test_text_is_kept_as_utf_8() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s", ["Amélie – アメリ"])
        assert cursor.fetchone() == ("Amélie – アメリ",)
