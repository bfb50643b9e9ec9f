"""The triggers outlive every migration, and whatever is wrong with them is seen."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, models

from catalog import changes
from catalog.changes import migrating
from catalog.changes.definitions import LOGGED
from catalog.changes.models import ChangeLog
from catalog.models import Title
from tests.catalog.changes.log import Log, execute
from tests.catalog.changes.own_database import migrate_later
from tests.catalog.changes.sessions import in_another_process

pytestmark = pytest.mark.usefixtures("place")

OPERATIONS = {
    "AlterField": "migrations.AlterField('film', 'title', models.CharField(max_length=600))",
    "AddField": "migrations.AddField('title', 'note', models.CharField(max_length=9, default='x'))",
    "AddFieldToFilm": "migrations.AddField('film', 'note', models.CharField(max_length=9, default='x'))",
    "AddConstraint": "migrations.AddConstraint('castcredit',"
    " models.CheckConstraint(condition=models.Q(order__lt=9999), name='few'))",
    "RemoveField": "migrations.RemoveField('film', 'tagline')",
    "RemoveFieldOfPerson": "migrations.RemoveConstraint('person', 'person_born_before_death'),"
    " migrations.RemoveConstraint('person', 'person_death_date_has_precision'),"
    " migrations.RemoveField('person', 'death_date')",
    "RenameField": "migrations.RenameField('film', 'tagline', 'motto')",
    "AddIndex": "migrations.AddIndex('genre', models.Index(fields=['name'], name='genre_by_name'))",
    "RunSQL": "migrations.RunSQL('UPDATE catalog_country SET name = code')",
}


def add_genre(name: str) -> None:
    execute("INSERT INTO catalog_genre (name, slug) VALUES (%s, %s)", name, name)


def test_a_new_database_has_all_triggers() -> None:
    assert changes.standing() == []
    assert not changes.changed_since(changes.position())


@pytest.mark.parametrize("operation", OPERATIONS)
def test_triggers_stand_after_a_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, operation: str) -> None:
    log, token = Log(), changes.position()
    migrate_later(tmp_path, monkeypatch, OPERATIONS[operation])
    assert changes.standing() == []
    assert log.told()[-1] == ("reset", "catalogue")
    assert changes.changed_since(token)


@pytest.mark.parametrize("operation", ["AlterField", "AddFieldToFilm", "RemoveField", "RenameField"])
def test_writes_are_logged_after_a_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, operation: str) -> None:
    add_genre("drama")
    migrate_later(tmp_path, monkeypatch, OPERATIONS[operation])
    log = Log()
    in_another_process("UPDATE catalog_genre SET name = 'War'")
    assert log.told() == [("updated", "genre")]


def test_a_migration_with_nothing_to_do_writes_nothing() -> None:
    log = Log()
    call_command("migrate", verbosity=0)
    assert log.rows() == []


def test_going_back_before_the_log_and_forth_again() -> None:
    call_command("migrate", "catalog", "0004", verbosity=0)
    add_genre("drama")
    call_command("migrate", verbosity=0)
    assert changes.standing() == []
    log = Log()
    add_genre("war")
    assert log.told() == [("created", "genre")]


def test_a_migration_that_fails_leaves_the_log_closed_on_sqlite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the triggers stand again everything counts as changed."""
    token = changes.position()
    with pytest.raises(Exception, match="nowhere"):
        migrate_later(tmp_path, monkeypatch, "migrations.RunSQL('DELETE FROM nowhere')")
    closed = connection.vendor == "sqlite"
    assert (bool(changes.standing()), bool(changes.changed_since(token))) == (closed, closed)


def test_a_flush_opens_a_new_log() -> None:
    token = changes.position()
    call_command("flush", interactive=False, verbosity=0)
    assert changes.changed_since(token)
    assert not changes.changed_since(changes.position())
    assert changes.standing() == []


def test_a_table_that_was_rebuilt_behind_our_back_is_seen() -> None:
    """Django's own way of altering a table on SQLite drops its triggers without a word."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL alters tables where they stand")
    old, new = Title._meta.get_field("kind"), models.CharField(max_length=30)
    new.set_attributes_from_name("kind")
    new.model = Title
    with connection.schema_editor() as editor:
        editor.alter_field(Title, old, new)
    lost = ("created", "deleted", "moved", "replacing", "updated")
    assert changes.standing() == [f"changes_title_{what}" for what in lost]


def drop_one() -> None:
    if connection.vendor == "sqlite":
        execute("DROP TRIGGER changes_genre_created")
    else:
        execute("DROP TRIGGER changes_genre_insert ON catalog_genre")


def change_one() -> None:
    if connection.vendor == "sqlite":
        drop_one()
        execute("CREATE TRIGGER changes_genre_created AFTER INSERT ON catalog_genre BEGIN SELECT 1; END")
    else:
        execute(
            "CREATE OR REPLACE FUNCTION changes_genre_insert() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RETURN NULL; END'"
        )


@pytest.mark.parametrize("spoil", [drop_one, change_one])
def test_a_spoiled_trigger_is_named_and_mended(spoil: Any) -> None:
    spoil()
    (name,) = changes.standing()
    assert name.startswith("changes_genre_")
    migrating.mend()
    assert changes.standing() == []


def test_a_trigger_that_is_disabled_is_named() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's triggers cannot be disabled")
    execute("ALTER TABLE catalog_genre DISABLE TRIGGER changes_genre_insert")
    assert changes.standing() == ["changes_genre_insert"]


def test_a_trigger_that_nobody_knows_is_named() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the same query on PostgreSQL finds what differs")
    execute("CREATE TRIGGER changes_of_old AFTER INSERT ON catalog_genre BEGIN SELECT 1; END")
    assert changes.standing() == ["changes_of_old"]


def test_mending_what_stands_writes_nothing() -> None:
    log = Log()
    migrating.mend()
    assert log.rows() == []


def test_mending_is_a_reset() -> None:
    token = changes.position()
    drop_one()
    migrating.mend()
    assert changes.changed_since(token)
    assert ChangeLog.objects.count() == 1


def test_a_new_epoch_makes_old_positions_unknown() -> None:
    """What whoever restores a database asks for."""
    token = changes.position()
    migrating.renew(connection, epoch="after the restore")
    assert changes.changed_since(token)


def test_a_dropped_table_has_no_triggers_to_miss() -> None:
    assert all(each.table.startswith("catalog_") for each in LOGGED)
    execute("DROP TABLE catalog_personexternalid")
    assert not [name for name in changes.standing() if "external" in name]


def test_a_log_that_is_not_there_is_an_error() -> None:
    execute("DROP TABLE catalog_changelog")
    with pytest.raises(DatabaseError, match="catalog_changelog"):
        changes.position()
