"""The whole of wikipedia-movie-data: 36,273 rows, in which 19 films stand twice, are 36,254 films."""

import gzip
import json
import random
from io import StringIO
from pathlib import Path

import ijson
import pytest
from django.core.management import call_command

from catalog.importers.report import Report
from catalog.importers.source import opened
from catalog.importers.wikipedia import survey
from catalog.models import CastCredit, Film, FilmExternalId
from tests.catalog.importers.conftest import Written
from tests.catalog.importers.rows import Row

ROWS, FILMS = 36_273, 36_254


@pytest.fixture(scope="module")
def rows(wikipedia_file: Path) -> list[Row]:
    return list(ijson.items(gzip.open(wikipedia_file), "item"))


def facts(row: Row) -> tuple[str, int, str | None]:
    return row["title"], row["year"], row.get("href")


def test_every_row_makes_sense_and_19_tell_of_a_film_again(wikipedia_file: Path) -> None:
    report = Report()
    with opened(str(wikipedia_file)) as source:
        keys = survey(source, report, track=lambda items, **_: iter(items))
    assert (report.rows, report.skipped, len(keys), report.repeats) == (ROWS, 0, FILMS, ROWS - FILMS)


def test_rows_that_are_joined_agree_in_title_year_and_page(rows: list[Row]) -> None:
    """The 7 equal rows, 11 that differ in cast or genres alone, and one film without a page."""
    assert len({facts(row) for row in rows}) == FILMS
    assert ROWS - len({json.dumps(row, sort_keys=True) for row in rows}) == 7


@pytest.mark.django_db
def test_each_film_is_imported_once(wikipedia_file: Path, rows: list[Row]) -> None:
    """All of the file, then a shuffled tenth of it again, which brings nothing new."""
    call_command("import", "wikipedia", str(wikipedia_file), stdout=StringIO())
    assert Film.objects.filter(published=True).count() == FILMS
    assert Film.objects.filter(title="Carmen", year=1915).count() == 2
    assert FilmExternalId.objects.count() == len({href for row in rows if (href := row.get("href"))}) - 137
    assert CastCredit.objects.filter(person__name__in=["will.i.am", "U2", "X"]).count() == 6


@pytest.mark.django_db
def test_a_shuffled_part_of_the_file_changes_nothing(rows: list[Row], written: Written) -> None:
    part = [row for row in rows if row["year"] in {1918, 1922, 2021}]
    call_command("import", "wikipedia", str(written(*part)), stdout=StringIO())
    before = set(Film.objects.values_list("id", "version"))
    said = StringIO()
    random.Random(7).shuffle(part)  # noqa: S311  an order, not a secret
    call_command("import", "wikipedia", str(written(*part)), stdout=said)
    assert set(Film.objects.values_list("id", "version")) == before
    assert ": 0 films added, 0 changed, " in said.getvalue()
