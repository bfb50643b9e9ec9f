"""What the log says of what belongs to films, and of the names that films show."""

import pytest
from django.db import models

from catalog.models import CastCredit, Film, Genre, Person, Title
from tests.catalog.changes.log import FILM_LINKS, NAMED, Log, execute, film, named, person

pytestmark = pytest.mark.django_db

OTHER: dict[str, dict[str, object]] = {
    "title": {"title": "To Live"},
    "cast": {"character": "Kanji"},
    "crew": {"job": "Writer"},
    "rating": {"count": 91},
    "film_external_id": {"value": "tt1"},
}
"""Another value for each kind of link that has any."""


def version() -> int:
    return Film.objects.get().version


@pytest.mark.contract("fresh.if_match")
@pytest.mark.parametrize("entity", FILM_LINKS)
def test_a_new_link_is_logged_with_the_films_new_version(log: Log, entity: str) -> None:
    made = film()
    link = FILM_LINKS[entity](made)
    assert log.rows()[-1] == ("created", entity, str(link.pk), made.pk, 2)
    assert version() == 2


@pytest.mark.parametrize("entity", FILM_LINKS)
def test_a_link_that_goes_is_logged_with_the_films_new_version(log: Log, entity: str) -> None:
    made = film()
    link = FILM_LINKS[entity](made)
    key = str(link.pk)
    log.mark()
    link.delete()
    assert log.rows() == [("deleted", entity, key, made.pk, 3)]
    assert version() == 3


@pytest.mark.parametrize("entity", OTHER)
def test_a_changed_link_is_logged_and_an_unchanged_one_is_not(log: Log, entity: str) -> None:
    made = film()
    link = FILM_LINKS[entity](made)
    log.mark()
    link.save()
    rows = type(link)._default_manager.filter(pk=link.pk)
    rows.update(**OTHER[entity])
    assert log.rows() == [("updated", entity, str(link.pk), made.pk, 3)]
    assert OTHER[entity].items() <= (log.changes()[0].after or {}).items()


@pytest.mark.parametrize("entity", FILM_LINKS)
def test_a_link_that_moves_changes_both_films(log: Log, entity: str) -> None:
    first, second = film(), film(title="Ran")
    link = FILM_LINKS[entity](first)
    log.mark()
    type(link)._default_manager.filter(pk=link.pk).update(film=second)
    key = str(link.pk)
    assert sorted(log.rows()) == [("created", entity, key, second.pk, 2), ("deleted", entity, key, first.pk, 3)]
    assert list(Film.objects.order_by("id").values_list("version", flat=True)) == [3, 2]


def test_relations_that_django_sets_are_seen(log: Log) -> None:
    made = film()
    drama, war = (Genre.objects.create(name=name, slug=name) for name in ("drama", "war"))
    log.mark()
    made.genres.set([drama])
    made.genres.set([war])
    assert sorted(log.told()) == [("created", "film_genre")] * 2 + [("deleted", "film_genre")]


def test_links_made_and_taken_in_bulk_are_each_seen(log: Log) -> None:
    made, somebody = film(), person()
    log.mark()
    CastCredit.objects.bulk_create(
        CastCredit(film=made, person=somebody, character=f"Role {number}") for number in range(3)
    )
    CastCredit.objects.update(order=1)
    CastCredit.objects.all().delete()
    kinds = [kind for kind, _ in log.told()]
    assert kinds == ["created"] * 3 + ["updated"] * 3 + ["deleted"] * 3


def test_the_log_never_runs_ahead_of_the_films_version(log: Log) -> None:
    made, somebody = film(), person()
    CastCredit.objects.bulk_create(CastCredit(film=made, person=somebody, character=str(n)) for n in range(3))
    assert max(each.version or 0 for each in log.changes()) == version()


def test_a_film_that_goes_takes_its_links_along(log: Log) -> None:
    made = film()
    for make in FILM_LINKS.values():
        make(made)
    log.mark()
    Film.objects.all().delete()
    assert {entity for kind, entity in log.told() if kind == "deleted"} == {*FILM_LINKS, "film"}
    *links, last = log.changes()
    assert (last.version or 0) > max(each.version or 0 for each in links)


@pytest.mark.parametrize("entity", NAMED)
def test_a_name_is_logged_by_itself(log: Log, entity: str) -> None:
    row = named(entity)
    key = str(row.pk)
    row.save()
    type(row).objects.filter(pk=row.pk).update(name="Other")
    row.delete()
    assert log.rows() == [(kind, entity, key, None, None) for kind in ("created", "updated", "deleted")]


def tie(entity: str, made: Film) -> models.Model:
    """A name of this kind that the film shows."""
    name: models.Model = named(entity)
    if entity == "collection":
        Film.objects.filter(pk=made.pk).update(collection=name)
    else:
        relation = {"country": "countries", "company": "companies"}.get(entity, f"{entity}s")
        getattr(made, relation).add(name)
    return name


@pytest.mark.parametrize("entity", NAMED)
def test_a_renamed_row_changes_the_films_that_show_it_and_no_other(log: Log, entity: str) -> None:
    made, other = film(), film(title="Ran")
    name = tie(entity, made)
    log.mark()
    type(name)._default_manager.filter(pk=name.pk).update(name="Other")
    assert log.rows() == [
        ("updated", entity, str(name.pk), None, None),
        ("updated", "film", str(made.pk), made.pk, 3),
    ]
    assert Film.objects.get(pk=other.pk).version == 1


@pytest.mark.parametrize("entity", ["cast", "crew"])
def test_a_renamed_person_changes_the_films_that_show_them(log: Log, entity: str) -> None:
    made = film()
    FILM_LINKS[entity](made)
    log.mark()
    Person.objects.update(birth_date="1905-03-12", birth_precision="day")
    assert log.told() == [("updated", "person")]
    Person.objects.update(name="T. Shimura")
    assert sorted(log.told()) == [("updated", "film"), *[("updated", "person")] * 2]


def test_a_genre_of_many_films_changes_all_of_them(log: Log) -> None:
    Film.objects.bulk_create(Film(title=f"Film {number}", published=number % 2 == 0) for number in range(30))
    genre = named("genre")
    genre.films.set(Film.objects.all())
    log.mark()
    Genre.objects.update(name="Dramas")
    assert sorted(log.told()) == [("draft", "film")] * 15 + [("updated", "film")] * 15 + [("updated", "genre")]


def test_raw_sql_on_a_link_is_seen(log: Log) -> None:
    made = film()
    Title.objects.create(film=made, title="Living")
    log.mark()
    execute("UPDATE catalog_title SET title = 'To Live'")
    execute("DELETE FROM catalog_title")
    assert log.told() == [("updated", "title"), ("deleted", "title")]
