"""Films and people as the API shows them: the names of what they show, from which bodies, queries and documents follow.

Every member of a film or person may be absent, since `fields` chooses; null is unknown.
"""

from datetime import date

import msgspec
from msgspec import UNSET, UnsetType

from catalog.values.enumerations import Department, IdSource, Precision, RatingSource, Status, TitleKind
from catalog.values.members import (
    AllVotes,
    Average,
    Budget,
    Character,
    Code,
    CodeName,
    CollectionName,
    CompanyName,
    CountryCode,
    ExternalName,
    FilmTitle,
    Id,
    JobName,
    LanguageCode,
    Mark,
    Minutes,
    Moment,
    Overview,
    PersonName,
    Picture,
    Place,
    Popularity,
    Revenue,
    Scale,
    Slug,
    SlugName,
    Tagline,
    Version,
    Votes,
    Year,
)


class FilmColumns(msgspec.Struct, frozen=True, kw_only=True):
    """What is written of a film just as it is shown."""

    id: Id | UnsetType = UNSET
    title: FilmTitle | UnsetType = UNSET
    original_title: FilmTitle | UnsetType | None = UNSET
    year: Year | UnsetType | None = UNSET
    release_date: date | UnsetType | None = UNSET
    release_precision: Precision | UnsetType | None = UNSET
    runtime: Minutes | UnsetType | None = UNSET
    overview: Overview | UnsetType | None = UNSET
    tagline: Tagline | UnsetType | None = UNSET
    original_language: LanguageCode | UnsetType | None = UNSET


class FilmSummary(FilmColumns, frozen=True, kw_only=True):
    """One film's own columns, as lists show it."""

    status: Status | UnsetType = UNSET
    budget: Budget | UnsetType | None = UNSET
    revenue: Revenue | UnsetType | None = UNSET
    rating: Average | UnsetType | None = UNSET
    votes: AllVotes | UnsetType = UNSET
    popularity: Popularity | UnsetType = UNSET
    poster: Picture | UnsetType | None = UNSET
    version: Version | UnsetType = UNSET
    created: Moment | UnsetType = UNSET
    updated: Moment | UnsetType = UNSET


class Slugged(msgspec.Struct, frozen=True):
    """A genre or keyword."""

    slug: Slug
    name: SlugName


class Coded(msgspec.Struct, frozen=True):
    """A country or language."""

    code: Code
    name: CodeName


class Collection(msgspec.Struct, frozen=True):
    """Films that belong together."""

    id: Id
    name: CollectionName


class Company(msgspec.Struct, frozen=True):
    id: Id
    name: CompanyName
    country: CountryCode | None


class Named(msgspec.Struct, frozen=True):
    """A person by name."""

    id: Id
    name: PersonName


class Title(msgspec.Struct, frozen=True):
    """A title by region and language."""

    title: FilmTitle
    region: CountryCode | None
    language: LanguageCode | None
    kind: TitleKind


class Cast(msgspec.Struct, frozen=True):
    """A part and who plays it."""

    person: Named
    character: Character | None
    order: Place


class Crew(msgspec.Struct, frozen=True):
    """A job and who does it."""

    person: Named
    department: Department
    job: JobName
    order: Place


class SourceRating(msgspec.Struct, frozen=True):
    """What one source's users think, on that source's own scale."""

    source: RatingSource
    average: Mark
    scale: Scale
    count: Votes


class Film(FilmSummary, frozen=True, kw_only=True):
    """One film with all that belongs to it."""

    collection: Collection | UnsetType | None = UNSET
    genres: list[Slugged] | UnsetType = UNSET
    countries: list[Coded] | UnsetType = UNSET
    languages: list[Coded] | UnsetType = UNSET
    keywords: list[Slugged] | UnsetType = UNSET
    companies: list[Company] | UnsetType = UNSET
    titles: list[Title] | UnsetType = UNSET
    cast: list[Cast] | UnsetType = UNSET
    crew: list[Crew] | UnsetType = UNSET
    external_ids: dict[IdSource, ExternalName] | UnsetType = UNSET
    ratings: list[SourceRating] | UnsetType = UNSET


class ListedFilm(FilmSummary, frozen=True, kw_only=True):
    """A film as lists show it, with the relations that were asked for."""

    genres: list[Slugged] | UnsetType = UNSET
    cast: list[Cast] | UnsetType = UNSET
    crew: list[Crew] | UnsetType = UNSET
    titles: list[Title] | UnsetType = UNSET


class PersonColumns(msgspec.Struct, frozen=True, kw_only=True):
    """What is written of a person just as it is shown."""

    id: Id | UnsetType = UNSET
    name: PersonName | UnsetType = UNSET
    birth_date: date | UnsetType | None = UNSET
    birth_precision: Precision | UnsetType | None = UNSET
    death_date: date | UnsetType | None = UNSET
    death_precision: Precision | UnsetType | None = UNSET


class PersonSummary(PersonColumns, frozen=True, kw_only=True):
    """One person's own columns, as lists show them."""

    version: Version | UnsetType = UNSET
    created: Moment | UnsetType = UNSET
    updated: Moment | UnsetType = UNSET


class Person(PersonSummary, frozen=True, kw_only=True):
    """One person with all that belongs to them."""

    external_ids: dict[IdSource, ExternalName] | UnsetType = UNSET


FILM_FIELDS: tuple[str, ...] = FilmSummary.__struct_fields__
"""The names of a film's own columns, in the order in which answers show them."""

FILM_DETAIL_FIELDS: tuple[str, ...] = Film.__struct_fields__
FILM_RELATIONS = FILM_DETAIL_FIELDS[len(FILM_FIELDS) :]
"""What one film shows besides its own columns, in the order in which answers show it."""

FILM_INCLUDES: tuple[str, ...] = ListedFilm.__struct_fields__[len(FILM_FIELDS) :]
"""The relations that lists can show too."""

PERSON_FIELDS: tuple[str, ...] = PersonSummary.__struct_fields__
PERSON_DETAIL_FIELDS: tuple[str, ...] = Person.__struct_fields__
"""What lists show of a person, and what a person's own address does, in the order in which answers show it."""

FILM_FACETS: tuple[str, ...] = ("year", "decade", "rating", "genre", "country", "language")
"""What films are counted by."""
