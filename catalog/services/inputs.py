"""What films and people are written with: one definition, by which bodies are read, judged and described.

What answers show may be sent back as it is: members that nobody can set (`ReadOnly`) are taken where they say what is
true, and so are the names of genres, people and so on beside what tells which are meant.
"""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from catalog.values import Department, IdSource, RatingSource, Status, TitleKind
from catalog.values.members import (
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
    PersonName,
    Place,
    Popularity,
    Revenue,
    Scale,
    Slug,
    SlugName,
    Votes,
)
from catalog.values.resources import FilmColumns, PersonColumns

Published = Annotated[bool, Meta(description="Whether the API shows it; drafts (false) it does not. Else true.")]
ReadOnly = Annotated[Any, Meta(description="Kept by the service: may be sent back as answers show it, not changed.")]


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all that is written shares: no member is ignored."""


class GenreInput(Input, frozen=True, kw_only=True):
    """A genre or keyword by its slug; `name` is what the catalogue calls it."""

    slug: Slug
    name: SlugName | UnsetType = UNSET


class KeywordInput(Input, frozen=True, kw_only=True):
    """A keyword by its slug, which must be known; or by its name, made where there is none."""

    slug: Slug | UnsetType = UNSET
    name: SlugName | UnsetType = UNSET


class CodeInput(Input, frozen=True, kw_only=True):
    """A country or language by its code; `name` is what the catalogue calls it."""

    code: Code
    name: CodeName | UnsetType = UNSET


class CollectionInput(Input, frozen=True, kw_only=True):
    """A collection by its id, or by its name, made where there is none."""

    id: Id | UnsetType = UNSET
    name: CollectionName | UnsetType = UNSET


class CompanyInput(Input, frozen=True, kw_only=True):
    """A company by its id, or by its name, made where there is none."""

    id: Id | UnsetType = UNSET
    name: CompanyName | UnsetType = UNSET
    country: CountryCode | UnsetType | None = UNSET


class Whom(Input, frozen=True, kw_only=True):
    """A person by id; or by a name that one person has, or none, who is then made."""

    id: Id | UnsetType = UNSET
    name: PersonName | UnsetType = UNSET


class TitleInput(Input, frozen=True, kw_only=True):
    """A further title, by region and language."""

    title: FilmTitle
    region: CountryCode | None = None
    language: LanguageCode | None = None
    kind: TitleKind = TitleKind.RELEASE


class CastInput(Input, frozen=True, kw_only=True):
    """A part and who plays it."""

    person: Whom
    character: Character | None = None
    order: Place | UnsetType = UNSET


class CrewInput(Input, frozen=True, kw_only=True):
    """A job and who does it."""

    person: Whom
    department: Department
    job: JobName
    order: Place | UnsetType = UNSET


class RatingInput(Input, frozen=True, kw_only=True):
    """What one source's users think, on that source's own scale."""

    source: RatingSource
    average: Mark
    scale: Scale = 10
    count: Votes


class FilmChanges(FilmColumns, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed of a film (RFC 7396): null is unknown, none, or what a new film has."""

    id: ReadOnly | UnsetType = UNSET
    status: Status | UnsetType | None = UNSET
    published: Published | UnsetType | None = UNSET
    budget: Budget | UnsetType | None = UNSET
    revenue: Revenue | UnsetType | None = UNSET
    rating: ReadOnly | UnsetType = UNSET
    votes: ReadOnly | UnsetType = UNSET
    popularity: Popularity | UnsetType | None = UNSET
    poster: ReadOnly | UnsetType = UNSET
    version: ReadOnly | UnsetType = UNSET
    created: ReadOnly | UnsetType = UNSET
    updated: ReadOnly | UnsetType = UNSET
    collection: CollectionInput | UnsetType | None = UNSET
    genres: Annotated[list[Slug | GenreInput], Meta(max_length=50)] | UnsetType | None = UNSET
    countries: Annotated[list[CountryCode | CodeInput], Meta(max_length=50)] | UnsetType | None = UNSET
    languages: Annotated[list[LanguageCode | CodeInput], Meta(max_length=50)] | UnsetType | None = UNSET
    keywords: Annotated[list[Slug | KeywordInput], Meta(max_length=500)] | UnsetType | None = UNSET
    companies: Annotated[list[CompanyInput], Meta(max_length=100)] | UnsetType | None = UNSET
    titles: Annotated[list[TitleInput], Meta(max_length=500)] | UnsetType | None = UNSET
    cast: Annotated[list[CastInput], Meta(max_length=2000)] | UnsetType | None = UNSET
    crew: Annotated[list[CrewInput], Meta(max_length=2000)] | UnsetType | None = UNSET
    external_ids: dict[IdSource, ExternalName | None] | UnsetType | None = UNSET
    ratings: Annotated[list[RatingInput], Meta(max_length=10)] | UnsetType | None = UNSET


class FilmInput(FilmChanges, frozen=True, kw_only=True):
    """A whole film as it is written: what is absent is unknown, none, or what a new film has."""

    title: FilmTitle


class PersonChanges(PersonColumns, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed of a person (RFC 7396): null is unknown."""

    id: ReadOnly | UnsetType = UNSET
    version: ReadOnly | UnsetType = UNSET
    created: ReadOnly | UnsetType = UNSET
    updated: ReadOnly | UnsetType = UNSET
    external_ids: dict[IdSource, ExternalName | None] | UnsetType | None = UNSET


class PersonInput(PersonChanges, frozen=True, kw_only=True):
    """A whole person as they are written: what is absent is unknown."""

    name: PersonName
