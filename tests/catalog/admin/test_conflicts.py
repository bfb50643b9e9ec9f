"""Two curators in one form: the second sees both edits, and chooses what stays."""

from typing import Any

import pytest
from django.test import Client

from catalog.models import Film, Genre, Person
from tests.catalog.admin.forms import film_edit, film_form, person_edit, rows


def change(film: Film) -> str:
    return f"/admin/catalog/film/{film.pk}/change/"


def differences(answer: Any) -> dict[str, tuple[list[str], list[str]]]:
    """What the page shows side by side: by name, theirs and mine."""
    assert answer.status_code == 200
    return {each.name: (each.theirs, each.mine) for each in answer.context["conflict"]}


def decided(sent: dict[str, Any], film: Film, **kept: str) -> dict[str, Any]:
    """The form of a page of differences, with a choice for each."""
    choices = {f"keep-{name}": choice for name, choice in kept.items()}
    return {**sent, "base_version": Film.objects.get(pk=film.pk).version, "differs": list(kept), **choices}


@pytest.mark.contract("writes.admin")
def test_a_form_holds_the_version_that_it_was_opened_at(browser: Client, film: Film) -> None:
    Film.objects.filter(pk=film.pk).update(runtime=162)
    page = browser.get(change(film)).content.decode()
    assert '<input type="hidden" name="base_version" value="2">' in page
    assert 'id="conflict"' not in page


@pytest.mark.contract("writes.admin")
def test_who_saves_second_sees_both_edits_and_nothing_is_saved(browser: Client, film: Film) -> None:
    mine = film_edit(film, title="Stalker, mine", year="1979", runtime="161", published="on")
    Film.objects.filter(pk=film.pk).update(title="Stalker, theirs", runtime=162)
    answer = browser.post(change(film), mine)
    assert differences(answer) == {
        "title": (["Stalker, theirs"], ["Stalker, mine"]),
        "runtime": (["162"], ["161"]),
    }
    assert "Somebody else has saved since you opened this form" in answer.content.decode()
    assert Film.objects.values_list("title", "runtime").get() == ("Stalker, theirs", 162)


def test_links_are_shown_by_name_and_choices_in_words(browser: Client, film: Film) -> None:
    drama, horror = (Genre.objects.create(name=name, slug=name.lower()) for name in ("Drama", "Horror"))
    mine = film_edit(film, title="Stalker", year="1979", genres=[drama.pk], original_language="ru", published="on")
    film.genres.add(horror)
    Film.objects.filter(pk=film.pk).update(original_language="uk", published=False)
    shown = differences(browser.post(change(film), mine))
    assert shown == {
        "genres": (["Horror"], ["Drama"]),
        "original_language": (["Ukrainian"], ["Russian"]),
        "published": (["no"], ["yes"]),
    }


def test_each_field_is_saved_as_it_was_chosen(browser: Client, film: Film) -> None:
    drama, horror = (Genre.objects.create(name=name, slug=name.lower()) for name in ("Drama", "Horror"))
    mine = film_edit(film, title="Mine", runtime="161", genres=[drama.pk])
    Film.objects.filter(pk=film.pk).update(title="Theirs", runtime=162, publish_at="2030-01-02T03:04:05Z")
    film.genres.add(horror)
    kept = {"title": "mine", "runtime": "theirs", "genres": "theirs", "publish_at": "theirs", "year": "theirs"}
    assert browser.post(change(film), decided(mine, film, published="theirs", **kept)).status_code == 302
    film.refresh_from_db()
    assert (film.title, film.runtime, film.year, film.published) == ("Mine", 162, 1979, True)
    assert (film.genres.get(), film.publish_at and film.publish_at.year) == (horror, 2030)


def test_what_is_not_decided_is_asked_again(browser: Client, film: Film) -> None:
    sent = decided(film_edit(film, title="Mine"), film, title="neither")
    assert "title" in differences(browser.post(change(film), sent))
    assert Film.objects.get().title == "Stalker"


def test_who_decides_upon_a_version_that_has_passed_is_asked_again(browser: Client, film: Film) -> None:
    sent = decided(film_edit(film, title="Mine"), film, title="mine")
    Film.objects.filter(pk=film.pk).update(title="Theirs, the second")
    assert differences(browser.post(change(film), sent))["title"] == (["Theirs, the second"], ["Mine"])


def test_a_form_that_names_no_version_saves_nothing(browser: Client, film: Film) -> None:
    assert "title" in differences(browser.post(change(film), film_form(title="Blind")))
    assert Film.objects.get().title == "Stalker"


def conflicting_cast(browser: Client, film: Film, person: Person) -> tuple[dict[str, Any], Any]:
    """I rename one of two parts; they take the other away and add a third. The form as the page then has it."""
    writer = film.cast.create(person=person, character="Writer")
    gone = film.cast.create(person=person, character="Professor", order=1)
    stored = [
        {"id": each.pk, "film": film.pk, "person": person.pk, "character": each.character, "order": each.order}
        for each in (writer, gone)
    ]
    stored[0]["character"] = "The Writer"
    mine = {**film_edit(film, title="Stalker", year="1979", published="on"), **rows("cast", [], stored)}
    gone.delete()
    film.cast.create(person=person, character="Stalker", order=2)
    answer = browser.post(change(film), mine)
    return {**mine, **page_rows(answer, "cast")}, answer


def page_rows(answer: Any, prefix: str) -> dict[str, Any]:
    """What the page that was answered would send of an inline."""
    formset = next(each.formset for each in answer.context["inline_admin_formsets"] if each.formset.prefix == prefix)
    return {key: value for key, value in formset.data.items() if key.startswith(f"{prefix}-")}


def test_rows_are_shown_as_lines(browser: Client, film: Film, person: Person) -> None:
    _, answer = conflicting_cast(browser, film, person)
    assert differences(answer) == {
        "cast": (
            ["Andrei Tarkovsky · Writer · 0", "Andrei Tarkovsky · Stalker · 2"],
            ["Andrei Tarkovsky · The Writer · 0", "Andrei Tarkovsky · Professor · 1"],
        )
    }


@pytest.mark.parametrize(
    "choice, characters", [("mine", ["The Writer", "Professor"]), ("theirs", ["Writer", "Stalker"])]
)
def test_rows_are_saved_as_they_were_chosen(
    browser: Client, film: Film, person: Person, choice: str, characters: list[str]
) -> None:
    sent, _ = conflicting_cast(browser, film, person)
    assert browser.post(change(film), decided(sent, film, cast=choice)).status_code == 302
    assert list(film.cast.values_list("character", flat=True)) == characters


def test_the_same_edit_by_both_needs_no_choice(browser: Client, film: Film) -> None:
    mine = film_edit(film, title="Same", year="1979", published="on")
    Film.objects.filter(pk=film.pk).update(title="Same")
    answer = browser.post(change(film), mine)
    assert differences(answer) == {}
    assert "nothing differs, save again" in answer.content.decode()


def test_people_are_asked_about_too(browser: Client, person: Person) -> None:
    address = f"/admin/catalog/person/{person.pk}/change/"
    mine = person_edit(person, name="A. Tarkovsky", birth_date="1932-04-04")
    Person.objects.filter(pk=person.pk).update(name="Andrey Tarkovsky")
    shown = differences(browser.post(address, mine))
    assert shown["name"] == (["Andrey Tarkovsky"], ["A. Tarkovsky"])
    version = Person.objects.get().version
    sent = {**mine, "base_version": version, "differs": ["name"], "keep-name": "mine"}
    assert browser.post(address, sent).status_code == 302
    assert Person.objects.get().name == "A. Tarkovsky"
