"""One film and one person as the OpenAPI document shows them, whole and true, and as bodies that can be sent."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec

from catalog.services.films import KEPT
from catalog.services.inputs import FilmChanges, FilmInput, PersonChanges, PersonInput
from catalog.values import (
    FILM_FIELDS,
    FILM_INCLUDES,
    PERSON_FIELDS,
    Department,
    IdSource,
    Precision,
    RatingSource,
    Status,
    TitleKind,
)
from catalog.values.resources import (
    Cast,
    Coded,
    Company,
    Crew,
    Film,
    FilmSummary,
    ListedFilm,
    Named,
    Person,
    PersonSummary,
    Slugged,
    SourceRating,
    Title,
)

MADE = datetime(2026, 1, 31, 12, 20, tzinfo=UTC)
FREEMAN, DARABONT = Named(1, "Morgan Freeman"), Named(2, "Frank Darabont")

FILM: dict[str, Any] = msgspec.to_builtins(
    Film(
        id=1,
        title="The Shawshank Redemption",
        original_title="The Shawshank Redemption",
        year=1994,
        release_date=date(1994, 9, 23),
        release_precision=Precision.DAY,
        runtime=142,
        overview="Two imprisoned men find solace and, in the end, redemption.",
        tagline="Fear can hold you prisoner. Hope can set you free.",
        original_language="en",
        status=Status.RELEASED,
        budget=25_000_000,
        revenue=28_341_469,
        rating=9.3,
        votes=2_900_000,
        popularity=42.5,
        poster="/media/posters/1.jpg",
        version=17,
        created=MADE,
        updated=MADE,
        collection=None,
        genres=[Slugged("crime", "Crime"), Slugged("drama", "Drama")],
        countries=[Coded("US", "United States")],
        languages=[Coded("en", "English")],
        keywords=[Slugged("prison", "prison")],
        companies=[Company(1, "Castle Rock Entertainment", "US")],
        titles=[Title("Die Verurteilten", "DE", "de", TitleKind.RELEASE)],
        cast=[Cast(FREEMAN, "Ellis Boyd 'Red' Redding", 0)],
        crew=[Crew(DARABONT, Department.DIRECTING, "Director", 0)],
        external_ids={IdSource.IMDB: "tt0111161", IdSource.TMDB: "278"},
        ratings=[SourceRating(RatingSource.IMDB, 9.3, 10, 2_900_000)],
    )
)
BY_NAME = {
    "genres": ["crime", "drama"],
    "countries": ["US"],
    "languages": ["en"],
    "keywords": [{"name": "prison"}],
    "companies": [{"name": "Castle Rock Entertainment", "country": "US"}],
    "cast": [{"person": {"name": "Morgan Freeman"}, "character": "Ellis Boyd 'Red' Redding"}],
    "crew": [{"person": {"name": "Frank Darabont"}, "department": "Directing", "job": "Director"}],
}
"""What a film is linked with, as somebody writes it who knows no ids: it is the same on every service."""

FILM_BODY = {name: value for name, value in FILM.items() if name not in KEPT} | BY_NAME

PERSON: dict[str, Any] = msgspec.to_builtins(
    Person(
        id=1,
        name="Morgan Freeman",
        birth_date=date(1937, 6, 1),
        birth_precision=Precision.DAY,
        death_date=None,
        death_precision=None,
        version=3,
        created=MADE,
        updated=MADE,
        external_ids={IdSource.IMDB: "nm0000151"},
    )
)
PERSON_BODY = {name: value for name, value in PERSON.items() if name not in KEPT}


def only(whole: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: whole[name] for name in names}


SAMPLES: dict[type, dict[str, Any]] = {
    Film: FILM,
    FilmSummary: only(FILM, FILM_FIELDS),
    ListedFilm: only(FILM, FILM_FIELDS + FILM_INCLUDES),
    FilmInput: FILM_BODY,
    FilmChanges: FILM_BODY,
    Person: PERSON,
    PersonSummary: only(PERSON, PERSON_FIELDS),
    PersonInput: PERSON_BODY,
    PersonChanges: PERSON_BODY,
}
"""By type, what stands in the document for each film and person."""
