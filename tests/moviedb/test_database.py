"""The plain words for what a database complains of, and how the schema is compared with the code."""

from pathlib import Path

import pytest
from django.db import DatabaseError, OperationalError, connection

from moviedb import database


@pytest.mark.parametrize(
    "said, words",
    [
        ("unable to open database file", "can't be opened: is its directory there, and writable?"),
        ("file is not a database", "is not a SQLite database; move it away, or give another DATABASE_URL"),
        ("database disk image is malformed", "is damaged: restore a backup"),
        ("malformed database schema (x)", "is damaged: restore a backup"),
        ("database is locked", "is locked by another process"),
        ("attempt to write a readonly database", "can't be written by this user"),
        ("database or disk is full", "the disk of "),
        ("disk I/O error", "fails, or does not lock files as SQLite needs it"),
    ],
)
def test_sqlites_words_are_put_plainly(said: str, words: str, new_file: Path) -> None:
    plain = database.plain(OperationalError(said))
    assert words in plain
    assert str(new_file) in plain


@pytest.mark.parametrize("said", ["no such table: catalog_film", 'relation "catalog_film" does not exist\nLINE 1: …'])
def test_a_missing_table_says_what_to_run(said: str) -> None:
    plain = database.plain(OperationalError(said))
    assert plain.endswith("run `moviedb migrate`")
    assert "\n" not in plain


def test_an_error_without_words_is_named() -> None:
    assert database.plain(DatabaseError()) == "the database says: DatabaseError"


@pytest.mark.parametrize("count, text", [(1, "a.0"), (3, "a.0, a.1, a.2"), (5, "a.0, a.1, a.2 and 2 more")])
def test_a_few_migrations_are_named_and_the_rest_counted(count: int, text: str) -> None:
    assert database.names([("a", str(number)) for number in range(count)]) == text


@pytest.mark.django_db
def test_the_names_of_files_are_the_migrations_that_django_applied() -> None:
    """The short way and the long way agree on the schema that the tests run on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        assert set(cursor.fetchall()) == database.written()


def test_all_is_unapplied_in_a_new_file(new_file: Path) -> None:
    new_file.parent.mkdir()
    state = database.migrations()
    assert set(state.unapplied) == database.written()
    assert state.unknown == []
