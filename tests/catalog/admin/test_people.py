"""People and the small tables: lists, forms, autocomplete, and what may be deleted."""

from typing import Any

import pytest
from django.test import Client

from catalog.models import CastCredit, Country, CrewCredit, Film, Genre, Keyword, Person, PersonExternalId
from tests.catalog.admin.forms import person_form

LIST = "/admin/catalog/person/"
ADD = "/admin/catalog/person/add/"


def found(browser: Client, term: str, *, model: str = "castcredit", field: str = "person", page: int = 1) -> Any:
    """What the autocomplete of a field answers."""
    query: dict[str, str | int] = {
        "app_label": "catalog",
        "model_name": model,
        "field_name": field,
        "term": term,
        "page": page,
    }
    return browser.get("/admin/autocomplete/", query).json()


@pytest.mark.parametrize("term", ["tarkovsky", "ANDREI", "tarkovsky andrei", "nm0001789"])
def test_people_are_found_by_words_and_ids(browser: Client, person: Person, term: str) -> None:
    Person.objects.create(name="Somebody Else")
    PersonExternalId.objects.create(person=person, source="imdb", value="nm0001789")
    assert [each.pk for each in browser.get(LIST, {"q": term}).context["cl"].result_list] == [person.pk]


def test_dates_are_shown_as_far_as_they_are_known(browser: Client) -> None:
    Person.objects.create(name="A", birth_date="1932-01-01", birth_precision="year")
    Person.objects.create(name="B", birth_date="1932-04-01", birth_precision="month")
    Person.objects.create(name="C", birth_date="1932-04-04", birth_precision="day")
    page = browser.get(LIST).content.decode()
    assert all(text in page for text in (">1932<", ">April 1932<", ">4 April 1932<"))


def test_a_person_is_saved_with_dates_and_ids(browser: Client) -> None:
    ids = [{"source": "imdb", "value": "nm0001789"}]
    browser.post(ADD, person_form(birth_date="1932-04-04", external_ids=ids))
    person = Person.objects.get()
    assert (person.birth_precision, person.external_ids.get().value) == ("day", "nm0001789")


@pytest.mark.parametrize(
    "given, told",
    [
        ({"name": ""}, "This field is required."),
        ({"birth_date": "1980-01-01", "death_date": "1970-01-01"}, "Nobody dies before being born"),
        ({"death_precision": "year"}, "There is no date that this could be the precision of."),
        ({"external_ids": [{"source": "imdb", "value": "tt0111161"}]}, "This is no id of imdb."),
    ],
)
def test_what_is_wrong_with_a_person_is_said_in_words(browser: Client, given: dict[str, Any], told: str) -> None:
    answer = browser.post(ADD, person_form(**given))
    assert told in answer.content.decode()
    assert not Person.objects.exists()


def test_a_person_shows_their_credits_with_links(browser: Client, film: Film, person: Person) -> None:
    CastCredit.objects.create(film=film, person=person, character="<b>Himself</b>")
    CrewCredit.objects.create(film=film, person=person, department="Directing", job="Director")
    page = browser.get(f"{LIST}{person.pk}/change/").content.decode()
    assert f'href="/admin/catalog/film/{film.pk}/change/"' in page
    assert "&lt;b&gt;Himself&lt;/b&gt;" in page
    assert "Director" in page


def test_the_credits_of_a_person_cost_no_query_each(
    browser: Client, person: Person, django_assert_max_num_queries: Any
) -> None:
    films = Film.objects.bulk_create(Film(title=f"Film {each}") for each in range(250))
    CastCredit.objects.bulk_create(CastCredit(film=film, person=person) for film in films)
    with django_assert_max_num_queries(20):
        page = browser.get(f"{LIST}{person.pk}/change/").content.decode()
    assert "more than 200" in page


def test_a_person_with_credits_cannot_be_deleted_and_the_page_says_why(
    browser: Client, film: Film, person: Person
) -> None:
    CastCredit.objects.create(film=film, person=person, character="Stalker")
    address = f"{LIST}{person.pk}/delete/"
    page = browser.get(address).content.decode()
    assert "is still needed where the lines below say so" in page
    assert "Stalker (1979)" in page
    browser.post(address, {"post": "yes"})
    assert Person.objects.filter(pk=person.pk).exists()


def test_the_reasons_against_a_deletion_are_bounded(browser: Client, person: Person) -> None:
    films = Film.objects.bulk_create(Film(title=f"Film {each}") for each in range(30))
    CastCredit.objects.bulk_create(CastCredit(film=film, person=person) for film in films)
    page = browser.get(f"{LIST}{person.pk}/delete/").content.decode()
    assert "… 30 cast credits in all" in page
    assert "Film 25" not in page


def test_people_cannot_be_deleted_together_with_their_credits(browser: Client, film: Film, person: Person) -> None:
    CastCredit.objects.create(film=film, person=person)
    browser.post(LIST, {"action": "delete_selected", "_selected_action": [person.pk], "post": "yes"})
    assert Person.objects.filter(pk=person.pk).exists()


def test_a_person_without_credits_can_be_deleted(browser: Client, person: Person) -> None:
    PersonExternalId.objects.create(person=person, source="imdb", value="nm0001789")
    browser.post(f"{LIST}{person.pk}/delete/", {"post": "yes"})
    assert not Person.objects.exists()


def test_a_genre_in_use_goes_and_its_films_stay(browser: Client, film: Film) -> None:
    genre = Genre.objects.create(name="Drama", slug="drama")
    film.genres.add(genre)
    assert "Film-genre relationships: 1" in browser.get(f"/admin/catalog/genre/{genre.pk}/delete/").content.decode()
    browser.post(f"/admin/catalog/genre/{genre.pk}/delete/", {"post": "yes"})
    assert (Genre.objects.count(), Film.objects.count()) == (0, 1)


def test_autocomplete_finds_people_by_parts_of_the_name(browser: Client, person: Person) -> None:
    assert found(browser, "tarkov") == {
        "results": [{"id": str(person.pk), "text": "Andrei Tarkovsky"}],
        "pagination": {"more": False},
    }


def test_autocomplete_says_when_there_is_more(browser: Client) -> None:
    Person.objects.bulk_create(Person(name=f"Person {each:02}") for each in range(21))
    assert found(browser, "person")["pagination"] == {"more": True}
    assert len(found(browser, "person", page=2)["results"]) == 1


def test_autocomplete_takes_any_text(browser: Client, person: Person) -> None:
    for term in ("\0", "%", "'", "\u0301", "x" * 5000, "<script>"):
        assert found(browser, term)["results"] in ([], [{"id": str(person.pk), "text": str(person)}])


@pytest.mark.parametrize("field", ["genres", "countries", "languages", "keywords", "companies", "collection"])
def test_every_reference_of_a_film_has_an_autocomplete(browser: Client, field: str) -> None:
    row = Film._meta.get_field(field).related_model
    assert row is not None
    named = {"pk": "zz"} if field == "languages" else {"pk": "ZZ"} if field == "countries" else {}
    slug = {"slug": "xylophone"} if row in (Genre, Keyword) else {}
    row._default_manager.create(name="Xylophone", **named, **slug)
    assert [each["text"] for each in found(browser, "xylo", model="film", field=field)["results"]] == ["Xylophone"]


def test_a_country_keeps_its_code(browser: Client) -> None:
    browser.post("/admin/catalog/country/FR/change/", {"code": "XX", "name": "La France"})
    assert Country.objects.get(pk="FR").name == "La France"
    assert not Country.objects.filter(pk="XX").exists()


@pytest.mark.parametrize("model", ["genre", "keyword", "country", "language", "company", "collection"])
def test_every_list_and_form_opens(browser: Client, model: str) -> None:
    for address in (f"/admin/catalog/{model}/", f"/admin/catalog/{model}/add/", f"/admin/catalog/{model}/?q=a"):
        assert browser.get(address).status_code == 200


@pytest.mark.parametrize("address", ["/admin/", "/admin/auth/user/", "/admin/auth/user/add/", "/admin/auth/group/add/"])
def test_accounts_have_the_same_look(browser: Client, address: str) -> None:
    assert "unfold/css/styles.css" in browser.get(address).content.decode()
