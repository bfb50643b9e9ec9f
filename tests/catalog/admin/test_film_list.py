"""The list of films: search, filters, order, actions, and what it asks of the database."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from catalog.admin.counting import EXACT_LIMIT
from catalog.models import Country, Film, FilmExternalId, Genre, Language, Title

LIST = "/admin/catalog/film/"


def listed(browser: Client, **query: str | int) -> list[str]:
    """The titles of a page of the list."""
    answer = browser.get(LIST, query)
    assert answer.status_code == 200
    return [film.title for film in answer.context["cl"].result_list]


def queries(browser: Client, django_assert_max_num_queries: Any, **query: str | int) -> list[str]:
    with django_assert_max_num_queries(60) as captured:
        browser.get(LIST, query)
    return [query["sql"] for query in captured.captured_queries]


def many(number: int) -> None:
    Film.objects.bulk_create(Film(title=f"Film {each:05}", year=1900 + each % 100) for each in range(number))


def test_a_stranger_is_asked_to_log_in(client: Client, db: None) -> None:
    answer = client.get(LIST)
    assert answer.status_code == 302
    assert answer["Location"] == f"/admin/login/?next={LIST}"


def test_a_user_without_permission_sees_nothing(client: Client, db: None) -> None:
    user = User.objects.create_user("reader", is_staff=True)
    client.force_login(user)
    assert client.get(LIST).status_code == 403


@pytest.mark.parametrize(
    "term",
    ["stalker", "STALK", "picnic roadside", "Сталкер", "сталк", "tt0079944", "Q191133", "1398", "пикник"],
)
def test_search_finds_titles_originals_further_titles_and_ids(browser: Client, film: Film, term: str) -> None:
    Film.objects.create(title="Something else", original_title="Nothing")
    film.original_title = "Сталкер"
    film.save()
    Title.objects.create(film=film, title="Roadside Picnic")
    Title.objects.create(film=film, title="Пикник на обочине")
    for source, value in (("imdb", "tt0079944"), ("wikidata", "Q191133"), ("tmdb", "1398")):
        FilmExternalId.objects.create(film=film, source=source, value=value)
    assert listed(browser, q=term) == ["Stalker"]


def test_search_ignores_accents_and_case(browser: Client) -> None:
    Film.objects.create(title="Le Fabuleux Destin d'Amélie Poulain")
    assert listed(browser, q="AMELIE poulain") == ["Le Fabuleux Destin d'Amélie Poulain"]


def test_a_short_term_must_begin_the_title(browser: Client) -> None:
    Film.objects.create(title="Up")
    Film.objects.create(title="Supper")
    assert listed(browser, q="up") == ["Up"]


@pytest.mark.parametrize("term", ["100%", "a_b", "\\", "'; --", '"', "%s"])
def test_signs_that_mean_something_to_a_database_are_only_text(browser: Client, term: str) -> None:
    Film.objects.create(title=f"Before {term} after")
    Film.objects.create(title="aXb 100 percent")
    assert listed(browser, q=f"before {term}") == [f"Before {term} after"]


def test_a_term_of_combining_marks_alone_finds_nothing(browser: Client, film: Film) -> None:
    assert listed(browser, q="\u0301") == []


def test_filters_narrow_the_list(browser: Client, film: Film) -> None:
    Film.objects.create(title="Another", year=1989, status="announced")
    film.genres.add(Genre.objects.create(name="Drama", slug="drama"))
    film.countries.add(Country.objects.get(pk="SU"))
    film.languages.add(Language.objects.get(pk="ru"))
    for name, value in {
        "published": "yes",
        "status": "released",
        "genre": str(film.genres.get().pk),
        "country": "SU",
        "language": "ru",
        "decade": "1970",
    }.items():
        assert listed(browser, **{name: value}) == ["Stalker"], name


@pytest.mark.parametrize("query", ["published=maybe", "genre=0", "country=XX", "decade=abc", "unknown=1"])
def test_a_filter_that_was_never_offered_leads_back_to_the_list(browser: Client, film: Film, query: str) -> None:
    Genre.objects.create(name="Drama", slug="drama")
    answer = browser.get(f"{LIST}?{query}")
    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}?e=1")


def test_titles_sort_by_their_folded_form(browser: Client) -> None:
    for title in ("Zazie", "Élan", "alien", "Solaris"):
        Film.objects.create(title=title)
    assert listed(browser, o="1") == ["alien", "Élan", "Solaris", "Zazie"]


@pytest.mark.parametrize("column", [2, 5])
def test_unknown_years_and_ratings_sort_below_known_ones(browser: Client, column: int) -> None:
    Film.objects.create(title="unknown")
    Film.objects.create(title="known", year=1950, rating=5.0)
    assert listed(browser, o=f"-{column}") == ["known", "unknown"]


def test_a_draft_wears_a_badge(browser: Client) -> None:
    Film.objects.create(title="Unfinished")
    page = browser.get(LIST).content.decode()
    assert re.search(r">\s*draft\s*<", page)


def test_the_number_of_queries_does_not_grow_with_the_films(
    browser: Client, django_assert_max_num_queries: Any
) -> None:
    genre = Genre.objects.create(name="Drama", slug="drama")
    many(1)
    few = len(queries(browser, django_assert_max_num_queries))
    many(49)
    for film in Film.objects.all():
        film.genres.add(genre)
    assert len(queries(browser, django_assert_max_num_queries)) <= few + 1


@pytest.mark.parametrize("query", [{}, {"q": "film"}, {"decade": "1950"}, {"p": 3}, {"q": "film", "p": 2}])
def test_no_query_counts_more_than_the_exact_limit(
    browser: Client, django_assert_max_num_queries: Any, query: dict[str, str | int]
) -> None:
    many(120)
    counts = [sql for sql in queries(browser, django_assert_max_num_queries, **query) if "COUNT(" in sql]
    assert counts
    assert all(f"LIMIT {EXACT_LIMIT + 1}" in sql for sql in counts)


@pytest.mark.parametrize("order, ends", [("1", "ASC LIMIT 51"), ("-1", "DESC LIMIT 51"), ("2", "ASC LIMIT 51")])
def test_ties_go_the_way_of_the_index(
    browser: Client, django_assert_max_num_queries: Any, order: str, ends: str
) -> None:
    many(60)
    pages = [sql for sql in queries(browser, django_assert_max_num_queries, o=order) if "LIMIT 51" in sql]
    columns = pages[0].split("ORDER BY")[1].split(",")
    assert len(columns) == 2
    assert columns[1].endswith(ends)


def test_a_search_over_several_pages_keeps_its_order(browser: Client) -> None:
    many(120)
    assert listed(browser, q="film", o="-1", p=2)[0] == "Film 00069"


def test_a_page_past_the_end_shows_the_last_films(browser: Client) -> None:
    many(120)
    assert listed(browser, p=99, o="1")[-1] == "Film 00119"


@pytest.mark.parametrize("page", ["0", "-1", "abc", "1e9", "９"])
def test_a_page_number_that_is_none_is_answered_all_the_same(browser: Client, page: str) -> None:
    many(60)
    assert len(listed(browser, p=page)) > 0


def test_publishing_raises_version_and_leaves_a_history(browser: Client) -> None:
    draft = Film.objects.create(title="Draft")
    public = Film.objects.create(title="Public", published=True)
    browser.post(LIST, {"action": "publish", "_selected_action": [draft.pk, public.pk]})
    draft.refresh_from_db()
    public.refresh_from_db()
    assert (draft.published, draft.version, public.version) == (True, 2, 1)
    assert LogEntry.objects.get().object_id == str(draft.pk)


def test_films_become_drafts_across_all_pages(browser: Client) -> None:
    many(60)
    Film.objects.update(published=True)
    chosen = Film.objects.values_list("pk", flat=True)[:1]
    browser.post(LIST, {"action": "make_draft", "_selected_action": list(chosen), "select_across": "1"})
    assert not Film.objects.filter(published=True).exists()


def test_the_actions_need_the_permission_to_change(client: Client, film: Film) -> None:
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_film"))
    client.force_login(user)
    client.post(LIST, {"action": "make_draft", "_selected_action": [film.pk]})
    assert Film.objects.get().published


HOSTILE = [
    "<script>alert(1)</script>",
    "=SUM(A1)",
    "%s {{ 7*7 }}",
    "\u202eabc\u202c",
    "𝔘𝔫𝔦 🎬",
    "a\u0000b".replace("\0", ""),
]


@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_titles_are_shown_as_text(browser: Client, title: str) -> None:
    film = Film.objects.create(title=title, original_title=title)
    for address in (LIST, reverse("admin:catalog_film_change", args=[film.pk])):
        page = browser.get(address).content.decode()
        assert escape(title) in page
        assert "<script>alert(1)" not in page
