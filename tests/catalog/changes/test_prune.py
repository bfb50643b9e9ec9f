"""What is cut off from the log's beginning, and how a reader learns that it came too late."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from catalog import changes
from catalog.changes import feed, migrating, surrogates
from catalog.changes.models import Change, ChangeLog
from catalog.errors import Gone
from tests.catalog.changes.log import film
from tests.catalog.changes.sessions import in_another_process, postgresql_session

pytestmark = pytest.mark.django_db(transaction=True)

MONTH = timedelta(days=30)


def grown(number: int) -> list[str]:
    """The positions before each of so many new rows."""
    positions = []
    for each in range(number):
        positions.append(changes.position())
        film(title=f"Film {each}")
    return positions


def age() -> None:
    """Make all rows that there are older than a month."""
    Change.objects.update(at=timezone.now() - timedelta(days=31))


def test_what_is_old_is_deleted_and_what_is_young_stays() -> None:
    grown(3)
    age()
    grown(2)
    changes.prune(MONTH)
    young = Change.objects.filter(at__gte=timezone.now() - MONTH)
    assert young.count() == 2
    assert Change.objects.count() - 2 <= 1, "of the old ones SQLite keeps the last as a place"


def test_in_batches_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "PRUNED_ROWS", 2)
    grown(5)
    age()
    before = Change.objects.count()
    grown(1)
    pruned = changes.prune(MONTH)
    assert before - pruned == (1 if connection.vendor == "sqlite" else 0)
    assert changes.prune(MONTH) == 0


@pytest.mark.contract("changes.pruned")
def test_a_position_before_the_cut_is_expired_and_everything_counts_as_changed() -> None:
    positions = grown(3)
    age()
    assert not any(map(changes.expired, positions))
    grown(1)
    changes.prune(MONTH)
    assert all(map(changes.expired, positions))
    assert changes.changed_since(positions[-1]) == changes.ALL


def test_a_reader_who_had_read_to_the_end_goes_on() -> None:
    grown(2)
    age()
    end = changes.position()
    late = film()
    changes.prune(MONTH)
    assert not changes.expired(end)
    assert f"film/{late.pk}" in changes.changed_since(end)


def test_an_idle_log_is_pruned_and_its_end_still_known() -> None:
    grown(2)
    age()
    end = changes.position()
    changes.prune(timedelta(0))
    assert not changes.expired(end)
    assert changes.changed_since(end) == {surrogates.LOG_CUT}, "the films are what they were"
    assert not changes.changed_since(changes.position())


def test_the_beginning_of_an_empty_log_is_a_position_until_it_is_pruned() -> None:
    Change.objects.all().delete()
    start = changes.position()
    grown(3)
    assert not changes.expired(start)
    age()
    grown(1)
    changes.prune(MONTH)
    assert changes.expired(start)


def test_a_pruned_log_is_so_after_a_migration_too() -> None:
    positions = grown(3)
    age()
    grown(1)
    changes.prune(MONTH)
    migrating.renew(connection)
    assert changes.expired(positions[0])
    assert ChangeLog.objects.get().pruned > 0


def test_a_position_of_another_life_is_expired() -> None:
    position = changes.position()
    assert not changes.expired(position)
    migrating.renew(connection, epoch="another")
    assert changes.expired(position)


@pytest.mark.parametrize("token", ["", "x", "~~", "a~b", "a~0~1:2:/x", "a~0~9:1:"])
def test_what_is_no_position_is_refused(token: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the token is all that there is to say
        changes.expired(token)


@pytest.mark.parametrize("rows", ["WHERE id = (SELECT max(id) FROM catalog_change)", "WHERE entity = 'film'", ""])
def test_unread_rows_that_somebody_deletes_by_hand_may_have_told_of_anything(rows: str) -> None:
    film()
    position = changes.position()
    feed_position = feed.end()
    film(title="Ran")
    in_another_process(f"DELETE FROM catalog_change {rows}")  # noqa: S608  ours
    assert changes.changed_since(position) == changes.ALL
    with pytest.raises(Gone):
        feed.since(feed_position, 10)


def test_a_log_that_lost_its_last_row_goes_on() -> None:
    film()
    in_another_process("DELETE FROM catalog_change WHERE id = (SELECT max(id) FROM catalog_change)")
    position = changes.position()
    assert changes.changed_since(position) == frozenset()
    late = film(title="Ran")
    assert f"film/{late.pk}" in changes.changed_since(position)


def test_a_log_that_is_truncated_is_cut_off_for_mirrors_too() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite knows no TRUNCATE")
    position = feed.end()
    film()
    in_another_process("TRUNCATE catalog_change CASCADE")
    with pytest.raises(Gone):
        feed.since(position, 10)


def test_what_a_running_transaction_may_have_written_stays() -> None:
    """Its rows are older than their commit: nobody can have read them yet."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer")
    with postgresql_session() as slow:
        slow.execute("INSERT INTO catalog_genre (name, slug) VALUES ('slow', 'slow')")
        position = changes.position()
        grown(1)
        age()
        changes.prune(MONTH)
        slow.commit()
    assert not changes.expired(position)
    assert "genres" in changes.changed_since(position)


def test_a_restored_dump_has_no_news_from_transactions_to_come() -> None:
    """Its rows bear the ids that another server gave, which may be far ahead of this one's."""
    if connection.vendor != "postgresql":
        pytest.skip("a SQLite file brings its ids along")
    film()
    Change.objects.update(xid=10**12)
    ChangeLog.objects.update(pruned=10**12)
    assert changes.changed_since(changes.position()) == changes.ALL
    migrating.mend()
    assert changes.changed_since(position := changes.position()) == frozenset()
    late = film(title="Ran")
    assert f"film/{late.pk}" in changes.changed_since(position)
