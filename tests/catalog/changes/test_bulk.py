"""Writing much at once: one row for the whole, and nobody can leave the triggers silent."""

from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from catalog import changes
from catalog.changes.models import BulkGuard
from catalog.importers import sample, sample_file
from catalog.models import CastCredit, Film, Genre
from tests.catalog.changes.log import Log, execute, film, person

pytestmark = pytest.mark.django_db


def test_a_bulk_is_one_row(log: Log) -> None:
    with changes.bulk():
        made = film()
        made.genres.create(name="Drama", slug="drama")
        Film.objects.update(title="Living")
        CastCredit.objects.create(film=made, person=person())
        made.delete()
    assert log.told() == [("reset", "catalogue")]


def test_a_bulk_that_writes_nothing_is_no_change(log: Log) -> None:
    with changes.bulk():
        assert not Film.objects.exists()
    assert log.rows() == []


def test_versions_are_the_callers_in_a_bulk() -> None:
    made = film()
    with changes.bulk():
        Film.objects.update(title="Living")
        made.genres.create(name="Drama", slug="drama")
    assert Film.objects.get().version == 1


def test_a_bulk_in_a_bulk_is_part_of_it(log: Log) -> None:
    with changes.bulk():
        with changes.bulk():
            film()
        film(title="Ran")
    assert log.told() == [("reset", "catalogue")]


def test_the_triggers_speak_again_after_a_bulk(log: Log) -> None:
    with changes.bulk():
        film()
    film(title="Ran")
    assert log.told() == [("reset", "catalogue"), ("created", "film")]


def test_the_triggers_speak_again_after_a_bulk_that_failed(log: Log) -> None:
    twice = [Genre(name="Drama", slug="drama") for _ in range(2)]
    with pytest.raises(IntegrityError), changes.bulk():
        Genre.objects.bulk_create(twice)
    film()
    assert log.told() == [("created", "film")]


def test_an_import_is_one_row(log: Log) -> None:
    films = sample_file.read(Path(sample_file.SAMPLE))
    sample.load(films[:5])
    assert log.told() == [("reset", "catalogue")]
    assert set(Film.objects.values_list("version", flat=True)) == {1}


def test_an_import_that_brings_nothing_is_no_change(log: Log) -> None:
    films = sample_file.read(Path(sample_file.SAMPLE))[:3]
    sample.load(films)
    log.mark()
    sample.load(films)
    assert log.rows() == []


@pytest.mark.django_db(transaction=True)
def test_a_silence_that_is_left_on_cannot_be_committed() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's silence ends with the transaction")
    with pytest.raises(IntegrityError, match="FOREIGN KEY"), transaction.atomic():
        execute("INSERT INTO catalog_bulkguard (change_id) VALUES (0)")
    assert not BulkGuard.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_silence_ends_with_its_transaction(log: Log) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("on SQLite it cannot be committed")
    with transaction.atomic():
        execute("SELECT set_config('catalog.bulk', 'on', true)")
    film()
    assert log.told() == [("created", "film")]


def test_a_stamp_says_who_and_in_which_request(log: Log) -> None:
    film()
    with changes.stamped(actor="ann", request_id="r-1"):
        film(title="Ran")
    film(title="Living")
    assert [(row.actor, row.request_id) for row in log.changes()] == [(None, None), ("ann", "r-1"), (None, None)]


def test_a_stamp_that_is_too_long_is_cut(log: Log) -> None:
    with changes.stamped(actor="a" * 300, request_id="r" * 300):
        film()
    (row,) = log.changes()
    assert (len(row.actor or ""), len(row.request_id or "")) == (200, 64)


def test_a_stamp_within_a_stamp_keeps_its_own(log: Log) -> None:
    with changes.stamped(actor="ann"):
        film()
        with changes.stamped(actor="bob"):
            film(title="Ran")
        film(title="Living")
    assert [row.actor for row in log.changes()] == ["ann", "bob", "ann"]
