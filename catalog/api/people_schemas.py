"""What answers about people look like."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from catalog.api.schemas import ID_PATTERN, Count, FilmTitle, Id, Page, ProperName, Year
from catalog.values import IdSource, Precision

PERSON_ID: dict[str, Any] = {
    "type": "string",
    "pattern": ID_PATTERN,
    "description": "Our id, or an external one: `imdb:nm0000151`, `tmdb:192`, `wikidata:Q48337`.",
    "examples": ["1", "imdb:nm0000151"],
}


class PersonSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One person's own columns, as lists show them."""

    id: Id | UnsetType = UNSET
    name: ProperName | UnsetType = UNSET
    birth_date: date | UnsetType | None = UNSET
    birth_precision: Precision | UnsetType | None = UNSET
    death_date: date | UnsetType | None = UNSET
    death_precision: Precision | UnsetType | None = UNSET
    version: Annotated[int, Meta(ge=1, description="Raised with every change.")] | UnsetType = UNSET
    created: datetime | UnsetType = UNSET
    updated: datetime | UnsetType = UNSET


class Person(PersonSummary, frozen=True, kw_only=True):
    """One person with all that belongs to them."""

    external_ids: dict[IdSource, str] | UnsetType = UNSET


class PersonList(msgspec.Struct, frozen=True):
    """A page of people; of people who were asked for by id also the ids that nobody has."""

    data: list[PersonSummary]
    page: Page
    missing: list[Id] | UnsetType = UNSET


class NamedMovie(msgspec.Struct, frozen=True):
    """A film by its title and year."""

    id: Id
    title: FilmTitle
    year: Year | None


class CastIn(msgspec.Struct, frozen=True):
    """A part in a film; `order` is the place in its billing, 0 first."""

    movie: NamedMovie
    character: str | None
    order: Count


class CrewIn(msgspec.Struct, frozen=True):
    """A job in a film."""

    movie: NamedMovie
    department: str
    job: str
    order: Count


class PersonCredits(msgspec.Struct, frozen=True):
    """What one person has done in published films, the newest first, those of an unknown year last."""

    id: Id
    name: ProperName
    cast: list[CastIn]
    crew: list[CrewIn]
