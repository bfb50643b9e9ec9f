"""A walk by cursor shows each film once, in the order that Python's own sort gives, and the same way back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.api import params
from catalog.api.movies import render_list
from catalog.fields import fold
from catalog.models import SHUFFLE_MAX, Film, Genre
from catalog.selectors.films import SPREAD
from tests.catalog.api.client import Client

START = datetime(2020, 1, 1, tzinfo=UTC)
VALUES: dict[str, Any] = {
    "title": lambda film: fold(film.title),
    "release_date": lambda film: film.release_date,
    "id": lambda film: film.pk,
}
SORTS = ["title", "year", "release_date", "rating", "votes", "popularity", "runtime", "revenue", "created", "updated"]
FILTERS: dict[str, Any] = {
    "": lambda film: film.published,
    "year=1990..1999": lambda film: film.year is not None and 1990 <= film.year <= 1999,
    "year__lte=1990": lambda film: film.year is not None and film.year <= 1990,
    "rating__gte=5": lambda film: film.rating is not None and film.rating >= 5,
    "title__startswith=%C3%A9": lambda film: fold(film.title).startswith("e"),
    "genre=horror": lambda film: film.pk % 2 == 0,
    "genre=!horror": lambda film: film.pk % 2 == 1,
}

films = st.builds(
    Film,
    title=st.sampled_from(["Éden", "eden", "Zoo", "zoo ", "\U0001f3a5", "ß", "Ω"]),
    year=st.sampled_from([None, 1990, 1999, 2010]),
    release_date=st.sampled_from([None, date(1990, 5, 1), date(1990, 5, 2)]),
    runtime=st.sampled_from([None, 1, 90]),
    revenue=st.sampled_from([None, 1, 2**39]),
    rating=st.sampled_from([None, 0.0, 6.1, 10.0]),
    votes=st.sampled_from([0, 7]),
    popularity=st.sampled_from([0.0, 0.1, 1e9]),
    shuffle=st.sampled_from([0, 5, 2**30, SHUFFLE_MAX]),
    published=st.sampled_from([True, True, True, False]),
)
terms = st.builds("".join, st.tuples(st.sampled_from(["", "-"]), st.sampled_from(SORTS)))
ids = st.sampled_from(["id", "-id"])
sorts = st.one_of(
    ids,
    terms,
    st.builds("{},{}".format, terms, st.one_of(terms, ids)).filter(
        lambda sort: sort.split(",")[0].lstrip("-") != sort.split(",")[1].lstrip("-")
    ),
)


@contextmanager
def thrown_away() -> Iterator[None]:
    """A transaction for one example, rolled back after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def stored(drawn: list[Film]) -> list[Film]:
    """The films, put into the database; every second one is horror."""
    for number, film in enumerate(drawn):
        film.release_precision = "day" if film.release_date else None
        film.pk = number + 1
    Film.objects.bulk_create(drawn)
    for film in drawn:
        moment = START + timedelta(microseconds=film.pk // 3)
        Film.objects.filter(pk=film.pk).update(created=moment, updated=moment)
    horror, _ = Genre.objects.get_or_create(slug="horror", defaults={"name": "Horror"})
    horror.films.set([film for film in drawn if film.pk % 2 == 0])
    return list(Film.objects.filter(published=True))


def expected(rows: list[Film], sort: str) -> list[int]:
    """The ids in the order of `sort`: Python's stable sort, last key first, unknown values last."""
    names = sort.split(",")
    rows = sorted(rows, key=lambda film: film.pk, reverse=names[-1].startswith("-"))
    for name in reversed(names):
        value = VALUES.get(name.lstrip("-"), lambda film, name=name: getattr(film, name.lstrip("-")))
        known = [film for film in rows if value(film) is not None]
        unknown = [film for film in rows if value(film) is None]
        rows = sorted(known, key=value, reverse=name.startswith("-")) + unknown
    return [film.pk for film in rows]


def pages(query: str, direction: str = "next") -> Iterator[dict[str, Any]]:
    """Every page from here on."""
    link: str | None = f"/api/movies?{query}"
    while link:
        asked = params.film_list(link.partition("?")[2])
        page = msgspec.json.decode(render_list(asked).body)
        yield page
        link = page["page"][direction]


def ids_of(found: list[dict[str, Any]]) -> list[int]:
    return [film["id"] for page in found for film in page["data"]]


def assert_walk(query: str, order: list[int]) -> None:
    """Forward, then back from the last page: the same films either way."""
    forward = list(pages(query))
    assert ids_of(forward) == order
    previous = forward[-1]["page"]["prev"]
    backward = list(pages(previous.partition("?")[2], "prev")) if previous else []
    assert ids_of([*reversed(backward), forward[-1]]) == order


@pytest.mark.contract("lists.cursor", "lists.nulls", "lists.sort", "lists.walk")
@pytest.mark.django_db
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(films, max_size=14), sorts, st.sampled_from(sorted(FILTERS)), st.integers(1, 6))
def test_any_walk_shows_each_film_once_in_order(drawn: list[Film], sort: str, condition: str, limit: int) -> None:
    """Any sort of one or two names, any filter, any limit, with ties and unknown values."""
    with thrown_away():
        rows = [film for film in stored(drawn) if FILTERS[condition](film)]
        assert_walk(f"limit={limit}&sort={sort}&{condition}", expected(rows, sort))


@pytest.mark.contract("lists.random")
@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(films, max_size=14), st.integers(0, SHUFFLE_MAX), st.integers(1, 6))
def test_a_random_walk_shows_each_film_once_and_wraps_around(drawn: list[Film], seed: int, limit: int) -> None:
    """From the seed's place in the shuffle to its end, then from its beginning."""
    start = seed * SPREAD % (SHUFFLE_MAX + 1)
    with thrown_away():
        rows = sorted(stored(drawn), key=lambda film: (film.shuffle < start, film.shuffle, film.pk))
        assert_walk(f"limit={limit}&sort=random&seed={seed}", [film.pk for film in rows])


@pytest.fixture
def ten(db: None) -> list[int]:
    return [Film.objects.create(title=f"Film {n}", year=1990, published=True).pk for n in range(10)]


@pytest.mark.contract("lists.cursor_deleted")
def test_a_cursor_survives_the_deletion_of_its_row(ten: list[int]) -> None:
    first = next(pages("limit=4&sort=year"))
    Film.objects.filter(pk=ten[3]).delete()
    assert ids_of(list(pages(first["page"]["next"].partition("?")[2]))) == ten[4:]


@pytest.mark.contract("lists.cursor_limit")
def test_a_walk_goes_on_with_another_limit(ten: list[int]) -> None:
    following = next(pages("limit=4&sort=-year"))["page"]["next"]
    page = next(pages(following.partition("?")[2].replace("limit=4", "limit=2")))
    assert ids_of([page]) == ten[::-1][4:6]


def test_the_first_page_leads_nowhere_back_and_the_last_nowhere_on(ten: list[int]) -> None:
    first, last = list(pages("limit=5"))
    assert first["page"]["prev"] is None
    assert last["page"]["next"] is None


@pytest.mark.parametrize("sort", ["year", "-year"])
def test_a_page_that_has_become_empty_leads_back_to_all_rows_before_it(ten: list[int], sort: str) -> None:
    first = next(pages(f"limit=4&sort={sort}"))
    kept = ids_of([first])
    Film.objects.exclude(pk__in=kept).delete()
    empty = next(pages(first["page"]["next"].partition("?")[2]))
    assert empty["data"] == []
    assert ids_of([next(pages(empty["page"]["prev"].partition("?")[2]))]) == kept


@pytest.mark.parametrize("sort", ["year", "-year"])
def test_an_emptied_page_before_leads_on_to_all_rows_after_it(ten: list[int], sort: str) -> None:
    _, second, _ = list(pages(f"limit=4&sort={sort}"))
    kept = ids_of([second])
    Film.objects.exclude(pk__in=kept).delete()
    empty = next(pages(second["page"]["prev"].partition("?")[2]))
    assert empty["data"] == []
    assert ids_of([next(pages(empty["page"]["next"].partition("?")[2]))]) == kept


@pytest.mark.contract("lists.random")
def test_without_a_seed_a_random_list_chooses_one_and_keeps_it(ten: list[int], client: Client) -> None:
    page = client.get("/api/movies?sort=random&limit=3").json
    seen = ids_of([page, *pages(page["page"]["next"].partition("?")[2])])
    assert "seed=" in page["page"]["next"]
    assert sorted(seen) == ten
