"""`moviedb serve` as a process: where it listens, what it says, and what stops it before it starts."""

import os
import re
import socket
import urllib.request
from pathlib import Path

import pytest
from django.conf import LazySettings

from moviedb.__main__ import main
from moviedb.management.commands.serve import Command, reason
from tests.moviedb.process import Moviedb


def get(address: str) -> tuple[int, str]:
    with urllib.request.urlopen(address) as answer:
        return answer.status, answer.read().decode()


def test_it_serves_says_where_and_ends_quietly_at_ctrl_c(moviedb: Moviedb) -> None:
    """Without a command, at the environment's port, whatever else the environment tells uvicorn."""
    foreign = {"WEB_CONCURRENCY": "4", "UVICORN_PORT": "1", "FORWARDED_ALLOW_IPS": "*"}
    with moviedb.serving(PORT="0", **foreign) as server:
        status, home = get(f"{server.address}/")
        link = re.search(r"/admin/setup/\S+", server.read_error_until("/admin/setup/"))
        assert link
        form, page = get(server.address + link[0])
    assert (status, form) == (200, 200)
    assert f"{server.address}/api/movies?limit=10" in home
    assert "password2" in page
    assert server.code == 130
    assert "Traceback" not in server.err


def test_a_port_in_use_is_one_line(moviedb: Moviedb) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = moviedb("serve", "--port", str(port))
    assert done.returncode == 1
    assert done.stderr == f"moviedb: can't listen on 127.0.0.1:{port}: Address already in use\n"


def test_an_address_that_is_not_ours_is_one_line(moviedb: Moviedb) -> None:
    done = moviedb("serve", HOST="no such host", PORT="0")
    assert done.returncode == 1
    assert done.stderr.startswith("moviedb: can't listen on no such host:0: ")
    assert done.stderr.count("\n") == 1


def test_a_broken_database_is_one_line(moviedb: Moviedb, data_dir: Path) -> None:
    (data_dir / "moviedb.sqlite3").write_text("words " * 1000)
    done = moviedb("serve", "--port", "0")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("moviedb: the database ")
    assert done.stderr.endswith("is not a SQLite database; move it away, or give another DATABASE_URL\n")


def test_a_postgresql_that_is_away_is_one_line(moviedb: Moviedb) -> None:
    done = moviedb("serve", "--port", "0", DATABASE_URL="postgres://ann:a-secret@127.0.0.1:1/films")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("moviedb: the database says: ")
    assert done.stderr.count("\n") == 1


def test_an_application_that_does_not_start_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("server.config.serve", lambda *_, **__: False)
    assert main(["serve", "--port", "0"]) == 1
    assert capsys.readouterr().err == "moviedb: the server did not start; the lines above say why\n"


def test_the_address_is_said_once_all_is_ready(
    file: Path, settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the port that was found is the one that links name."""
    Command().listening("http://127.0.0.1:8123")
    assert capsys.readouterr().out == "moviedb listens on http://127.0.0.1:8123/ (Ctrl-C ends it)\n"
    assert settings.PORT == 8123


@pytest.mark.parametrize(
    "error, words",
    [
        (OSError(98, "Address already in use (while attempting to bind)"), os.strerror(98)),
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
        (UnicodeError("label too long"), "label too long"),
    ],
)
def test_the_reason_is_told_in_the_systems_words(error: OSError | UnicodeError, words: str) -> None:
    assert reason(error) == words
