"""The form of a film: what it saves, what it refuses and how it says so, what it costs."""

import io
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from catalog.admin import forms
from catalog.models import CastCredit, Film, FilmExternalId, Genre, Person, Title
from catalog.services.external_ids import is_well_formed
from catalog.values import IdSource
from tests.catalog.admin.forms import film_edit, film_form, rows

ADD = "/admin/catalog/film/add/"


def change(film: Film) -> str:
    return f"/admin/catalog/film/{film.pk}/change/"


def faults(browser: Client, **given: Any) -> str:
    """What the add form says of what was given; nothing has been saved."""
    before = Film.objects.count()
    answer = browser.post(ADD, film_form(**given))
    assert answer.status_code == 200
    assert Film.objects.count() == before
    told = [answer.context["adminform"].form.errors]
    told += [each for inline in answer.context["inline_admin_formsets"] for each in inline.formset.errors]
    return " ".join(text for errors in told for texts in errors.values() for text in texts)


def test_a_film_is_saved_with_all_that_belongs_to_it(browser: Client, person: Person) -> None:
    genre = Genre.objects.create(name="Drama", slug="drama")
    sent = film_form(
        genres=[genre.pk],
        cast=[{"person": person.pk, "character": "Kris", "order": 0}],
        crew=[{"person": person.pk, "department": "Directing", "job": "Director", "order": 0}],
        titles=[{"title": "Солярис", "region": "SU", "language": "ru", "kind": "release"}],
        external_ids=[{"source": "imdb", "value": "tt0069293"}],
    )
    assert browser.post(ADD, sent).status_code == 302
    film = Film.objects.get()
    assert (film.genres.get(), film.cast.get().character) == (genre, "Kris")
    assert (film.crew.get().job, film.titles.get().title) == ("Director", "Солярис")
    assert film.external_ids.get().value == "tt0069293"


def test_a_new_film_is_a_draft(browser: Client) -> None:
    browser.post(ADD, film_form())
    assert not Film.objects.get().published


def test_blank_texts_are_stored_as_unknown(browser: Client) -> None:
    browser.post(ADD, film_form(original_title="  ", tagline="", overview=" \n "))
    film = Film.objects.get()
    assert (film.original_title, film.tagline, film.overview) == (None, None, None)


def test_an_edit_raises_the_version_and_is_what_the_next_query_reads(browser: Client, film: Film) -> None:
    browser.post(change(film), film_edit(film, title="Stalker (restored)"))
    again = Film.objects.get()
    assert (again.title, again.title_key, again.version) == ("Stalker (restored)", "stalker (restored)", 2)


def test_the_history_of_a_film_shows_who_did_what(browser: Client, film: Film) -> None:
    browser.post(change(film), film_edit(film, title="Stalker II"))
    page = browser.get(f"/admin/catalog/film/{film.pk}/history/").content.decode()
    assert "curator" in page
    assert LogEntry.objects.get().get_change_message().startswith("Changed Title")


def test_ratings_make_the_films_own(browser: Client) -> None:
    browser.post(
        ADD,
        film_form(
            ratings=[
                {"source": "imdb", "average": "8", "scale": "10", "count": "300"},
                {"source": "letterboxd", "average": "4.5", "scale": "5", "count": "100"},
            ]
        ),
    )
    film = Film.objects.get()
    assert (film.rating, film.votes) == (8.25, 400)


def test_a_rating_taken_away_takes_the_films_own_with_it(browser: Client, film: Film) -> None:
    rating = film.ratings.create(source="imdb", average=8, count=10)
    stored = {"id": rating.pk, "film": film.pk, "source": "imdb", "average": "8", "scale": "10", "count": "10"}
    browser.post(change(film), {**film_edit(film), **rows("ratings", [], [stored | {"DELETE": "on"}])})
    film.refresh_from_db()
    assert (film.rating, film.votes) == (None, 0)


@pytest.mark.parametrize(
    "precision, stored, known",
    [
        ("", "1972-03-20", "day"),
        ("day", "1972-03-20", "day"),
        ("month", "1972-03-01", "month"),
        ("year", "1972-01-01", "year"),
    ],
)
def test_a_date_is_stored_as_far_as_it_is_known(browser: Client, precision: str, stored: str, known: str) -> None:
    browser.post(ADD, film_form(release_date="1972-03-20", release_precision=precision))
    film = Film.objects.get()
    assert (str(film.release_date), film.release_precision) == (stored, known)


@pytest.mark.parametrize(
    "given, told",
    [
        ({"title": "  "}, "This field is required."),
        ({"title": "x" * 501}, "at most 500 characters"),
        ({"tagline": "x" * 1001}, "at most 1000 characters"),
        ({"overview": "x" * 20_001}, "at most 20000 characters"),
        ({"title": "a\0b"}, "Null characters are not allowed."),
        ({"year": "1869"}, "The year must be from 1870 to 2100."),
        ({"year": "99999999999999999999"}, "less than or equal to"),
        ({"runtime": "0"}, "The runtime must be from 1 to 60000."),
        ({"budget": "-5"}, "The budget must be from 1 to"),
        ({"revenue": str(10**13)}, "The revenue must be from 1 to"),
        ({"status": "lost"}, "Select a valid choice."),
        ({"release_date": "1972-13-01"}, "Enter a valid date."),
        ({"release_precision": "year"}, "There is no date that this could be the precision of."),
        ({"genres": ["999999"]}, "Select a valid choice."),
        ({"collection": "999999"}, "Select a valid choice."),
        ({"collection": "x'y"}, "Select a valid choice."),
        ({"genres": ["abc"]}, "is not a valid value."),
        ({"popularity": "nan"}, "Enter a number."),
        ({"cast": [{"person": "999999", "order": 0}]}, "Select a valid choice."),
        ({"cast": [{"person": "9" * 30, "order": 0}]}, "Select a valid choice."),
        ({"cast": [{"person": "x'y", "order": 0}]}, "Select a valid choice."),
        ({"cast": [{"person": "", "order": 0, "character": "Nobody"}]}, "This field is required."),
        ({"crew": [{"person": "", "department": "Catering", "job": " ", "order": 0}]}, "Select a valid choice."),
        ({"titles": [{"title": "X", "region": "XX", "kind": "release"}]}, "Select a valid choice."),
        ({"ratings": [{"source": "imdb", "average": "11", "scale": "10", "count": "1"}]}, "The scale is 5 or 10"),
        ({"ratings": [{"source": "imdb", "average": "3", "scale": "7", "count": "1"}]}, "The scale is 5 or 10"),
    ],
)
def test_what_is_wrong_is_said_in_words(browser: Client, given: dict[str, Any], told: str) -> None:
    assert told in faults(browser, **given)


@pytest.mark.parametrize(
    "source, value",
    [
        ("imdb", "0111161"),
        ("imdb", "nm0000151"),
        ("imdb", "tt0111161/"),
        ("tmdb", "0278"),
        ("wikidata", "172241"),
        ("movielens", "318a"),
        ("letterboxd", "The Shawshank Redemption"),
    ],
)
def test_an_external_id_has_the_form_of_its_source(browser: Client, source: str, value: str) -> None:
    example = forms.EXAMPLES[IdSource(source)]
    told = faults(browser, external_ids=[{"source": source, "value": value}])
    assert f"This is no id of {source}. One looks like this: {example}" in told


def test_the_examples_are_of_the_form_that_they_show() -> None:
    for source, example in forms.EXAMPLES.items():
        assert is_well_formed(source, example, imdb_prefix="tt")
    for source, example in forms.PERSON_EXAMPLES.items():
        assert is_well_formed(source, example, imdb_prefix="nm")


def test_an_id_that_another_film_has_is_refused(browser: Client, film: Film) -> None:
    FilmExternalId.objects.create(film=film, source="imdb", value="tt0079944")
    told = faults(browser, external_ids=[{"source": "imdb", "value": "tt0079944"}])
    assert "This id stands at another entry already." in told


@pytest.mark.parametrize(
    "inline, row, told",
    [
        ("cast", {"character": "Kris", "order": 0}, "This person plays this character in the film already."),
        ("cast", {"order": 0}, "This person plays this character in the film already."),
        (
            "crew",
            {"department": "Directing", "job": "Director", "order": 0},
            "This person has this job in the film already.",
        ),
    ],
)
def test_the_same_credit_twice_is_refused(
    browser: Client, person: Person, inline: str, row: dict[str, Any], told: str
) -> None:
    credit = {"person": person.pk, **row}
    assert told in faults(browser, **{inline: [credit, credit]})


def test_the_same_title_twice_is_refused(browser: Client) -> None:
    title = {"title": "Solyaris", "region": "SU", "language": "", "kind": "release"}
    assert "The film has this title for the same region" in faults(browser, titles=[title, title])


def test_two_ratings_of_one_source_are_refused(browser: Client) -> None:
    rating = {"source": "imdb", "average": "8", "scale": "10", "count": "3"}
    assert "The film has a rating of this source already." in faults(browser, ratings=[rating, rating])


def test_what_the_database_alone_can_refuse_is_explained(browser: Client, film: Film) -> None:
    """Two people who change places within one job are for a moment there twice."""
    people = [Person.objects.create(name=name) for name in ("One", "Two")]
    stored = [
        {"id": film.crew.create(person=each, department="Sound", job="Mixer").pk, "film": film.pk} for each in people
    ]
    swapped = [
        row | {"person": other.pk, "department": "Sound", "job": "Mixer", "order": 0}
        for row, other in zip(stored, reversed(people), strict=True)
    ]
    answer = browser.post(change(film), {**film_edit(film), **rows("crew", [], swapped)}, follow=True)
    assert "Nothing was saved" in answer.content.decode()
    assert Film.objects.get().title == "Stalker"


def test_deleting_a_film_takes_all_that_belongs_to_it(browser: Client, film: Film, person: Person) -> None:
    CastCredit.objects.create(film=film, person=person)
    Title.objects.create(film=film, title="Stalker 2")
    film.genres.add(Genre.objects.create(name="Drama", slug="drama"))
    question = browser.get(f"/admin/catalog/film/{film.pk}/delete/").content.decode()
    assert "Cast credits: 1" in question
    browser.post(f"/admin/catalog/film/{film.pk}/delete/", {"post": "yes"})
    assert (Film.objects.count(), CastCredit.objects.count(), Title.objects.count()) == (0, 0, 0)


def large_cast(film: Film, number: int) -> list[dict[str, Any]]:
    people = Person.objects.bulk_create(Person(name=f"Person {each}") for each in range(number))
    stored = CastCredit.objects.bulk_create(
        CastCredit(film=film, person=each, character="Extra", order=order) for order, each in enumerate(people)
    )
    return [
        {"id": each.pk, "film": film.pk, "person": each.person_id, "character": each.character, "order": each.order}
        for each in stored
    ]


def test_a_film_with_400_in_the_cast_opens_with_few_queries(
    browser: Client, film: Film, django_assert_max_num_queries: Any
) -> None:
    large_cast(film, 400)
    with django_assert_max_num_queries(30):
        page = browser.get(change(film)).content.decode()
    assert "Person 399" in page


def test_a_film_with_400_in_the_cast_is_saved_with_few_queries(
    browser: Client, film: Film, django_assert_max_num_queries: Any
) -> None:
    stored = large_cast(film, 400)
    stored[7]["character"] = "Stalker"
    new = {"person": stored[0]["person"], "character": "Voice", "order": 400}
    with django_assert_max_num_queries(55):
        answer = browser.post(change(film), {**film_edit(film), **rows("cast", [new], stored)})
    assert answer.status_code == 302
    assert film.cast.get(order=7).character == "Stalker"
    assert film.cast.count() == 401


def picture(kind: str = "JPEG", size: tuple[int, int] = (20, 30)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size).save(buffer, kind)
    return buffer.getvalue()


def test_a_poster_gets_a_name_of_ours(browser: Client, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    sent = SimpleUploadedFile("we ird ☃ name.png", picture("JPEG"), "text/html")
    browser.post(ADD, film_form(poster=sent))
    name = str(Film.objects.get().poster)
    assert name.startswith("posters/solaris-")
    assert name.endswith(".jpg")


@pytest.mark.parametrize(
    "name, content, told",
    [
        ("a.png", b"<script>alert(1)</script>", "Upload a valid image."),
        ("a.html", picture(), "File extension “html” is not allowed."),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Upload a valid image."),
        ("a.gif", picture("GIF"), "A poster is a JPEG, PNG or WebP picture."),
        ("a.png", picture("PNG")[:40], "Upload a valid image."),
        ("a.png", b"", "The submitted file is empty."),
    ],
)
def test_only_pictures_that_browsers_show_are_posters(browser: Client, name: str, content: bytes, told: str) -> None:
    assert told in faults(browser, poster=SimpleUploadedFile(name, content))


def test_a_poster_of_too_many_bytes_or_pixels_is_refused(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "POSTER_LIMIT_PIXELS", 599)
    assert "50 million pixels" in faults(browser, poster=SimpleUploadedFile("a.jpg", picture()))
    monkeypatch.setattr(forms, "POSTER_LIMIT_BYTES", 100)
    assert "at most 10 MB" in faults(browser, poster=SimpleUploadedFile("a.jpg", picture()))
