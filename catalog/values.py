"""What crosses threads and rooms: enumerations (the models' choices too) and frozen structs."""

from datetime import date, datetime
from enum import StrEnum

import msgspec


class Precision(StrEnum):
    """How much of a date is known; the unknown part stands as 01."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class Status(StrEnum):
    """Where a film is on its way to the public."""

    RUMORED = "rumored"
    ANNOUNCED = "announced"
    IN_PRODUCTION = "in_production"
    POST_PRODUCTION = "post_production"
    RELEASED = "released"
    CANCELED = "canceled"


class TitleKind(StrEnum):
    """What a film's further title is."""

    RELEASE = "release"
    WORKING = "working"
    ALTERNATIVE = "alternative"


class Department(StrEnum):
    """The parts of a film's crew, by the names that TMDB uses."""

    DIRECTING = "Directing"
    WRITING = "Writing"
    PRODUCTION = "Production"
    CAMERA = "Camera"
    EDITING = "Editing"
    SOUND = "Sound"
    ART = "Art"
    COSTUME_MAKEUP = "Costume & Make-Up"
    VISUAL_EFFECTS = "Visual Effects"
    LIGHTING = "Lighting"
    CREW = "Crew"


class IdSource(StrEnum):
    """Who gave an external id."""

    IMDB = "imdb"
    TMDB = "tmdb"
    WIKIDATA = "wikidata"
    WIKIPEDIA = "wikipedia"
    MOVIELENS = "movielens"
    LETTERBOXD = "letterboxd"


class RatingSource(StrEnum):
    """Whose users voted."""

    IMDB = "imdb"
    TMDB = "tmdb"
    MOVIELENS = "movielens"
    LETTERBOXD = "letterboxd"


EXTERNAL_ID_PATTERNS: dict[IdSource, str] = {
    IdSource.IMDB: r"(tt|nm)[0-9]{7,10}",
    IdSource.TMDB: r"[1-9][0-9]{0,11}",
    IdSource.WIKIDATA: r"Q[1-9][0-9]{0,11}",
    IdSource.WIKIPEDIA: r"\S(.{0,298}\S)?",
    IdSource.MOVIELENS: r"[1-9][0-9]{0,11}",
    IdSource.LETTERBOXD: r"[a-z0-9][a-z0-9-]{0,199}",
}
"""The whole form of an external id, per source (as in `FORMATS`: tt and at least seven digits)."""

YEAR_MIN, YEAR_MAX = 1870, 2100
"""The first moving pictures are younger, announced films older, than these."""

RATING_MAX = 10.0
MONEY_MAX = 10**12


class Film(msgspec.Struct, frozen=True, kw_only=True):
    """One film's own columns, as the API shows them: minutes, whole US dollars, ratings 0 to 10, None for unknown."""

    id: int
    title: str
    original_title: str | None
    year: int | None
    release_date: date | None
    release_precision: str | None
    runtime: int | None
    overview: str | None
    tagline: str | None
    original_language: str | None
    status: str
    budget: int | None
    revenue: int | None
    rating: float | None
    votes: int
    popularity: float
    poster: str | None
    version: int
    created: datetime
    updated: datetime


FILM_FIELDS: tuple[str, ...] = Film.__struct_fields__
