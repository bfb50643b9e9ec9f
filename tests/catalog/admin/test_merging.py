"""Films and people that are one, merged by a curator."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db.models.signals import pre_delete
from django.test import Client

from catalog.models import Film, Person
from catalog.registers import FilmRedirect, PersonRedirect

FILMS, PEOPLE = "/admin/catalog/film/", "/admin/catalog/person/"


def merge(browser: Client, address: str, rows: list[Any], **more: object) -> Any:
    chosen = {"action": "merge", "_selected_action": [row.pk for row in rows], **more}
    return browser.post(address, chosen, follow=True)


@pytest.fixture
def twins(film: Film) -> list[Film]:
    return [film, Film.objects.create(title="Сталкер", runtime=162, published=True)]


def test_a_page_asks_which_film_stays(browser: Client, twins: list[Film]) -> None:
    page = merge(browser, FILMS, twins).content.decode()
    assert "Which one stays?" in page
    assert "Сталкер" in page
    assert Film.objects.count() == 2


def test_the_others_become_a_part_of_the_film_that_stays(browser: Client, twins: list[Film]) -> None:
    third = Film.objects.create(title="Stalker (restored)", overview="A guide.")
    answer = merge(browser, FILMS, [*twins, third], kept=twins[0].pk)
    assert "Merged into Stalker (1979): 2" in answer.content.decode()
    film = Film.objects.get()
    assert (film.title, film.runtime, film.overview) == ("Stalker", 162, "A guide.")
    assert set(FilmRedirect.objects.values_list("old_id", "film")) == {(twins[1].pk, film.pk), (third.pk, film.pk)}


def test_the_history_of_what_stays_tells_of_the_merge(browser: Client, twins: list[Film]) -> None:
    merge(browser, FILMS, twins, kept=twins[0].pk)
    assert LogEntry.objects.get().get_change_message() == f"Merged into this: Сталкер ({twins[1].pk})."


def test_people_are_merged_too(browser: Client, person: Person) -> None:
    other = Person.objects.create(name="A. Tarkovsky")
    merge(browser, PEOPLE, [person, other], kept=person.pk)
    assert list(Person.objects.all()) == [person]
    assert PersonRedirect.objects.get().old_id == other.pk


@pytest.mark.parametrize("kept", ["", "999999999", "x"])
def test_without_a_choice_it_is_asked_again(browser: Client, twins: list[Film], kept: str) -> None:
    answer = merge(browser, FILMS, twins, kept=kept, merging="yes")
    assert "Choose the one that stays." in answer.content.decode()
    assert Film.objects.count() == 2


@pytest.mark.parametrize("number", [1, 21])
def test_one_alone_and_too_many_are_refused(browser: Client, number: int) -> None:
    films = Film.objects.bulk_create(Film(title=f"Film {each}") for each in range(number))
    answer = merge(browser, FILMS, films, kept=films[0].pk)
    assert "Choose entries that are one: from 2 to 20." in answer.content.decode()
    assert Film.objects.count() == number


@pytest.fixture
def vanishing(twins: list[Film]) -> Iterator[Film]:
    """A film that goes as soon as another is deleted, as when somebody else takes it away between two merges."""
    gone = Film.objects.create(title="Gone")

    def go(instance: Film, **_: object) -> None:
        if instance.pk != gone.pk:
            Film.objects.filter(pk=gone.pk).delete()

    pre_delete.connect(go, sender=Film, weak=False)
    yield gone
    pre_delete.disconnect(go, sender=Film)


def test_what_the_catalogue_refuses_is_told_and_nothing_is_merged(
    browser: Client, twins: list[Film], vanishing: Film
) -> None:
    answer = merge(browser, FILMS, [*twins, vanishing], kept=twins[0].pk)
    assert "Nothing was merged: " in answer.content.decode()
    assert set(Film.objects.all()) == {*twins, vanishing}


def test_who_may_not_delete_may_not_merge(browser: Client, curator: User, twins: list[Film]) -> None:
    editor = User.objects.create_user("editor", is_staff=True)
    editor.user_permissions.set(Permission.objects.filter(codename__in=["view_film", "change_film"]))
    browser.force_login(editor)
    merge(browser, FILMS, twins, kept=twins[0].pk)
    assert Film.objects.count() == 2
