"""A mirror that reads the changes to the end equals the catalogue."""

import random

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from catalog import changes, selectors
from catalog.changes import feed, migrating, places
from catalog.changes.models import ChangeLog
from catalog.errors import Gone, Invalid
from catalog.models import Film, Genre, Person
from catalog.selectors.changes import ChangedState, ChangePage
from catalog.values import FILM_FIELDS
from tests.catalog.changes.log import film, named, person
from tests.catalog.changes.mirror import Mirror, catalogue
from tests.catalog.changes.sessions import in_another_process, postgresql_session
from tests.catalog.changes.test_positions import only_on
from tests.catalog.changes.writers import edit, writing

pytestmark = pytest.mark.django_db(transaction=True)


def told(page: ChangePage) -> list[tuple[str, int, str, int]]:
    return [(each.entity, each.id, each.kind, each.version) for each in page.changes]


def end() -> str:
    return selectors.changes(None, 1).position


def after(position: str, limit: int = 100) -> ChangePage:
    return selectors.changes(position, limit)


def only(page: ChangePage) -> ChangedState:
    (change,) = page.changes
    return change


def test_nothing_has_changed_since_the_end_and_the_position_stays() -> None:
    position = end()
    assert after(position) == ChangePage([], position)


def test_a_new_film_is_created_and_comes_with_its_state() -> None:
    position = end()
    made = film()
    page = after(position)
    assert told(page) == [("film", made.pk, "created", 1)]
    assert only(page).state == selectors.films_by_id([made.pk], FILM_FIELDS)[made.pk]


@pytest.mark.contract("changes.state")
def test_a_film_with_many_changes_comes_once_with_its_last_version() -> None:
    made = film()
    position = end()
    for title in ("Living", "To Live"):
        Film.objects.update(title=title)
    made.genres.add(named("genre"))
    assert told(after(position)) == [("film", made.pk, "updated", 4)]


def test_a_deleted_film_is_a_tombstone_above_every_version_before() -> None:
    made = film()
    made.genres.add(named("genre"))
    position = end()
    version = Film.objects.get().version
    Film.objects.get().delete()
    (_, film_id, kind, last) = told(after(position))[0]
    assert (film_id, kind) == (made.pk, "deleted")
    assert last > version


def test_a_draft_is_never_named() -> None:
    position = end()
    draft = film(published=False)
    Film.objects.update(title="Living")
    draft.genres.add(named("genre"))
    draft.delete()
    assert after(position).changes == []


def test_publishing_is_created_and_taking_back_is_deleted() -> None:
    draft = film(published=False)
    position = end()
    Film.objects.update(published=True)
    assert only(after(position)).kind == "created"
    position = end()
    Film.objects.update(published=False)
    assert told(after(position)) == [("film", draft.pk, "deleted", 3)]
    assert only(after(position)).state is None


@pytest.mark.contract("changes.order")
def test_a_tombstone_read_early_already_has_the_version_of_the_deletion() -> None:
    """On the page that ends before the deletion's own row."""
    film()
    position = end()
    person()
    Film.objects.update(title="Living")
    Film.objects.all().delete()
    rows = [*feed.since(position, 1).changed, *feed.since(feed.since(position, 1).position, 1).changed]
    assert len(rows) == 2
    page = after(after(position, 1).position, 1)
    assert told(page)[0][2:] == ("deleted", 3)


def test_people_come_and_go_too() -> None:
    position = end()
    made = person()
    assert told(after(position)) == [("person", made.pk, "created", 1)]
    position = end()
    Person.objects.update(name="Shimura")
    assert only(after(position)).state.name == "Shimura"  # type: ignore[union-attr]
    Person.objects.all().delete()
    assert only(after(position)).kind == "deleted"


def test_a_genre_of_a_new_name_changes_the_films_that_show_it() -> None:
    made = film()
    made.genres.add(named("genre"))
    position = end()
    Genre.objects.update(name="Tragedy")
    assert told(after(position)) == [("film", made.pk, "updated", 3)]


def test_a_bulk_import_is_a_reset_and_lists_nothing() -> None:
    position = end()
    film()
    with changes.bulk():
        film(title="Ran")
    page = after(position)
    assert (page.reset, page.changes, page.more) == (True, [], False)
    assert after(page.position) == ChangePage([], page.position)


def test_another_process_is_seen() -> None:
    made = film()
    position = end()
    in_another_process("UPDATE catalog_film SET title = 'Living'")
    assert told(after(position)) == [("film", made.pk, "updated", 2)]


def test_pages_end_where_a_further_film_would_begin() -> None:
    position = end()
    films = [film(title=str(number)) for number in range(3)]
    Film.objects.filter(pk=films[0].pk).update(title="again")
    page = after(position, 2)
    assert ([each.id for each in page.changes], page.more) == ([films[0].pk, films[1].pk], True)
    page = after(page.position, 2)
    assert sorted(each.id for each in page.changes) == [films[0].pk, films[2].pk]
    assert after(page.position) == ChangePage([], page.position)


def test_the_scan_ends_though_one_film_has_thousands_of_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "SCAN_ROWS", (3, 3))
    mirror = Mirror()
    film()
    for number in range(8):
        Film.objects.update(title=str(number))
    assert mirror.read_to_the_end(10) == catalogue()


@pytest.mark.parametrize("text", ["0" * 12 + "~", "x", "~", "a~1.1", "z" * 12 + "~1.1", "0" * 12 + "~" + "1" * 4000])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="no position"):
        after(text)


@pytest.mark.parametrize(
    "place", ["1", "a", "1:2", "5:1:", "9:9:9_9", "1.2.3", "1:1:_1:1:_1", "0:1:", "1:1:_", "5:9:8,7"]
)
def test_a_place_of_this_life_that_makes_no_sense_is_refused(place: str) -> None:
    life = end().partition("~")[0]
    with pytest.raises((Invalid, Gone)):
        after(f"{life}~{place}")


def test_a_position_of_another_life_is_gone() -> None:
    position = end()
    migrating.renew(connection, epoch="after the restore")
    with pytest.raises(Gone, match="earlier life"):
        after(position)


def test_a_position_of_another_copy_is_gone() -> None:
    film()
    life, _, place = end().partition("~")
    ahead = "999999.1" if connection.vendor == "sqlite" else "99999999:99999999:"
    with pytest.raises(Gone, match="another copy"):
        after(f"{life}~{ahead}")
    assert place != ahead


def test_a_closed_log_can_not_be_read() -> None:
    position = end()
    ChangeLog.objects.update(open=False)
    for asked in (position, None):
        with pytest.raises(ConnectionError, match="closed"):
            selectors.changes(asked, 1)


def test_a_page_takes_a_fixed_number_of_queries(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    position = end()
    for number in range(30):
        film(title=str(number)), person(str(number))
    Film.objects.filter(title="7").delete()
    Person.objects.filter(name="7").delete()
    with django_assert_max_num_queries(7):
        assert len(after(position).changes) == 60


@pytest.mark.contract("changes.gapless")
def test_a_lower_id_that_commits_later_is_told_later() -> None:
    only_on("postgresql")
    first, second = film(), film()
    mirror = Mirror()
    with postgresql_session() as slow, postgresql_session() as quick:
        slow.execute("UPDATE catalog_film SET title = 'slow' WHERE id = %s", [first.pk])
        quick.execute("UPDATE catalog_film SET title = 'quick' WHERE id = %s", [second.pk])
        quick.commit()
        assert mirror.read_to_the_end(10) == catalogue()
        slow.commit()
    assert mirror.read_to_the_end(10) == catalogue()
    assert mirror.known["film", first.pk] == (2, "slow")


def test_a_long_transaction_holds_nothing_back() -> None:
    only_on("postgresql")
    with postgresql_session() as writer:
        writer.execute("SELECT pg_current_xact_id()")
        position = end()
        made = film()
        assert told(after(position)) == [("film", made.pk, "created", 1)]


def test_a_commit_amid_a_walk_is_told_after_it() -> None:
    """A walk has its end from its first page on: what commits meanwhile, wherever it stands, comes after that."""
    only_on("postgresql")
    mirror = Mirror()
    with postgresql_session() as slow:
        slow.execute("INSERT INTO catalog_genre (name, slug) VALUES ('a', 'a')")
        slow.execute("UPDATE catalog_person SET name = 'never'")
        slow.execute(
            "INSERT INTO catalog_person (name, name_key, version, created, updated) VALUES ('x', 'x', 1, now(), now())"
        )
        films = [film(title=str(number)) for number in range(3)]
        assert mirror.read(1)
        slow.commit()
    assert len(films) == 3
    assert mirror.read_to_the_end(1) == catalogue()


def test_a_snapshot_of_many_transactions_is_kept_short(monkeypatch: pytest.MonkeyPatch) -> None:
    only_on("postgresql")
    monkeypatch.setattr(places, "SNAPSHOT_LENGTH", 12)
    with postgresql_session() as writer:
        writer.execute("SELECT pg_current_xact_id()")
        mirror = Mirror()
        film()
        assert mirror.read_to_the_end(10) == catalogue()
        writer.commit()
    assert mirror.read_to_the_end(10) == catalogue()


@pytest.mark.contract("changes.gapless", "changes.order")
@pytest.mark.parametrize("seed, limit", [(1, 1), (2, 3), (3, 10_000)])
def test_a_mirror_beside_writers_equals_the_catalogue(seed: int, limit: int) -> None:
    chance = random.Random(seed)  # noqa: S311  an order, not a secret
    named("genre"), Genre.objects.create(name="Noir", slug="noir")
    for number in range(8):
        film(title=str(number)), person(str(number))
    mirror = Mirror()
    with writing(seed, writers=3, transactions=8) as at_work:
        while at_work():
            mirror.read(limit)
    assert mirror.read_to_the_end(limit) == catalogue()
    with transaction.atomic():
        edit(chance)
    assert mirror.read_to_the_end(limit) == catalogue()
