"""`moviedb get`: an answer of the API without a server."""

import json
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Film
from moviedb.inprocess import Head
from moviedb.management.commands.get import Printer
from server.lifespan import Refused
from tests.moviedb.process import Moviedb

Captured = pytest.CaptureFixture[bytes]
JSON = Head(200, (("content-type", "application/json"),))


@pytest.fixture
def film(file: Path) -> Film:
    """A published film with an external id, in a database of its own."""
    assert file.exists()
    film = Film.objects.create(title="Stalker", year=1979, published=True)
    film.external_ids.create(source="imdb", value="tt0079944")
    return film


def test_an_answer_is_printed_as_the_server_gives_it(film: Film, capsysbinary: Captured) -> None:
    call_command("get", "/api/movies?fields=id,title")
    assert json.loads(capsysbinary.readouterr().out)["data"] == [{"id": film.pk, "title": "Stalker"}]


def test_an_external_id_is_followed(film: Film, capsysbinary: Captured) -> None:
    call_command("get", "/api/movies/imdb:tt0079944?fields=id")
    assert json.loads(capsysbinary.readouterr().out) == {"id": film.pk}


def test_what_people_type_is_encoded(film: Film, capsysbinary: Captured) -> None:
    call_command("get", "/api/movies?title__startswith=Stälker&fields=id")
    assert json.loads(capsysbinary.readouterr().out)["data"] == [{"id": film.pk}]


def test_headers_are_shown_and_sent(film: Film, capsysbinary: Captured) -> None:
    call_command("get", "-i", f"/api/movies/{film.pk}", "-H", "X-Request-ID: mine")
    head = capsysbinary.readouterr().out.partition(b"\n\n")[0].decode()
    assert head.startswith("HTTP/1.1 200 OK\n")
    assert "x-request-id: mine" in head
    assert "etag: " in head


def test_head_shows_headers_alone(film: Film, capsysbinary: Captured) -> None:
    call_command("get", "-I", f"/api/movies/{film.pk}")
    assert capsysbinary.readouterr().out.endswith(b"\n\n")


@pytest.mark.parametrize("words,code", [(["/api/movies/99"], 4), (["/api/movies", "--token", "mdb_nonsense"], 4)])
def test_the_exit_code_tells_of_a_problem(film: Film, capsysbinary: Captured, words: list[str], code: int) -> None:
    assert film.pk != 99
    with pytest.raises(SystemExit) as ended:
        call_command("get", *words)
    assert ended.value.code == code
    assert json.loads(capsysbinary.readouterr().out)["type"].startswith("/api/problems/")


@pytest.mark.parametrize(
    "words,fault",
    [
        (["/admin/"], "begins with /api"),
        (["/apis"], "begins with /api"),
        (["/api", "-H", "nonsense"], "'Name: value'"),
        (["/api", "-H", "X: a\nY: b"], "'Name: value'"),
    ],
)
def test_what_is_no_request_is_refused(words: list[str], fault: str) -> None:
    with pytest.raises(CommandError, match=fault) as refused:
        call_command("get", *words)
    assert refused.value.returncode == 2


def test_a_question_makes_no_database(new_file: Path) -> None:
    with pytest.raises(CommandError, match="moviedb migrate"):
        call_command("get", "/api")
    assert not new_file.exists()


def test_a_question_migrates_nothing(new_file: Path) -> None:
    new_file.parent.mkdir(parents=True)
    new_file.touch()
    with pytest.raises(Refused, match="waits for migrations"):
        call_command("get", "/api")


@pytest.mark.parametrize(
    "terminal,parts,printed",
    [
        (True, [b'{"id":', b"1}"], b'{\n  "id": 1\n}\n'),
        (False, [b'{"id":', b"1}"], b'{"id":1}'),
        (True, [b""], b""),
    ],
)
def test_json_is_indented_for_people(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: Captured, terminal: bool, parts: list[bytes], printed: bytes
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    printer = Printer(heads=False)
    for index, part in enumerate(parts, 1):
        printer.heard(JSON, part, index < len(parts))
    assert capsysbinary.readouterr().out == printed


def test_the_command_runs_as_a_process(moviedb: Moviedb) -> None:
    done = moviedb("get", "/api")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["links"]["docs"] == "/api/docs"
