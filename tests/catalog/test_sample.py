"""The sample that an empty catalogue starts with: wide in place and time, whole in every row."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from catalog.values import EXTERNAL_ID_PATTERNS, Department, IdSource, Precision, Status

PATH = Path(__file__).parents[2] / "catalog" / "data" / "sample.json"
SAMPLE: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
FILMS: list[dict[str, Any]] = SAMPLE["films"]
CREDITS = [(film, credit) for film in FILMS for credit in (*film["cast"], *film["crew"])]
NAMES = [f"{film['title']} ({film['year']})" for film in FILMS]

GENRES = {
    *("Action", "Adventure", "Animation", "Biography", "Comedy", "Crime", "Documentary", "Drama", "Family", "Fantasy"),
    *("Film Noir", "History", "Horror", "Music", "Musical", "Mystery", "Romance", "Science Fiction", "Short"),
    *("Silent", "Sport", "Thriller", "War", "Western"),
}
CONTINENTS = {
    "Africa": {"BF", "DZ", "EG", "ML", "SN", "TN", "ZA"},
    "Asia": {"CN", "HK", "IN", "IR", "JP", "KR", "TH", "TR", "TW", "VN"},
    "Europe": {"CS", "DE", "DK", "ES", "FR", "GB", "IT", "PL", "RO", "SE", "SU"},
    "North America": {"CA", "CU", "MX", "US"},
    "Oceania": {"AU", "NZ"},
    "South America": {"AR", "BR", "CL"},
}
FILM_KEYS = {
    *("title", "original_title", "year", "release_date", "release_precision", "runtime", "overview", "tagline"),
    *("original_language", "status", "budget", "revenue", "countries", "languages", "genres", "keywords", "companies"),
    *("collection", "titles", "cast", "crew", "external_ids"),
}

each_film = pytest.mark.parametrize("film", FILMS, ids=NAMES)


def texts(value: object) -> Iterator[str]:
    """Every text within a JSON value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts(part)


def dates(row: dict[str, Any], *names: str) -> Iterator[tuple[str | None, str | None]]:
    """The (date, precision) pairs of a film or credit."""
    for name in names:
        yield row[f"{name}_date"], row[f"{name}_precision"]


def is_known_to(value: str | None, precision: str | None) -> bool:
    """Whether a date is real and says no more than its precision claims to know; both None is well."""
    if value is None or precision is None:
        return value is precision
    day = date.fromisoformat(value)
    unknown = {Precision.DAY: (), Precision.MONTH: (day.day,), Precision.YEAR: (day.month, day.day)}
    return all(part == 1 for part in unknown[Precision(precision)])


def test_there_are_at_least_sixty_films_each_once() -> None:
    assert len(FILMS) >= 60
    assert len({(film["title"], film["year"]) for film in FILMS}) == len(FILMS)


def test_films_stand_by_year() -> None:
    years = [film["year"] for film in FILMS]
    assert years == sorted(years)


def test_at_least_25_countries_and_15_languages_have_a_film() -> None:
    assert len({code for film in FILMS for code in film["countries"]}) >= 25
    assert len({film["original_language"] for film in FILMS} - {None}) >= 15


@pytest.mark.parametrize("countries", CONTINENTS.values(), ids=CONTINENTS.keys())
def test_every_continent_has_a_film(countries: set[str]) -> None:
    assert any(countries & set(film["countries"]) for film in FILMS)


@pytest.mark.parametrize("decade", range(1900, 2030, 10))
def test_every_decade_has_a_film(decade: int) -> None:
    assert any(film["year"] // 10 * 10 == decade for film in FILMS)


def test_a_collection_holds_three_films() -> None:
    collections = Counter(film["collection"] for film in FILMS if film["collection"])
    assert max(collections.values()) >= 3


def test_a_revenue_is_past_what_32_bits_hold() -> None:
    assert any((film["revenue"] or 0) > 2**31 for film in FILMS)


@each_film
def test_a_film_has_every_key_and_no_other(film: dict[str, Any]) -> None:
    assert film.keys() == FILM_KEYS


def test_ratings_and_votes_of_others_are_not_given_away_and_none_are_invented() -> None:
    assert [key for key in FILM_KEYS if "rating" in key or "vote" in key or "popular" in key] == []


@each_film
def test_no_text_is_empty_or_has_space_around_it(film: dict[str, Any]) -> None:
    assert [text for text in texts(film) if not text or text != text.strip()] == []


@each_film
def test_an_overview_is_two_or_three_sentences_long(film: dict[str, Any]) -> None:
    assert 80 <= len(film["overview"]) <= 600


@each_film
def test_genres_are_of_the_list_and_the_film_is_released(film: dict[str, Any]) -> None:
    assert film["genres"]
    assert set(film["genres"]) <= GENRES
    assert film["status"] == Status.RELEASED


@each_film
def test_codes_of_countries_and_languages_are_well_formed(film: dict[str, Any]) -> None:
    languages = [*film["languages"], film["original_language"], *(row["language"] for row in film["titles"])]
    countries = [*film["countries"], *(row["region"] for row in film["titles"])]
    assert film["countries"]
    assert all(re.fullmatch(r"[A-Z]{2}", code) for code in countries if code is not None)
    assert all(re.fullmatch(r"[a-z]{2}", code) for code in languages if code is not None)


@each_film
def test_no_list_names_a_thing_twice(film: dict[str, Any]) -> None:
    for name in ("countries", "languages", "genres", "keywords", "companies"):
        assert len(set(film[name])) == len(film[name])
    assert len({(row["title"], row["region"], row["language"]) for row in film["titles"]}) == len(film["titles"])


@each_film
def test_money_and_minutes_are_whole_and_positive_or_unknown(film: dict[str, Any]) -> None:
    amounts = [film[name] for name in ("budget", "revenue", "runtime") if film[name] is not None]
    assert all(type(amount) is int and amount > 0 for amount in amounts)


@each_film
def test_the_year_is_within_one_of_the_release(film: dict[str, Any]) -> None:
    released = film["release_date"]
    assert type(film["year"]) is int
    assert released is None or abs(date.fromisoformat(released).year - film["year"]) <= 1


@each_film
def test_dates_are_real_and_have_a_precision(film: dict[str, Any]) -> None:
    people = (pair for row in (*film["cast"], *film["crew"]) for pair in dates(row, "birth", "death"))
    assert all(is_known_to(*pair) for pair in (*dates(film, "release"), *people))


@each_film
def test_external_ids_are_well_formed(film: dict[str, Any]) -> None:
    for source, value in film["external_ids"].items():
        assert re.fullmatch(EXTERNAL_ID_PATTERNS[IdSource(source)], value)
    assert re.fullmatch(r"tt\d{7,8}", film["external_ids"].get("imdb", "tt0000000"))


@pytest.mark.parametrize("source", ["imdb", "tmdb", "wikidata"])
def test_an_external_id_belongs_to_one_film(source: str) -> None:
    values = [film["external_ids"][source] for film in FILMS if source in film["external_ids"]]
    assert len(values) >= 20
    assert len(set(values)) == len(values)


@each_film
def test_a_film_has_a_director_and_all_its_crew_a_department_and_a_job(film: dict[str, Any]) -> None:
    assert any(credit["job"] == "Director" for credit in film["crew"])
    assert all(Department(credit["department"]) and credit["job"] for credit in film["crew"])


@each_film
def test_nobody_is_credited_twice_for_the_same(film: dict[str, Any]) -> None:
    parts = [(credit["name"], credit["character"]) for credit in film["cast"]]
    jobs = [(credit["name"], credit["job"]) for credit in film["crew"]]
    assert len(set(parts)) == len(parts)
    assert len(set(jobs)) == len(jobs)


def test_one_name_is_one_person_over_the_whole_file() -> None:
    lives = defaultdict(set)
    for _, credit in CREDITS:
        lives[credit["name"]].add((*dates(credit, "birth", "death"),))
    assert {name: found for name, found in lives.items() if len(found) > 1} == {}


def test_nobody_dies_before_birth_or_works_before_the_age_of_three() -> None:
    for film, credit in CREDITS:
        born, died = credit["birth_date"], credit["death_date"]
        assert born is None or died is None or born < died
        assert born is None or film["year"] - date.fromisoformat(born).year >= 3
