"""What the log says of films and people themselves, and how their versions rise."""

from collections.abc import Callable
from datetime import timedelta
from time import perf_counter_ns
from typing import Any

import pytest
from django.core import serializers
from django.db import connection
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.changes.models import Change
from catalog.models import Film, Person
from tests.catalog.changes.log import FILM_LINKS, Log, execute, film, person, person_id_row

pytestmark = pytest.mark.django_db


def test_a_published_film_is_created(log: Log) -> None:
    made = film()
    assert log.rows() == [("created", "film", str(made.pk), made.pk, 1)]


def test_an_edit_is_an_update_with_what_differs(log: Log) -> None:
    made = film(title="Ikiru", runtime=143)
    log.mark()
    made.title = "Living"
    made.save()
    (change,) = log.changes()
    assert (change.kind, change.version) == ("updated", 2)
    assert (change.before, change.after) == (
        {"title": "Ikiru", "title_key": "ikiru"},
        {"title": "Living", "title_key": "living"},
    )


def test_a_deleted_film_leaves_a_higher_version_than_any_before(log: Log) -> None:
    made = film()
    film_id = made.pk
    Film.objects.update(title="Living")
    log.mark()
    made.delete()
    assert log.rows() == [("deleted", "film", str(film_id), film_id, 3)]
    assert (log.changes()[0].before or {})["title"] == "Living"


def test_a_save_without_a_change_is_none(log: Log) -> None:
    made = film()
    log.mark()
    before = Film.objects.values().get()
    made.save()
    Film.objects.update(title=F("title"), version=F("version"))
    assert log.rows() == []
    assert Film.objects.values().get() == before


def test_an_old_instance_takes_neither_version_nor_time_back() -> None:
    made = film()
    old = Film.objects.get()
    made.genres.create(name="Drama", slug="drama")
    version = Film.objects.get().version
    old.title = "Living"
    old.save()
    assert Film.objects.get().version == version + 1


def test_a_version_that_somebody_sets_back_rises_all_the_same(log: Log) -> None:
    made = film()
    Film.objects.update(runtime=143)
    log.mark()
    execute("UPDATE catalog_film SET version = 1")
    assert Film.objects.get().version == 3
    assert log.rows() == [("updated", "film", str(made.pk), made.pk, 3)]


def test_a_time_that_somebody_sets_stays_and_is_logged(log: Log) -> None:
    made = film()
    log.mark()
    long_ago = made.updated - timedelta(days=1000)
    Film.objects.update(updated=long_ago)
    assert Film.objects.values_list("updated", "version").get() == (long_ago, 2)
    assert log.rows() == [("updated", "film", str(made.pk), made.pk, 2)]


def test_nothing_has_changed_before_it_was_made() -> None:
    made = film()
    [many] = Film.objects.bulk_create([Film(title="Solaris")])
    assert made.created <= made.updated
    assert many.created <= many.updated


MAKES: list[Callable[[], Any]] = [film, person]
WRITES: dict[str, Callable[[Any], object]] = {
    "save": lambda row: type(row).objects.get(pk=row.pk).save(),
    "update": lambda row: type(row).objects.filter(pk=row.pk).update(version=F("version") + 1),
    "raw": lambda row: execute(RAW[type(row)]),
    "link": lambda row: LINKS[type(row)](row),
}
RAW: dict[type[Any], str] = {
    Film: "UPDATE catalog_film SET title = title || '.'",
    Person: "UPDATE catalog_person SET name = name || '.'",
}
LINKS: dict[type[Any], Callable[[Any], object]] = {
    Film: FILM_LINKS["cast"],
    Person: lambda row: row.external_ids.update_or_create(source="tmdb", defaults={"value": str(perf_counter_ns())}),
}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(make=st.sampled_from(MAKES), steps=st.lists(st.sampled_from(sorted(WRITES)), max_size=4))
@pytest.mark.usefixtures("db")
def test_whoever_writes_no_row_has_changed_before_it_was_made(make: Callable[[], Any], steps: list[str]) -> None:
    """Within the millisecond in which it was made, and in the transaction that made it."""
    made = make()
    for step in steps:
        WRITES[step](made)
        made.refresh_from_db()
        assert made.created <= made.updated, step


def test_a_change_moves_the_time_of_change() -> None:
    made = film(updated="2001-01-01T00:00:00Z")
    Film.objects.update(runtime=143)
    after = Film.objects.get().updated
    assert after >= made.created
    # Equal as texts too, which SQLite compares.
    assert Film.objects.filter(updated=after).exists()


@pytest.mark.parametrize(
    "write",
    [
        lambda: Film.objects.update(runtime=90),
        lambda: Film.objects.bulk_update([Film(pk=Film.objects.get().pk, runtime=90)], ["runtime"]),
        lambda: execute("UPDATE catalog_film SET runtime = 90"),
    ],
    ids=["update", "bulk_update", "raw"],
)
def test_every_way_of_changing_is_seen(log: Log, write: Any) -> None:
    film()
    log.mark()
    write()
    assert log.told() == [("updated", "film")]
    assert Film.objects.get().version == 2


def test_films_made_in_bulk_are_all_seen(log: Log) -> None:
    Film.objects.bulk_create(Film(title=f"Film {number}", published=True) for number in range(3))
    assert log.told() == [("created", "film")] * 3


def test_a_draft_is_never_named(log: Log) -> None:
    draft = film(published=False)
    Film.objects.update(title="Living")
    draft.genres.create(name="Drama", slug="drama")
    draft.genres.clear()
    draft.delete()
    assert {kind for kind, entity in log.told() if entity != "genre"} == {"draft"}


def test_publishing_is_created_and_taking_back_is_deleted(log: Log) -> None:
    film(published=False)
    log.mark()
    Film.objects.update(published=True)
    Film.objects.update(published=False)
    assert log.told() == [("created", "film"), ("deleted", "film")]
    assert [change.version for change in log.changes()] == [2, 3]


def test_a_person_has_versions_too(log: Log) -> None:
    somebody = person()
    Person.objects.update(birth_date="1905-03-12", birth_precision="day")
    somebody.delete()
    assert [(kind, version) for kind, *_, version in log.rows()] == [("created", 1), ("updated", 2), ("deleted", 3)]


def test_an_id_of_a_person_raises_the_persons_version(log: Log) -> None:
    somebody = person()
    log.mark()
    row = person_id_row(somebody)
    row.value = "nm1"
    row.save()
    row_id = row.pk
    row.delete()
    key = str(somebody.pk)
    assert log.rows() == [("updated", "person", key, None, version) for version in (2, 3, 4)]
    assert Person.objects.get().version == 4
    told = {"id": row_id, "person_id": somebody.pk, "source": "imdb", "value": "nm1"}
    assert log.changes()[-1].before == {"person_external_id": told}
    assert [(each.before is None, each.after is None) for each in log.changes()] == [
        (True, False),
        (False, False),
        (False, True),
    ]


def test_a_dump_of_the_log_can_be_loaded(log: Log) -> None:
    """Django's dumpdata and loaddata, and its tests that restore what migrations had written."""
    film()
    (change,) = log.changes()
    (again,) = serializers.deserialize("json", serializers.serialize("json", [change]))
    again.save()
    assert [row.xid for row in log.changes()] == [change.xid]
    assert log.changes() == list(Change.objects.filter(xid=change.xid, film_id=change.film_id))


def test_a_row_that_replaces_another_is_seen(log: Log) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("INSERT OR REPLACE is SQLite's")
    execute("INSERT INTO catalog_genre (id, name, slug) VALUES (7, 'Drama', 'drama')")
    log.mark()
    execute("INSERT OR REPLACE INTO catalog_genre (id, name, slug) VALUES (7, 'Dramas', 'drama')")
    assert log.told() == [("deleted", "genre"), ("created", "genre")]
