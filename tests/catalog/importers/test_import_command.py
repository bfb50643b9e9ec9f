"""`moviedb import` says in one line what it did or why it did nothing, and does nothing by halves."""

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction

from catalog.importers.writer import Writer, keep_others_out
from catalog.models import Film, Person
from tests.catalog.importers.conftest import Imported, Written
from tests.catalog.importers.rows import row

pytestmark = pytest.mark.django_db

CUT_SHORT = gzip.compress(json.dumps([row(f"Film {number}") for number in range(3000)]).encode())[:-40]
ROOT = Path(__file__).resolve().parents[3]


def refusal(path: Path) -> str:
    """What the command says when it refuses a file."""
    with pytest.raises(CommandError) as refused:
        call_command("import", "wikipedia", str(path), stdout=StringIO(), stderr=StringIO())
    assert refused.value.returncode == 1
    return str(refused.value)


def test_a_packed_file_is_taken_too(written: Written) -> None:
    call_command("import", "wikipedia", str(written(row(), packed=True)), stdout=StringIO())
    assert Film.objects.count() == 1


def test_dirty_rows_are_reported_by_number_and_skipped(imported: Imported) -> None:
    said = imported(row("A"), 7, row("B"), row(""))
    assert sorted(Film.objects.values_list("title", flat=True)) == ["A", "B"]
    assert said == (
        "4 rows: 2 films added, 0 changed, 0 as they were; 2 rows skipped.\n"
        "row 2: Expected `object`, got `int`\n"
        "row 4: has no title\n"
    )


def test_of_many_dirty_rows_the_first_are_listed(imported: Imported) -> None:
    lines = imported(*range(25)).splitlines()
    assert (len(lines), lines[-1]) == (22, "and 5 more rows like these")


def test_an_empty_array_is_no_fault(imported: Imported) -> None:
    assert imported() == "0 rows: 0 films added, 0 changed, 0 as they were.\n"


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"", "is empty."),
        (b'{"title": "Carmen"}', "is not a JSON array of films: it should begin with [."),
        (b"Title,Year\n", "is not a JSON array of films: it should begin with [."),
        (b"   ", "is not a JSON array of films: it should begin with [."),
        (json.dumps([row("A"), row("B")]).encode()[:-20], "is cut short: its JSON ends too early, after row 1."),
        (b'[{"title": "A", "year": 1915}, oh]', "is not JSON: it makes no sense after row 1."),
        (b'[{"title": "A", "year": 1915}] more', "is not JSON: it makes no sense after row 1."),
        (b'[{"title": "\xff", "year": 1915}]', "is not JSON: it makes no sense after row 0."),
        (CUT_SHORT, "is cut short: its gzip data end too early."),
    ],
)
def test_a_file_that_is_no_list_of_films_leaves_nothing(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "films.json"
    path.write_bytes(content)
    assert refusal(path) == f"{path} {reason}"
    assert not Film.objects.exists()


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "absent.json") == f"{tmp_path}/absent.json cannot be opened: No such file or directory."


def test_what_fails_midway_leaves_nothing(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second batch meets a stop by the user; the first is gone with it."""
    batches = []

    def write(self: Writer, records: Any) -> None:
        batches.append(records)
        if len(batches) == 2:
            raise KeyboardInterrupt
        original(self, records)

    original = Writer.write
    monkeypatch.setattr("catalog.importers.wikipedia.BATCH_SIZE", 1)
    monkeypatch.setattr(Writer, "write", write)
    with pytest.raises(CommandError, match=r"^Stopped; nothing was imported\.$") as stopped:
        call_command("import", "wikipedia", str(written(row("A"), row("B"))))
    assert (stopped.value.returncode, Film.objects.count(), Person.objects.count()) == (130, 0, 0)


def test_a_second_import_waits_for_the_first() -> None:
    """SQLite's BEGIN IMMEDIATE does it for every writer; PostgreSQL needs a lock, here with a limit to the wait."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer by itself")

    def second() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '50ms'")
            keep_others_out()

    with transaction.atomic(), ThreadPoolExecutor() as threads:
        keep_others_out()
        with pytest.raises(OperationalError, match="lock timeout"):
            threads.submit(closing_connection(second)).result()


def closing_connection(unit: Callable[[], None]) -> Callable[[], None]:
    """The unit, for another thread, which leaves no connection behind."""

    def run() -> None:
        try:
            unit()
        finally:
            connection.close()

    return run


def test_a_source_must_be_named() -> None:
    with pytest.raises(CommandError, match="SOURCE"):
        call_command("import")


def process(data_dir: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """A command as a process, on a SQLite file of its own."""
    environ = {"DJANGO_SETTINGS_MODULE": "settings.development", "DATA_DIR": str(data_dir)}
    command = [sys.executable, "-m", "django", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environ, input=given, check=False, capture_output=True)


def test_standard_input_is_a_file_too(tmp_path: Path) -> None:
    """As a process, with a pipe: the way of `zcat films.json.gz | moviedb import wikipedia -`."""
    process(tmp_path, "migrate", "-v0")
    done = process(tmp_path, "import", "wikipedia", "-", given=json.dumps([row()]).encode())
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"1 rows: 1 films added, 0 changed, 0 as they were.\n"


def test_a_database_without_tables_says_so(tmp_path: Path) -> None:
    done = process(tmp_path, "import", "wikipedia", "-", given=json.dumps([row()]).encode())
    assert done.returncode == 1
    assert done.stderr.startswith(b"CommandError: Nothing was imported; the database says: no such table")
    assert done.stderr.count(b"\n") == 1
