"""What a start makes ready, and each thing that it refuses."""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth import get_user_model
from django.db import connection, connections

from catalog import changes
from moviedb import database, startup
from moviedb.startup import StartError
from settings.base import SQLITE_PRAGMAS
from settings.environment import database as parsed
from tests import postgres


def test_a_first_start_prints_the_way_in(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    startup.prepare()
    assert "/admin/setup/first:" in capsys.readouterr().err


def test_a_start_with_a_superuser_prints_nothing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    get_user_model().objects.create_superuser("ann", password="a long one")
    startup.prepare()
    assert capsys.readouterr().err == ""


def test_a_start_leaves_no_connection_to_its_thread(file: Path) -> None:
    startup.prepare()
    assert connection.connection is None


def test_first_starts_at_the_same_time_make_one_database(new_file: Path) -> None:
    faults: list[BaseException] = []

    def start() -> None:
        try:
            startup.prepare_storage()
        except BaseException as error:  # noqa: BLE001  shown by the assertion
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert database.migrations().current


def test_a_migrated_database_is_not_migrated_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "migrate", lambda: pytest.fail("nothing was to be migrated"))
    startup.prepare_database()


def test_an_older_database_is_migrated(file: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE django_session")
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    startup.prepare_database()
    assert "django_session" in connection.introspection.table_names()


def test_a_missing_trigger_of_the_embedded_database_is_made_again(file: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER changes_film_updated")
    startup.prepare_database()
    assert changes.standing() == []


def test_a_missing_trigger_of_a_database_elsewhere_refuses_the_start(file: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER changes_film_updated")
    with pytest.raises(StartError, match=r"lacks 1 triggers \(changes_film_updated …\): run `moviedb migrate`"):
        startup.prepare_change_log(None)


def test_a_migration_that_fails_is_told_in_one_line(file: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    with pytest.raises(StartError, match=r"^the database says: table .* already exists$"):
        startup.prepare_storage()


def test_a_newer_database_is_refused(file: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('catalog', '9999_later', '2030')")
    with pytest.raises(StartError, match=r"newer version of moviedb \(it has catalog.9999_later\)"):
        startup.prepare_database()


def test_a_row_of_an_app_that_was_removed_is_no_newer_version(file: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('gone', '0001_initial', '2020')")
    startup.prepare_database()


def test_a_file_that_is_no_database_is_refused(new_file: Path) -> None:
    new_file.parent.mkdir()
    new_file.write_text("these are no films, but they are many words of text, more than a page\n" * 100)
    with pytest.raises(StartError, match="is not a SQLite database; move it away"):
        startup.prepare()


def test_a_damaged_database_is_refused(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    with pytest.raises(StartError, match="is damaged: restore a backup"):
        startup.prepare()


def test_a_missing_directory_of_the_database_is_named(tmp_path: Path, point_django_at: Callable[..., None]) -> None:
    url = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "away" / "films.sqlite3")}
    point_django_at(tmp_path, url)
    with pytest.raises(StartError, match=r"the directory .*/away of the database is missing: make it"):
        startup.prepare()


def test_a_file_where_the_data_directory_should_be_is_named(
    tmp_path: Path, point_django_at: Callable[..., None]
) -> None:
    (tmp_path / "data").write_text("")
    point_django_at(tmp_path / "data")
    with pytest.raises(StartError, match=r"/data: File exists$"):
        startup.prepare_storage()


def test_a_directory_that_cannot_be_written_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root, in a container, is refused nothing
    with pytest.raises(StartError, match="can't be written by this user"):
        startup.prepare()


def test_pragmas_hold_on_a_fresh_connection(file: Path) -> None:
    assert database.broken_pragmas() == []


def test_a_database_that_another_process_locks_is_told_in_one_line(file: Path) -> None:
    connection.settings_dict["OPTIONS"] |= {"timeout": 0, "init_command": "PRAGMA busy_timeout=0"}
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StartError, match="is locked by another process"):
            startup.prepare()
    other.close()


@pytest.mark.parametrize("pragma", SQLITE_PRAGMAS)
def test_a_pragma_that_does_not_hold_stops_the_start(pragma: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SQLITE_PRAGMAS, pragma, 77)
    with pytest.raises(StartError, match=f"{pragma} is .*, should be 77"):
        startup.prepare_database()


def test_a_database_in_memory_is_refused(tmp_path: Path, point_django_at: Callable[..., None]) -> None:
    """Each thread would have its own, and readers would wait for writers."""
    point_django_at(tmp_path, {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"})
    with pytest.raises(StartError, match="DATABASE_URL"):
        startup.prepare()


def test_static_files_without_hashes_need_no_collecting(tmp_path: Path, settings: LazySettings) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    startup.prepare_static_files()
    assert not settings.STATIC_ROOT.exists()


@pytest.fixture
def hashed(settings: LazySettings, tmp_path: Path) -> Path:
    """Static files as production has them: hashed, in a directory that does not exist yet."""
    settings.STATIC_ROOT = tmp_path / "static"
    backend = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": backend}}
    return tmp_path / "static"


def test_static_files_are_collected_once(hashed: Path, new_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    startup.prepare_static_files()
    monkeypatch.setattr(startup, "call_command", lambda *_, **__: pytest.fail("all was collected already"))
    startup.prepare_static_files()
    assert (hashed / "moviedb" / "pages.css").exists()


def test_static_files_are_collected_again_when_one_has_changed(hashed: Path, new_file: Path) -> None:
    hashed.mkdir()
    (hashed / "staticfiles.json").write_text('{"version": "1.1", "paths": {}}')
    os.utime(hashed / "staticfiles.json", (0, 0))
    startup.prepare_static_files()
    assert (hashed / "moviedb" / "pages.css").exists()


def test_files_that_were_collected_on_a_read_only_disk_are_taken_as_they_are(
    hashed: Path, new_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed.mkdir()
    (hashed / "staticfiles.json").write_text('{"version": "1.1", "paths": {}}')
    os.utime(hashed / "staticfiles.json", (0, 0))
    monkeypatch.setattr(os, "access", lambda *_: False)  # root, in a container, is refused nothing
    assert startup.static_files_current(hashed / "staticfiles.json")


def test_a_manifest_that_was_cut_short_is_made_anew(hashed: Path, new_file: Path) -> None:
    hashed.mkdir()
    (hashed / "staticfiles.json").write_text('{"paths": {"mov')
    startup.prepare_static_files()
    assert startup.static_files_current(hashed / "staticfiles.json")


def test_a_place_for_static_files_that_cannot_be_made_is_named(hashed: Path, file: Path) -> None:
    hashed.write_text("")
    with pytest.raises(StartError, match=r"/static: File exists$"):
        startup.prepare_storage()


@pytest.fixture
def empty_postgresql(
    postgresql: postgres.Server, point_django_at: Callable[..., None], tmp_path: Path
) -> Iterator[postgres.Server]:
    """An empty database of a real PostgreSQL."""
    point_django_at(tmp_path, parsed(postgresql.create_database()))
    yield postgresql
    connection.close()


def test_an_empty_postgresql_is_not_migrated_but_refused(empty_postgresql: postgres.Server) -> None:
    with pytest.raises(StartError, match=r"waits for migrations \(.* more\): run `moviedb migrate`"):
        startup.prepare()
    assert connection.introspection.table_names() == []


def test_a_migrated_postgresql_starts(empty_postgresql: postgres.Server, capsys: pytest.CaptureFixture[str]) -> None:
    startup.migrate()
    startup.prepare()
    assert "/admin/setup/" in capsys.readouterr().err


def test_a_postgresql_that_is_away_is_told_in_one_line(tmp_path: Path, point_django_at: Callable[..., None]) -> None:
    point_django_at(tmp_path, parsed("postgres://ann:a-secret@127.0.0.1:1/films"))
    with pytest.raises(StartError, match=r"^the database says: .*127\.0\.0\.1.*refused$") as refusal:
        startup.prepare()
    assert "a-secret" not in str(refusal.value)
