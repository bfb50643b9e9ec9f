"""`moviedb`: every fault is a line on stderr and an exit code, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import OperationalError

from catalog.errors import Clash
from moviedb.__main__ import failed, main
from moviedb.startup import StartError
from settings.environment import SettingsError
from tests.moviedb.process import ROOT, Finished, Moviedb, environment


def one_line(done: Finished) -> str:
    """What was said on stderr: one line, in our name."""
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("moviedb: ")
    return done.stderr.removeprefix("moviedb: ").rstrip()


def test_all_faults_of_the_settings_are_told_at_once(moviedb: Moviedb) -> None:
    done = moviedb(SECRET_KEY="", ALLOWED_HOSTS="", PORT="eighty")
    assert done.returncode == 2
    names = [line.split()[1] for line in done.stderr.splitlines()]
    assert names == ["SECRET_KEY", "ALLOWED_HOSTS", "PORT"]


def test_an_address_of_a_database_that_makes_no_sense_is_named(moviedb: Moviedb) -> None:
    done = moviedb("migrate", DATABASE_URL="films")
    assert done.returncode == 2
    assert one_line(done).startswith("DATABASE_URL should be sqlite:///")


def test_settings_that_are_not_there_are_named(moviedb: Moviedb) -> None:
    done = moviedb("migrate", DJANGO_SETTINGS_MODULE="settings.nowhere")
    assert done.returncode == 2
    assert one_line(done) == "the settings can't be loaded: No module named 'settings.nowhere'"


def test_a_data_directory_that_cannot_be_made_is_named(moviedb: Moviedb, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    place = str(tmp_path / "file" / "data")
    done = moviedb("check", DATA_DIR=place, SECRET_KEY="", DJANGO_SETTINGS_MODULE="settings.development")
    assert (done.returncode, one_line(done)) == (1, f"{place}: Not a directory")


def test_the_doctor_works_without_a_data_directory(moviedb: Moviedb, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    place = str(tmp_path / "file" / "data")
    done = moviedb("doctor", DATA_DIR=place, SECRET_KEY="", DJANGO_SETTINGS_MODULE="settings.development")
    assert (done.returncode, done.stderr) == (1, "")
    assert f"error   settings: {place}: Not a directory" in done.stdout


def test_a_database_that_is_away_is_told_in_one_line(moviedb: Moviedb) -> None:
    done = moviedb("migrate", DATABASE_URL="postgres://ann:a-secret@127.0.0.1:1/films")
    assert done.returncode == 1
    assert one_line(done).startswith("the database says: connection")
    assert "a-secret" not in done.stderr


def test_a_database_without_tables_says_what_to_do(moviedb: Moviedb, tmp_path: Path) -> None:
    done = moviedb("createadmin", DATA_DIR=str(tmp_path / "new"), DATABASE_URL=f"sqlite:///{tmp_path}/new.sqlite3")
    assert done.returncode == 1
    assert one_line(done).endswith("run `moviedb migrate`")


def test_a_superuser_is_made_once(moviedb: Moviedb) -> None:
    assert "superuser ann made, password: " in moviedb("createadmin", "--username", "ann").stdout
    done = moviedb("createadmin", "--username", "ann")
    assert (done.returncode, one_line(done)) == (1, "there is a user named 'ann' already")


def test_the_doctor_works_without_settings(moviedb: Moviedb) -> None:
    done = moviedb("doctor", PORT="eighty", WEB_CONCURRENCY="4")
    assert (done.returncode, done.stderr) == (1, "")
    assert "error   settings: PORT should be a whole number" in done.stdout
    assert "warning environment: WEB_CONCURRENCY is set" in done.stdout


def test_the_doctor_works_without_a_settings_module(moviedb: Moviedb) -> None:
    done = moviedb("doctor", DJANGO_SETTINGS_MODULE="settings.nowhere")
    assert (done.returncode, done.stderr) == (1, "")
    assert "error   settings: the settings can't be loaded" in done.stdout


def test_the_doctor_works_without_a_database(moviedb: Moviedb) -> None:
    done = moviedb("doctor", DATABASE_URL="postgres://127.0.0.1:1/films")
    assert (done.returncode, done.stderr) == (1, "")
    assert "error   the database says: " in done.stdout


def test_the_doctor_is_content_with_a_good_set_up(moviedb: Moviedb) -> None:
    done = moviedb("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout


def test_a_reader_who_goes_away_is_no_fault(data_dir: Path) -> None:
    """As in `moviedb help | head -1`."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "moviedb", "help"],
        check=False, cwd=ROOT, env=environment(data_dir), stdout=writing, stderr=subprocess.PIPE, timeout=60,
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_an_unknown_command_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["paint"]) == 2
    assert capsys.readouterr().err == "moviedb: there is no command 'paint'; `moviedb help` lists them\n"


@pytest.mark.parametrize(
    "words, fault",
    [
        (["serve", "--colour"], "unrecognized arguments: --colour"),
        (["serve", "--port", "65536"], "argument --port: should be a whole number from 0 to 65535; it is '65536'"),
        (["serve", "--port"], "argument --port: expected one argument"),
        (["serve", "8000"], "unrecognized arguments: 8000"),
    ],
)
def test_a_bad_argument_is_one_line(words: list[str], fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err == f"moviedb: {fault}; see `moviedb help serve`\n"


def test_the_arguments_of_the_process_are_the_default(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["moviedb", "version"])
    assert main() == 0
    assert capsys.readouterr().out.strip()


def test_help_names_our_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "--commands"]) == 0
    assert {"serve", "createadmin", "doctor", "import", "release", "migrate"} <= set(capsys.readouterr().out.split())


def test_with_traceback_whatever_goes_wrong_is_raised() -> None:
    with pytest.raises(CommandError):
        main(["paint", "--traceback"])


@pytest.mark.parametrize(
    "error, code, line",
    [
        (SettingsError(["PORT is odd", "HOST is even"]), 2, "moviedb: PORT is odd\nmoviedb: HOST is even\n"),
        (CommandError("no such film", returncode=7), 7, "moviedb: no such film\n"),
        (Clash("the slug is taken"), 1, "moviedb: the slug is taken\n"),
        (StartError("not today"), 1, "moviedb: not today\n"),
        (OperationalError("server closed\nmore"), 1, "moviedb: the database says: server closed\n"),
        (FileNotFoundError(2, "No such file or directory", "films.json"), 1,
         "moviedb: films.json: No such file or directory\n"),
        (TimeoutError("too late"), 1, "moviedb: too late\n"),
    ],
)  # fmt: skip
def test_each_kind_of_fault_has_its_line_and_code(
    error: Exception, code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failed(error, command="import") == code
    assert capsys.readouterr().err == line


def test_a_fault_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        failed(ZeroDivisionError("division by zero"), command="import")


def test_an_interrupted_command_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("moviedb.__main__.run", interrupted)
    assert main(["serve"]) == 130
    assert capsys.readouterr().err == ""
