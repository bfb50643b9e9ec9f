"""What importers, admin and API share in writing."""

from collections.abc import Callable

import pytest

from catalog import services
from catalog.errors import Invalid, NotFound
from catalog.models import Film, Genre, Person, Rating

pytestmark = pytest.mark.django_db


def rated(*ratings: tuple[str, float, int, int]) -> Film:
    """A film with ratings given as (source, average, scale, count), worked out."""
    film = Film.objects.create(title="Ikiru")
    for source, average, scale, count in ratings:
        Rating.objects.create(film=film, source=source, average=average, scale=scale, count=count)
    services.refresh_rating(film_id=film.pk)
    film.refresh_from_db()
    return film


def test_a_rating_is_the_average_by_votes_on_a_scale_of_ten() -> None:
    film = rated(("imdb", 8.3, 10, 90_000), ("movielens", 4.5, 5, 10_000))
    assert (film.rating, film.votes) == (8.37, 100_000)


@pytest.mark.parametrize("ratings", [[], [("imdb", 0.0, 10, 0)]])
def test_a_film_without_votes_has_no_rating(ratings: list[tuple[str, float, int, int]]) -> None:
    film = rated(*ratings)
    assert (film.rating, film.votes) == (None, 0)


def test_a_rating_that_went_away_is_gone() -> None:
    film = rated(("imdb", 8.3, 10, 90_000))
    film.ratings.all().delete()
    services.refresh_rating(film_id=film.pk)
    film.refresh_from_db()
    assert (film.rating, film.votes) == (None, 0)


def test_a_new_rating_raises_the_films_version_and_the_same_one_does_not() -> None:
    film = Film.objects.create(title="Ikiru")
    Rating.objects.create(film=film, source="imdb", average=8.3, scale=10, count=90_000)
    versions = []
    for _ in range(3):
        versions.append(Film.objects.get().version)
        services.refresh_rating(film_id=film.pk)
    assert versions[0] < versions[1] == versions[2]


def test_a_film_that_is_not_there_cannot_be_rated() -> None:
    with pytest.raises(NotFound, match="There is no film 7"):
        services.refresh_rating(film_id=7)


def test_names_with_one_slug_are_one_genre() -> None:
    ids = services.ensure_genres(names=["Science Fiction", "science-fiction", "Drama"])
    assert ids["Science Fiction"] == ids["science-fiction"] != ids["Drama"]
    assert set(Genre.objects.values_list("name", "slug")) == {
        ("Science Fiction", "science-fiction"),
        ("Drama", "drama"),
    }


def test_a_genre_that_stands_is_taken() -> None:
    genre = Genre.objects.create(name="Sci-fi", slug="science-fiction")
    assert services.ensure_genres(names=["Science Fiction"]) == {"Science Fiction": genre.pk}


@pytest.mark.parametrize(
    "ensure", [services.ensure_keywords, services.ensure_companies, services.ensure_collections, services.ensure_people]
)
def test_what_stands_by_its_name_is_not_made_again(ensure: Callable[..., dict[str, int]]) -> None:
    first = ensure(names=["Toho", "MGM", "Toho"])
    assert ensure(names=["MGM", "Toho"]) == first
    assert set(first) == {"Toho", "MGM"}


def test_more_names_than_a_statement_takes_are_looked_up_in_portions() -> None:
    names = [f"Person {number}" for number in range(services.LOOKUP_SIZE + 1)]
    assert services.ensure_people(names=names) == services.ensure_people(names=reversed(names))


def test_of_people_with_one_name_the_first_is_taken() -> None:
    first, _ = (Person.objects.create(name="Ann Lee") for _ in range(2))
    assert services.ensure_people(names=["Ann Lee"]) == {"Ann Lee": first.pk}


def test_names_that_differ_in_accents_are_two_people() -> None:
    ids = services.ensure_people(names=["Andy Garcia", "Andy García"])
    assert len(set(ids.values())) == 2


@pytest.mark.parametrize(
    "name, slug", [("Film Noir", "film-noir"), ("時代劇", "時代劇"), ("Comédie", "comedie"), ("A" * 150, "a" * 100)]
)
def test_a_slug_is_the_name_for_an_address(name: str, slug: str) -> None:
    assert services.slug(name, length=100) == slug


def test_a_name_without_letters_has_no_slug() -> None:
    with pytest.raises(Invalid, match="has no letter or digit"):
        services.ensure_genres(names=["?!"])
