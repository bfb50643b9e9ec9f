"""Two entries that are one: merged, and the old id leads to the new."""

import pytest

from catalog import selectors, services
from catalog.errors import Invalid, Moved, NotFound
from catalog.models import CastCredit, Film, FilmOrigin, Genre, Person
from catalog.registers import FilmRedirect

pytestmark = pytest.mark.django_db


def film(title: str, **more: object) -> Film:
    return Film.objects.create(title=title, published=True, **more)


def test_the_kept_film_takes_over_what_it_lacks() -> None:
    kept, merged = film("Stalker", year=1979), film("Сталкер", year=1980, runtime=162)
    genre = Genre.objects.create(slug="drama", name="Drama")
    person = Person.objects.create(name="Ann")
    merged.genres.add(genre)
    for each in (kept, merged):
        CastCredit.objects.create(film=each, person=person, character="A")
        each.ratings.create(source="imdb", average=8, scale=10, count=each.pk)
    CastCredit.objects.create(film=merged, person=person, character="B")
    merged.external_ids.create(source="imdb", value="tt0079944")
    FilmOrigin.objects.create(film=merged, source="wikipedia", key="x")
    services.merge_films(kept_id=kept.pk, merged_id=merged.pk)
    record = selectors.film(kept.pk)
    assert (record["title"], record["year"], record["runtime"], record["votes"]) == ("Stalker", 1979, 162, kept.pk)
    assert [each["character"] for each in record["cast"]] == ["A", "B"]
    assert (record["external_ids"], record["genres"]) == ({"imdb": "tt0079944"}, [{"slug": "drama", "name": "Drama"}])
    assert FilmOrigin.objects.get().film_id == kept.pk


def test_an_old_id_leads_to_the_kept_film_however_often_that_is_merged() -> None:
    first, second, third = (film(title) for title in "abc")
    services.merge_films(kept_id=second.pk, merged_id=third.pk)
    services.merge_films(kept_id=first.pk, merged_id=second.pk)
    assert set(FilmRedirect.objects.values_list("film_id", flat=True)) == {first.pk}
    for old in (second, third):
        with pytest.raises(Moved) as raised:
            selectors.film(old.pk)
        assert raised.value.new_id == first.pk


def test_no_film_becomes_a_part_of_itself() -> None:
    one, other = film("a"), film("b")
    with pytest.raises(Invalid, match="itself"):
        services.merge_films(kept_id=one.pk, merged_id=one.pk)
    services.merge_films(kept_id=one.pk, merged_id=other.pk)
    with pytest.raises(Moved):
        services.merge_films(kept_id=other.pk, merged_id=one.pk)


def test_what_is_not_there_is_not_merged() -> None:
    with pytest.raises(NotFound):
        services.merge_films(kept_id=film("a").pk, merged_id=999_999)


def test_people_are_merged_with_their_credits() -> None:
    kept, merged = Person.objects.create(name="Ann"), Person.objects.create(name="Ann Lee")
    for person in (kept, merged):
        CastCredit.objects.create(film=film("x"), person=person)
    services.merge_people(kept_id=kept.pk, merged_id=merged.pk)
    assert kept.cast_credits.count() == 2
    with pytest.raises(Moved):
        selectors.person(merged.pk)
