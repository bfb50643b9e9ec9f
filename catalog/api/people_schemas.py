"""What answers about people look like."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from catalog.api.schemas import ID_PATTERN, Page
from catalog.values import Department
from catalog.values.members import Character, FilmTitle, Id, JobName, PersonName, Place, Year
from catalog.values.resources import PersonSummary

PERSON_ID: dict[str, Any] = {
    "type": "string",
    "pattern": ID_PATTERN,
    "description": "Our id, or an external one: `imdb:nm0000151`, `tmdb:192`, `wikidata:Q48337`.",
    "examples": ["1", "imdb:nm0000151"],
}


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
    """A part in a film."""

    movie: NamedMovie
    character: Character | None
    order: Place


class CrewIn(msgspec.Struct, frozen=True):
    """A job in a film."""

    movie: NamedMovie
    department: Department
    job: JobName
    order: Place


class PersonCredits(msgspec.Struct, frozen=True):
    """What one person has done in published films, the newest first, those of an unknown year last."""

    id: Id
    name: PersonName
    cast: list[CastIn]
    crew: list[CrewIn]
