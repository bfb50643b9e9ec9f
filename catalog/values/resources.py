"""Films and people as the API shows them, and the names of what they show."""

from datetime import date, datetime

import msgspec


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
"""The names of a film's own columns, in the order in which answers show them."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One person's own columns, as the API shows them; None for unknown."""

    id: int
    name: str
    birth_date: date | None
    birth_precision: str | None
    death_date: date | None
    death_precision: str | None
    version: int
    created: datetime
    updated: datetime


PERSON_FIELDS: tuple[str, ...] = Person.__struct_fields__
PERSON_DETAIL_FIELDS: tuple[str, ...] = (*PERSON_FIELDS, "external_ids")
"""What lists show of a person, and what a person's own address does, in the order in which answers show it."""

FILM_RELATIONS: tuple[str, ...] = (
    "collection",
    "genres",
    "countries",
    "languages",
    "keywords",
    "companies",
    "titles",
    "cast",
    "crew",
    "external_ids",
    "ratings",
)
"""What one film shows besides its own columns, in the order in which answers show it."""

FILM_DETAIL_FIELDS: tuple[str, ...] = FILM_FIELDS + FILM_RELATIONS

FILM_INCLUDES: tuple[str, ...] = ("genres", "cast", "crew", "titles")
"""The relations that lists can show too."""

FILM_FACETS: tuple[str, ...] = ("year", "decade", "rating", "genre", "country", "language")
"""What films are counted by."""
