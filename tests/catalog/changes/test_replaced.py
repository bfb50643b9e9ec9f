"""What other programs do to a SQLite file: REPLACE, which fires delete triggers only where asked, and backups."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import pytest
from django.db import connection, models

from catalog import changes
from catalog.changes.definitions import LOGGED, Logged
from catalog.changes.dialect import changed
from catalog.changes.models import Displaced
from catalog.changes.sqlite_replaced import key_of
from catalog.changes.surrogates import EVERYTHING, of_change
from catalog.models import CastCredit, Film, FilmExternalId
from tests.catalog.changes.log import FILM_LINKS, NAMED, Log, execute, film, person, person_id_row
from tests.catalog.changes.sessions import address
from tests.catalog.changes.test_links import tie

Row = dict[str, Any]


@pytest.fixture
def stranger(request: pytest.FixtureRequest) -> Iterator[sqlite3.Connection]:
    """A connection as any other program opens it: no foreign keys, no recursive triggers."""
    if connection.vendor != "sqlite":
        pytest.skip("REPLACE is SQLite's")
    request.getfixturevalue("place")
    opened = sqlite3.connect(address(), isolation_level=None)
    yield opened
    opened.close()


def columns_of(stranger: sqlite3.Connection, table: str) -> dict[str, bool]:
    """The columns but for the generated ones, each with whether it belongs to the primary key."""
    return {name: bool(key) for name, key in stranger.execute("SELECT name, pk FROM pragma_table_info(?)", [table])}


def unique_keys(stranger: sqlite3.Connection, table: str) -> list[set[str]]:
    """The columns of each unique key, with those that an expression in it names."""
    keys = [{name for name, primary in columns_of(stranger, table).items() if primary}]
    indexes = 'SELECT i.name, m.sql FROM pragma_index_list(?) i JOIN sqlite_master m USING (name) WHERE i."unique"'
    for name, definition in stranger.execute(indexes, [table]).fetchall():
        rows = stranger.execute("SELECT name FROM pragma_index_info(?) WHERE name IS NOT NULL", [name])
        keys.append({column for (column,) in rows} | set(re.findall(r'"(\w+)"', definition or "")[2:]))
    return keys


def row_of(stranger: sqlite3.Connection, logged: Logged, key: Any) -> Row:
    columns = ", ".join(f't."{name}"' for name in columns_of(stranger, logged.table))
    found = stranger.execute(f"SELECT {columns} FROM {logged.table} t WHERE {key_of(logged)} = ?", [key]).fetchone()
    return dict(zip(columns_of(stranger, logged.table), found, strict=True))


def told_of(stranger: sqlite3.Connection, statement: str, values: Row) -> set[str]:
    """The surrogate keys that the log has for a statement, which is then taken back."""
    stranger.execute("BEGIN")
    (last,) = stranger.execute("SELECT coalesce(max(id), 0) FROM catalog_change").fetchone()
    stranger.execute(statement, values)
    columns = "entity, entity_id, film_id, kind, before, after"
    rows = stranger.execute(f"SELECT {columns} FROM catalog_change WHERE id > ?", [last]).fetchall()
    stranger.execute("ROLLBACK")
    return {key for each in changed(rows) for key in of_change(each)}


def inserting(verb: str, logged: Logged, row: Row) -> str:
    """An INSERT or REPLACE of the row, whose values have their columns' names."""
    names = ", ".join(f'"{name}"' for name in row)
    return f"{verb} INTO {logged.table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})"


class Taken(NamedTuple):
    """A row, the surrogate key of an answer that shows it, and what another row has in place of its values."""

    row: models.Model
    answer: str
    other: Row


def link(entity: str) -> Taken:
    mine, yours = film(), film(title="Ran")
    other = {"film_id": yours.pk, **({"value": "tt1"} if entity == "film_external_id" else {})}
    return Taken(FILM_LINKS[entity](mine), f"film/{mine.pk}", other)


def name(entity: str) -> Taken:
    mine = film()
    own = {
        "genre": {"slug": "other"},
        "keyword": {"slug": "other"},
        "country": {"code": "XM"},
        "language": {"code": "qyb"},
    }
    return Taken(tie(entity, mine), f"film/{mine.pk}", {"name": "Other", **own.get(entity, {})})


def of_person() -> Taken:
    mine, yours = person(), person("Toshiro Mifune")
    return Taken(person_id_row(mine), f"person/{mine.pk}", {"person_id": yours.pk, "value": "nm1"})


def shown_person() -> Taken:
    mine, shown = film(), person()
    CastCredit.objects.create(film=mine, person=shown)
    return Taken(shown, f"film/{mine.pk}", {"name": "Other", "name_key": "other"})


def draft() -> Taken:
    mine = film()
    return Taken(mine, f"film/{mine.pk}", {"published": False})


MAKERS: dict[str, Callable[[], Taken]] = {
    **{entity: partial(link, entity) for entity in FILM_LINKS},
    **{entity: partial(name, entity) for entity in NAMED},
    "person_external_id": of_person,
    "person": shown_person,
    "film": draft,
}

LOGGED_TABLES = pytest.mark.parametrize("logged", LOGGED, ids=lambda logged: logged.entity)


@LOGGED_TABLES
def test_an_inserted_row_that_takes_any_unique_key_of_another_is_told_to_both(
    stranger: sqlite3.Connection, logged: Logged
) -> None:
    taken = MAKERS[logged.entity]()
    mine = row_of(stranger, logged, taken.row.pk)
    missed = []
    for key in unique_keys(stranger, logged.table):
        row = {**mine, **taken.other, **{column: mine[column] for column in key}}
        if "id" not in key:
            row.pop("id", None)
        if not told_of(stranger, inserting("REPLACE", logged, row), row) & {taken.answer, EVERYTHING}:
            missed.append(key)
    assert missed == []


@LOGGED_TABLES
def test_an_updated_row_that_takes_any_unique_key_of_another_is_told_to_both(
    stranger: sqlite3.Connection, logged: Logged
) -> None:
    taken = MAKERS[logged.entity]()
    mine = row_of(stranger, logged, taken.row.pk)
    other = {column: value for column, value in {**mine, **taken.other}.items() if column != "id"}
    rowid = stranger.execute(inserting("INSERT", logged, other), other).lastrowid
    missed = []
    for key in unique_keys(stranger, logged.table):
        setting = ", ".join(f'"{column}" = :{column}' for column in key)
        statement = f"UPDATE OR REPLACE {logged.table} SET {setting} WHERE rowid = {rowid}"
        if not told_of(stranger, statement, mine) & {taken.answer, EVERYTHING}:
            missed.append(key)
    assert missed == []


@pytest.mark.parametrize("entity", [*NAMED, "person"])
def test_a_name_that_goes_while_films_still_show_it_is_told_to_them(stranger: sqlite3.Connection, entity: str) -> None:
    """No other program's connection knows the foreign keys that would forbid it."""
    taken = MAKERS[entity]()
    (logged,) = (each for each in LOGGED if each.entity == entity)
    statement = f"DELETE FROM {logged.table} WHERE {key_of(logged)} = :key"
    assert taken.answer in told_of(stranger, statement, {"key": taken.row.pk})


ANOTHERS_ID = "INTO catalog_filmexternalid (film_id, source, value) VALUES (?, 'imdb', 'tt1')"


@pytest.mark.parametrize("recursive", [0, 1])
def test_a_replaced_row_is_logged_once_as_deleted(stranger: sqlite3.Connection, recursive: int) -> None:
    first, second = film(), film(title="Ran")
    taken = FilmExternalId.objects.create(film=first, source="imdb", value="tt1")
    log = Log()
    stranger.execute(f"PRAGMA recursive_triggers={recursive}")
    stranger.execute(f"REPLACE {ANOTHERS_ID}", [second.pk])
    new = FilmExternalId.objects.get()
    assert log.rows() == [
        ("deleted", "film_external_id", str(taken.pk), first.pk, 3),
        ("created", "film_external_id", str(new.pk), second.pk, 2),
    ]
    assert list(Film.objects.order_by("pk").values_list("version", flat=True)) == [3, 2]
    assert not Displaced.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT OR IGNORE {ANOTHERS_ID}",
        f"INSERT {ANOTHERS_ID} ON CONFLICT DO NOTHING",
        f"INSERT {ANOTHERS_ID} ON CONFLICT (source, value) DO UPDATE SET value = value",
    ],
)
def test_a_row_that_stays_is_not_logged_as_deleted(stranger: sqlite3.Connection, statement: str) -> None:
    first, second = film(), film(title="Ran")
    FilmExternalId.objects.create(film=first, source="imdb", value="tt1")
    log = Log()
    stranger.execute(statement, [second.pk])
    FilmExternalId.objects.create(film=second, source="tmdb", value="2")
    assert log.told() == [("created", "film_external_id")]


def test_a_row_that_stayed_and_is_deleted_later_is_logged_once(stranger: sqlite3.Connection) -> None:
    first, second = film(), film(title="Ran")
    FilmExternalId.objects.create(film=first, source="imdb", value="tt1")
    stranger.execute(f"INSERT OR IGNORE {ANOTHERS_ID}", [second.pk])
    log = Log()
    FilmExternalId.objects.all().delete()
    FilmExternalId.objects.create(film=second, source="imdb", value="tt1")
    assert log.told() == [("deleted", "film_external_id"), ("created", "film_external_id")]


def test_several_rows_that_one_replaces_are_all_told(stranger: sqlite3.Connection) -> None:
    first, second, third = (film(title=title) for title in ("Ikiru", "Ran", "Dodes'ka-den"))
    by_value = FilmExternalId.objects.create(film=first, source="imdb", value="tt1")
    by_key = FilmExternalId.objects.create(film=second, source="imdb", value="tt2")
    log = Log()
    stranger.execute(
        "REPLACE INTO catalog_filmexternalid (id, film_id, source, value) VALUES (?, ?, 'imdb', 'tt1')",
        [by_key.pk, third.pk],
    )
    gone = {(kind, key, film_id) for kind, entity, key, film_id, _ in log.rows() if entity == "film_external_id"}
    assert gone == {
        ("deleted", str(by_value.pk), first.pk),
        ("deleted", str(by_key.pk), second.pk),
        ("created", str(by_key.pk), third.pk),
    }


@pytest.mark.usefixtures("stranger")
def test_what_is_replaced_in_a_bulk_is_part_of_its_one_row() -> None:
    execute("INSERT INTO catalog_genre (name, slug) VALUES ('Drama', 'drama')")
    log = Log()
    with changes.bulk():
        execute("REPLACE INTO catalog_genre (name, slug) VALUES ('Dramas', 'drama')")
    assert log.told() == [("reset", "catalogue")]


def test_a_backup_restored_into_the_live_file_may_have_changed_anything(stranger: sqlite3.Connection) -> None:
    """SQLite's own way, as `.restore` of its shell: a transaction that all connections see."""
    film()
    backup = sqlite3.connect(":memory:")
    stranger.backup(backup)
    film(title="Ran")
    token = changes.position()
    backup.backup(stranger)
    assert changes.changed_since(token) == changes.ALL
    assert Film.objects.get().title == "Ikiru"
    backup.close()
