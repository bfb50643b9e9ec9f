"""Two curators at once, each with a browser and a database connection of their own."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from catalog import changes
from catalog.changes import migrating
from catalog.models import Film, Genre, Person
from tests.catalog.admin.forms import film_edit, person_edit, rows

pytestmark = pytest.mark.django_db(transaction=True)

IDS = {"imdb": "nm0001789", "tmdb": "8452"}


@pytest.fixture
def film(transactional_db: None) -> Film:
    """A film with a genre and two parts."""
    migrating.mend()
    film = Film.objects.create(title="Stalker", year=1979, runtime=162, published=True)
    drama, _, _ = (Genre.objects.create(name=name, slug=name.lower()) for name in ("Drama", "Horror", "Western"))
    film.genres.set([drama])
    person = Person.objects.create(name="Andrei Tarkovsky")
    for order, character in enumerate(("Writer", "Professor")):
        film.cast.create(person=person, character=character, order=order)
    film.crew.create(person=person, department="Directing", job="Director")
    return film


def curator(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser(name, f"{name}@example.org", "a long password"))
    return client


def elsewhere(do: Callable[[], Any]) -> Any:
    """What `do` gives in a thread, and so on a connection, of its own."""
    result: list[Any] = []

    def run() -> None:
        try:
            result.append(do())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return result[0]


def opened(film: Film, **given: Any) -> dict[str, Any]:
    """The form as a browser that has just opened it would send it, with an edit; `genres` by name."""
    person = Person.objects.get()
    inlines: dict[str, Any] = {}
    for prefix, names in (("cast", ("character", "order")), ("crew", ("department", "job", "order"))):
        stored = [
            {"id": each.pk, "film": film.pk, "person": person.pk, **{name: getattr(each, name) for name in names}}
            for each in getattr(film, prefix).order_by("order")
        ]
        for index, changed in given.pop(prefix, {}).items():
            stored[index] |= changed
        inlines |= rows(prefix, [], stored)
    genres = [Genre.objects.get(name=name).pk for name in given.pop("genres", ["Drama"])]
    own = {"title": "Stalker", "year": "1979", "runtime": "162", "published": "on", "genres": genres}
    return {**film_edit(film, **own), **inlines, **given}


def save(client: Client, film: Film, form: dict[str, Any]) -> Any:
    return client.post(f"/admin/catalog/film/{film.pk}/change/", form)


@pytest.fixture
def conflict(film: Film) -> dict[str, tuple[list[str] | None, list[str], list[str], str]]:
    """Both open the form, the other saves, then I: what my page shows of each difference."""
    mine, theirs = curator("mine"), curator("theirs")
    my_form = opened(film, title="Mine", genres=["Horror"], cast={0: {"character": "The Writer"}})
    their_form = opened(
        film, title="Theirs", runtime="161", genres=["Drama", "Western"], crew={0: {"job": "Screenplay"}},
        cast={1: {"character": "The Professor"}},
    )  # fmt: skip
    assert elsewhere(lambda: save(theirs, film, their_form)).status_code == 302
    answer = elsewhere(lambda: save(mine, film, my_form))
    assert answer.status_code == 200
    return {each.name: (each.was, each.theirs, each.mine, each.suggested) for each in answer.context["conflict"]}


@pytest.mark.contract("writes.admin")
def test_the_second_sees_what_it_was_theirs_and_their_own(conflict: Any) -> None:
    assert conflict["title"] == (["Stalker"], ["Theirs"], ["Mine"], "")
    assert conflict["genres"] == (["Drama"], ["Drama, Western"], ["Horror"], "")


@pytest.mark.contract("writes.admin")
def test_what_they_alone_have_changed_is_chosen_already(conflict: Any) -> None:
    assert conflict["runtime"] == (["162"], ["161"], ["162"], "theirs")
    was, theirs, mine, suggested = conflict["crew"]
    assert (was, suggested) == (mine, "theirs")
    assert (mine, theirs) == (
        ["Andrei Tarkovsky · Directing · Director · 0"],
        ["Andrei Tarkovsky · Directing · Screenplay · 0"],
    )


@pytest.mark.contract("writes.admin")
def test_rows_are_told_as_they_were_too(conflict: Any) -> None:
    name = "Andrei Tarkovsky"
    assert conflict["cast"] == (
        [f"{name} · Writer · 0", f"{name} · Professor · 1"],
        [f"{name} · Writer · 0", f"{name} · The Professor · 1"],
        [f"{name} · The Writer · 0", f"{name} · Professor · 1"],
        "",
    )


@pytest.mark.contract("writes.one_wins", "writes.admin")
def test_of_two_who_save_at_the_same_moment_one_is_asked(film: Film) -> None:
    """Each locks the film before it looks at the version."""
    clients = [curator("mine"), curator("theirs")]
    forms = [opened(film, title=title) for title in ("Mine", "Theirs")]
    together = threading.Barrier(2)
    statuses: list[int] = []

    def edit(number: int) -> None:
        together.wait(10)
        try:
            statuses.append(save(clients[number], film, forms[number]).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 302]
    assert Film.objects.get().title in {"Mine", "Theirs"}


@pytest.mark.contract("writes.admin")
def test_what_belongs_to_a_person_is_told_as_it_was_too(film: Film) -> None:
    person = Person.objects.get()
    imdb, tmdb = (person.external_ids.create(source=source, value=value) for source, value in IDS.items())
    stored = [{"id": each.pk, "person": person.pk, "source": each.source, "value": each.value} for each in (imdb, tmdb)]
    stored[1]["value"] = "8888"
    mine = {**person_edit(person, name="A. Tarkovsky"), **rows("external_ids", [], stored)}
    imdb.delete()
    person.external_ids.filter(pk=tmdb.pk).update(value="9999")
    person.external_ids.create(source="wikidata", value="Q853")
    answer = curator("mine").post(f"/admin/catalog/person/{person.pk}/change/", mine)
    shown = {each.name: each for each in answer.context["conflict"]}["external_ids"]
    assert shown.was == ["Tmdb · 8452", "Imdb · nm0001789"]
    assert (shown.theirs, shown.mine) == (["Tmdb · 9999", "Wikidata · Q853"], ["Tmdb · 8888", "Imdb · nm0001789"])


@pytest.mark.contract("writes.admin")
def test_rows_and_choices_of_a_draft_are_told_as_they_were(film: Film) -> None:
    """The log calls every change of a draft the same."""
    Film.objects.update(published=False)
    my_form = opened(film, genres=["Horror"], cast={0: {"character": "The Writer"}})
    film.genres.add(Genre.objects.get(name="Western"))
    film.cast.filter(character="Professor").delete()
    film.cast.create(person=Person.objects.get(), character="Stalker", order=2)
    answer = save(curator("mine"), film, my_form)
    shown = {each.name: each.was for each in answer.context["conflict"]}
    assert shown["genres"] == ["Drama"]
    assert sorted(shown["cast"]) == ["Andrei Tarkovsky · Professor · 1", "Andrei Tarkovsky · Writer · 0"]


def test_after_an_import_nobody_knows_what_it_was(film: Film) -> None:
    """The log tells of none of its rows: two sides are shown."""
    mine = curator("mine")
    form = opened(film, title="Mine")
    with changes.bulk():
        Film.objects.update(title="Imported", version=film.version + 9)
    (difference,) = save(mine, film, form).context["conflict"]
    assert (difference.was, difference.theirs, difference.mine) == (None, ["Imported"], ["Mine"])
