"""Any film that the API takes comes back as it was sent, and may be sent again as it came back without any change."""

from functools import partial
from itertools import count
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Genre
from catalog.values import Department, IdSource, Precision, RatingSource, Status, TitleKind
from catalog.values.members import (
    COUNT_MAX,
    LINE_LENGTH,
    MONEY_MAX,
    NAME_LENGTH,
    POPULARITY_MAX,
    RUNTIME_MAX,
    TITLE_LENGTH,
    YEAR_MAX,
    YEAR_MIN,
)
from tests.catalog.api.writing import Writer

GENRES, COUNTRIES, LANGUAGES = ("drama", "horror", "film-noir"), ("US", "SU", "JP"), ("en", "ru", "ja")
NUMBERS = count(1)


def text(length: int) -> st.SearchStrategy[str]:
    """Any text that a column can hold and that is not blank."""
    characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    return st.text(characters, min_size=1, max_size=min(length, 40)).filter(str.strip)


def unknown_or(known: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | known


def some(values: st.SearchStrategy[Any], key: Any = None) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, max_size=3, unique_by=key)


PEOPLE = st.fixed_dictionaries({"name": st.sampled_from(["Ann", "志村 喬", "O'Neil"])})
CAST = st.fixed_dictionaries({"person": PEOPLE, "character": unknown_or(text(LINE_LENGTH))})
CREW = st.fixed_dictionaries(
    {"person": PEOPLE, "department": st.sampled_from(list(Department)), "job": text(NAME_LENGTH)}
)
TITLES = st.fixed_dictionaries(
    {
        "title": text(TITLE_LENGTH),
        "region": unknown_or(st.sampled_from(COUNTRIES)),
        "language": unknown_or(st.sampled_from(LANGUAGES)),
        "kind": st.sampled_from(list(TitleKind)),
    }
)
RATINGS = st.fixed_dictionaries(
    {
        "source": st.sampled_from(list(RatingSource)),
        "average": st.floats(0, 5).map(abs),
        "scale": st.sampled_from([5, 10]),
        "count": st.integers(0, COUNT_MAX),
    }
)
COLUMNS = {
    "title": text(TITLE_LENGTH),
    "original_title": unknown_or(text(TITLE_LENGTH)),
    "year": unknown_or(st.integers(YEAR_MIN, YEAR_MAX)),
    "runtime": unknown_or(st.integers(1, RUNTIME_MAX)),
    "overview": unknown_or(text(1000)),
    "tagline": unknown_or(text(LINE_LENGTH)),
    "original_language": unknown_or(st.sampled_from(LANGUAGES)),
    "status": st.sampled_from(list(Status)),
    "budget": unknown_or(st.integers(1, MONEY_MAX)),
    "revenue": unknown_or(st.integers(1, MONEY_MAX)),
    "popularity": st.floats(0, POPULARITY_MAX).map(abs),
}
LISTS = {
    "genres": some(st.sampled_from(GENRES), str),
    "countries": some(st.sampled_from(COUNTRIES), str),
    "languages": some(st.sampled_from(LANGUAGES), str),
    "keywords": some(st.fixed_dictionaries({"name": st.sampled_from(["Zone", "Time travel", "旅"])}), str),
    "companies": some(st.fixed_dictionaries({"name": text(NAME_LENGTH)}), str),
    "collection": unknown_or(st.fixed_dictionaries({"name": text(NAME_LENGTH)})),
    "titles": some(TITLES, lambda each: (each["title"], each["region"], each["language"])),
    "cast": some(CAST, lambda each: (each["person"]["name"], each["character"])),
    "crew": some(CREW, lambda each: (each["person"]["name"], each["job"])),
    "ratings": some(RATINGS, lambda each: each["source"]),
}
DATES = st.none() | st.tuples(st.dates(), st.sampled_from(list(Precision)))


@st.composite
def films(draw: st.DrawFn) -> dict[str, Any]:
    """A whole film as a body has it, with ids elsewhere that no other film has."""
    film: dict[str, Any] = draw(st.fixed_dictionaries(COLUMNS | LISTS))
    if dated := draw(DATES):
        day, precision = dated
        kept = {"day": 10, "month": 7, "year": 4}[precision]
        film |= {"release_date": f"{str(day)[:kept]}-01-01"[:10], "release_precision": precision}
    sources = draw(st.sets(st.sampled_from([IdSource.TMDB, IdSource.MOVIELENS])))
    whole: dict[str, Any] = msgspec.to_builtins(film | {"external_ids": {each: str(next(NUMBERS)) for each in sources}})
    return whole


@pytest.fixture
def genres(db: None) -> None:
    Genre.objects.bulk_create(Genre(slug=slug, name=slug.title()) for slug in GENRES)


def pruned(shown: Any, sent: Any) -> Any:
    """What is shown, without the members that were not sent: ids, names, places."""
    if isinstance(sent, dict):
        return {name: pruned(shown[name], sent[name]) for name in sent}
    if isinstance(sent, list):
        return [pruned(*pair) for pair in zip(shown, sent, strict=True)]
    return shown["slug" if "slug" in shown else "code"] if isinstance(shown, dict) else shown


def ordered(film: dict[str, Any]) -> dict[str, Any]:
    """The same film with its lists in one order: the catalogue keeps that of the cast and the crew only."""
    free = ("genres", "countries", "languages", "keywords", "companies", "titles", "ratings")
    key = partial(msgspec.json.encode, order="sorted")
    return {name: sorted(each, key=key) if name in free else each for name, each in film.items()}


@pytest.mark.usefixtures("genres")
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(film=films())
def test_a_film_comes_back_as_it_was_sent_and_may_be_sent_back(writer: Writer, film: dict[str, Any]) -> None:
    made = writer.post("/api/movies", film)
    address = made.headers["Location"]
    shown = writer.client.get(address)
    assert (made.status, made.body) == (201, shown.body)
    assert ordered(pruned(shown.json, film)) == ordered(film)
    assert writer.put(address, shown.body).body == shown.body
    assert writer.patch(address, {}).body == writer.client.get(address).body == shown.body


def test_more_votes_than_a_column_holds_are_told_as_so_many(writer: Writer) -> None:
    ratings = [{"source": source, "average": 8, "count": COUNT_MAX} for source in ("imdb", "tmdb")]
    answer = writer.post("/api/movies", {"title": "X", "ratings": ratings})
    assert (answer.json["rating"], answer.json["votes"]) == (8.0, COUNT_MAX)
