"""What the doctor finds: one test for each thing that can be wrong, on the real thing wherever it can be made wrong."""

import os
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection

from moviedb import doctor
from moviedb.doctor import Finding, Level
from settings.base import SQLITE_PRAGMAS
from settings.environment import database as parsed


def worst(findings: Iterable[Finding]) -> Finding:
    """The gravest finding."""
    return max(findings, key=lambda finding: list(Level).index(finding.level))


@pytest.fixture(autouse=True)
def no_foreign_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name in doctor.REACHES_UVICORN or name.startswith("UVICORN_")]:
        monkeypatch.delenv(name)


def test_a_good_set_up_has_nothing_to_mend(file: Path, settings: LazySettings) -> None:
    settings.SECRET_KEY = "0123456789" * 5
    get_user_model().objects.create_superuser("ann", password="a long one")
    assert {finding.level for finding in doctor.examine()} == {Level.OK}


def test_a_database_that_is_not_there_yet_is_not_made(new_file: Path) -> None:
    found = worst(doctor.reachable())
    assert found == Finding(Level.WARNING, f"database: {new_file} is not there yet; the first start makes it")
    assert not new_file.exists()


def test_a_file_that_is_no_database_is_an_error(new_file: Path) -> None:
    new_file.parent.mkdir()
    new_file.write_text("words " * 1000)
    found = worst(doctor.examine())
    assert found.level is Level.ERROR
    assert "is not a SQLite database; move it away" in found.text


def test_a_postgresql_that_is_away_is_an_error(tmp_path: Path, point_django_at: Callable[..., None]) -> None:
    point_django_at(tmp_path, parsed("postgres://ann:a-secret@127.0.0.1:1/films"))
    found = worst(doctor.examine())
    assert found.text.startswith("the database says: ")
    assert "a-secret" not in found.text


def test_migrations_that_wait_are_an_error(file: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    assert worst(doctor.migrations()).text == "migrations: sessions.0001_initial not applied: run `moviedb migrate`"


def test_a_newer_database_is_an_error(file: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('catalog', '9999_later', '2030')")
    assert worst(doctor.migrations()).text.endswith("newer than this version, it has catalog.9999_later")


def test_a_pragma_that_does_not_hold_is_an_error(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SQLITE_PRAGMAS, "synchronous", 3)
    assert worst(doctor.pragmas()).text.startswith("SQLite: synchronous is 2, should be 3")


def test_a_missing_trigger_of_the_change_log_is_an_error(file: Path) -> None:
    assert worst(doctor.change_log()).text == "change log: all triggers stand"
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER changes_film_updated")
    assert worst(doctor.change_log()).level is doctor.Level.ERROR


def test_a_damaged_page_is_an_error(file: Path) -> None:
    """One that no query of the other examinations reads."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'catalog_film'")
        start = (cursor.fetchone()[0] - 1) * 4096
    connection.close()
    content = file.read_bytes()
    file.write_bytes(content[:start] + b"\x55" * 4096 + content[start + 4096 :])
    assert "damaged" in worst(doctor.guarded([doctor.integrity])).text


def test_no_superuser_is_a_warning(file: Path) -> None:
    assert worst(doctor.superuser()).text.startswith("superuser: none: run `moviedb createadmin`")


@pytest.mark.django_db
def test_clock_and_version_are_asked_of_the_real_database() -> None:
    findings = [*doctor.clock(), *doctor.postgresql_version()]
    assert {finding.level for finding in findings} == {Level.OK}


@pytest.mark.django_db
def test_a_clock_that_is_wrong_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 100)
    assert worst(doctor.clock()).level is Level.WARNING


@pytest.mark.django_db
def test_a_postgresql_that_is_too_old_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("asks PostgreSQL for its version")
    monkeypatch.setattr(doctor, "OLDEST_POSTGRESQL", 990000)
    assert worst(doctor.postgresql_version()).text.endswith("is too old: moviedb needs 99 or later")


@pytest.mark.parametrize("name", ["WEB_CONCURRENCY", "FORWARDED_ALLOW_IPS", "UVICORN_RELOAD"])
def test_a_variable_that_reaches_into_uvicorn_is_a_warning(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "3")
    assert worst(doctor.environment()).text.startswith(f"environment: {name} is set")


def test_a_file_in_place_of_the_data_directory_is_an_error(tmp_path: Path, settings: LazySettings) -> None:
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.write_text("")
    assert worst(doctor.data_directory()).text.endswith("is no directory: move it away, or change DATA_DIR")


def test_a_data_directory_that_is_not_there_yet_is_no_fault(tmp_path: Path, settings: LazySettings) -> None:
    settings.DATA_DIR = tmp_path / "some" / "data"
    assert next(iter(doctor.data_directory())).text.endswith("will be made at the first start")


def test_a_data_directory_that_cannot_be_written_is_an_error(
    tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(os, "access", lambda *_: False)  # root, in a container, is refused nothing
    assert "can't be written by this user" in worst(doctor.data_directory()).text


@pytest.mark.parametrize(
    "free, level", [(10 * 1024**2, Level.ERROR), (100 * 1024**2, Level.WARNING), (10 * 1024**3, Level.OK)]
)
def test_a_full_disk_is_told_in_time(free: int, level: Level, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert doctor.disk_space(tmp_path).level is level


@pytest.mark.parametrize("key", ["k" * 60, "abcdefgh" * 4])
def test_a_weak_key_is_a_warning(key: str, settings: LazySettings) -> None:
    settings.SECRET_KEY = key
    assert worst(doctor.secret_key()).level is Level.WARNING


@pytest.mark.parametrize(
    "module, level", [("settings.production", Level.ERROR), ("settings.development", Level.WARNING)]
)
def test_debug_is_worst_in_production(
    module: str, level: Level, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", module)
    settings.DEBUG = True
    assert worst(doctor.debug()).level is level


@pytest.mark.parametrize("hosts, level", [(["*"], Level.WARNING), ([], Level.ERROR), (["a.example.org"], Level.OK)])
def test_hosts_should_be_listed(hosts: list[str], level: Level, settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = hosts
    assert worst(doctor.allowed_hosts()).level is level


@pytest.mark.parametrize("proxy, level", [("0.0.0.0/0", Level.ERROR), ("::/0", Level.ERROR), ("10.0.0.0/8", Level.OK)])
def test_proxies_must_not_be_everybody(proxy: str, level: Level, settings: LazySettings) -> None:
    settings.TRUSTED_PROXIES = [proxy]
    assert worst(doctor.proxies()).level is level


def test_a_failing_system_check_is_an_error_with_its_hint(settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = []
    assert "(moviedb.E004)" in worst(doctor.system_checks()).text


def test_static_files_that_can_be_collected_are_no_fault(tmp_path: Path, settings: LazySettings) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    assert worst(doctor.static_files()).text == "static files: will be collected at the first start"


def test_collected_static_files_are_found(tmp_path: Path, settings: LazySettings) -> None:
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "staticfiles.json").touch()
    assert worst(doctor.static_files()).text == f"static files: collected in {tmp_path}"


def test_static_files_that_cannot_be_collected_are_an_error(
    tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STATIC_ROOT = tmp_path
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert worst(doctor.static_files()).level is Level.ERROR


def test_a_system_that_refuses_an_examination_is_a_finding() -> None:
    def disk() -> Iterable[Finding]:
        raise PermissionError(13, "Permission denied", "/srv")

    assert list(doctor.guarded([disk])) == [Finding(Level.ERROR, "disk: /srv: Permission denied")]


@pytest.mark.parametrize("level, code", [(Level.OK, 0), (Level.WARNING, 0), (Level.ERROR, 1)])
def test_only_errors_make_the_exit_code(level: Level, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.show([Finding(Level.OK, "all [is] well"), Finding(level, "it is so")]) == code
    assert f"{level.name.lower():<8}it is so\n" in capsys.readouterr().out


def test_a_long_finding_stays_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    doctor.show([Finding(Level.OK, "word " * 100)])
    assert capsys.readouterr().out.count("\n") == 1


def test_the_command_prints_all_findings(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("doctor")
    assert "superuser: none" in capsys.readouterr().out


def test_the_command_fails_when_something_must_be_mended(file: Path, settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = []
    with pytest.raises(SystemExit) as ended:
        call_command("doctor")
    assert ended.value.code == 1
