"""What films and people are written with: one definition, by which bodies are read, judged and described.

What answers show may be sent back as it is: members that nobody can set (`ReadOnly`) are taken where they say what is
true, and so are the names of genres, people and so on beside what tells which are meant.
"""

from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from catalog.values import (
    MONEY_MAX,
    RATING_MAX,
    YEAR_MAX,
    YEAR_MIN,
    Department,
    IdSource,
    Precision,
    RatingSource,
    Status,
    TitleKind,
)

COUNT_MAX = 2**31 - 1

Id = Annotated[int, Meta(ge=1, le=2**63 - 1, description="Our own id.", examples=[1])]
TitleText = Annotated[str, Meta(min_length=1, max_length=500, examples=["The Shawshank Redemption"])]
Name = Annotated[str, Meta(min_length=1, max_length=200, examples=["Castle Rock Entertainment"])]
PersonName = Annotated[str, Meta(min_length=1, max_length=300, examples=["Morgan Freeman"])]
Line = Annotated[str, Meta(min_length=1, max_length=1000)]
Text = Annotated[str, Meta(min_length=1, max_length=20_000)]
Year = Annotated[int, Meta(ge=YEAR_MIN, le=YEAR_MAX, description="Year of the first release.", examples=[1994])]
Minutes = Annotated[int, Meta(ge=1, le=60_000, description="Running time in minutes.", examples=[142])]
Dollars = Annotated[int, Meta(ge=1, le=MONEY_MAX, description="Whole US dollars.", examples=[25_000_000])]
Popularity = Annotated[float, Meta(ge=0, le=10**9, examples=[42.5])]
Place = Annotated[int, Meta(ge=0, le=COUNT_MAX, description="Place in the billing, 0 first; else that in this list.")]
Votes = Annotated[int, Meta(ge=0, le=COUNT_MAX, examples=[2_900_000])]
Mark = Annotated[float, Meta(ge=0, le=RATING_MAX, description="From 0 to the scale.", examples=[9.3])]
Scale = Annotated[int, Meta(ge=5, le=10, description="The best mark: 5 or 10.", examples=[10])]
Slug = Annotated[str, Meta(min_length=1, max_length=200, examples=["drama"])]
LanguageCode = Annotated[str, Meta(pattern="^[a-z]{2,3}$", description="ISO 639-1, else 639-3.", examples=["en"])]
CountryCode = Annotated[str, Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.", examples=["US"])]
ExternalName = Annotated[str, Meta(min_length=1, max_length=300, examples=["tt0111161"])]
Published = Annotated[bool, Meta(description="Whether the API shows it; drafts (false) it does not. Else true.")]
ReadOnly = Annotated[Any, Meta(description="Kept by the service: may be sent back as answers show it, not changed.")]


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all that is written shares: no member is ignored."""


class GenreInput(Input, frozen=True, kw_only=True):
    """A genre or keyword by its slug; `name` is what the catalogue calls it."""

    slug: Slug
    name: Name | UnsetType = UNSET


class KeywordInput(Input, frozen=True, kw_only=True):
    """A keyword by its slug, which must be known; or by its name, made where there is none."""

    slug: Slug | UnsetType = UNSET
    name: Name | UnsetType = UNSET


class CodeInput(Input, frozen=True, kw_only=True):
    """A country or language by its code; `name` is what the catalogue calls it."""

    code: Annotated[str, Meta(min_length=2, max_length=3, examples=["US"])]
    name: Name | UnsetType = UNSET


class CollectionInput(Input, frozen=True, kw_only=True):
    """A collection by its id, or by its name, made where there is none."""

    id: Id | UnsetType = UNSET
    name: Name | UnsetType = UNSET


class CompanyInput(CollectionInput, frozen=True, kw_only=True):
    """A company by its id, or by its name, made where there is none."""

    country: CountryCode | UnsetType | None = UNSET


class Whom(Input, frozen=True, kw_only=True):
    """A person by id; or by a name that one person has, or none, who is then made."""

    id: Id | UnsetType = UNSET
    name: PersonName | UnsetType = UNSET


class TitleInput(Input, frozen=True, kw_only=True):
    """A further title, by region and language."""

    title: TitleText
    region: CountryCode | None = None
    language: LanguageCode | None = None
    kind: TitleKind = TitleKind.RELEASE


class CastInput(Input, frozen=True, kw_only=True):
    """A part and who plays it."""

    person: Whom
    character: Line | None = None
    order: Place | UnsetType = UNSET


class CrewInput(Input, frozen=True, kw_only=True):
    """A job and who does it."""

    person: Whom
    department: Department
    job: Name
    order: Place | UnsetType = UNSET


class RatingInput(Input, frozen=True, kw_only=True):
    """What one source's users think, on that source's own scale."""

    source: RatingSource
    average: Mark
    scale: Scale = 10
    count: Votes


class FilmChanges(Input, frozen=True, kw_only=True):
    """What is to be changed of a film (RFC 7396): null is unknown, none, or what a new film has."""

    id: ReadOnly | UnsetType = UNSET
    title: TitleText | UnsetType = UNSET
    original_title: TitleText | UnsetType | None = UNSET
    year: Year | UnsetType | None = UNSET
    release_date: date | UnsetType | None = UNSET
    release_precision: Precision | UnsetType | None = UNSET
    runtime: Minutes | UnsetType | None = UNSET
    overview: Text | UnsetType | None = UNSET
    tagline: Line | UnsetType | None = UNSET
    original_language: LanguageCode | UnsetType | None = UNSET
    status: Status | UnsetType | None = UNSET
    published: Published | UnsetType | None = UNSET
    budget: Dollars | UnsetType | None = UNSET
    revenue: Dollars | UnsetType | None = UNSET
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

    title: TitleText


class PersonChanges(Input, frozen=True, kw_only=True):
    """What is to be changed of a person (RFC 7396): null is unknown."""

    id: ReadOnly | UnsetType = UNSET
    name: PersonName | UnsetType = UNSET
    birth_date: date | UnsetType | None = UNSET
    birth_precision: Precision | UnsetType | None = UNSET
    death_date: date | UnsetType | None = UNSET
    death_precision: Precision | UnsetType | None = UNSET
    version: ReadOnly | UnsetType = UNSET
    created: ReadOnly | UnsetType = UNSET
    updated: ReadOnly | UnsetType = UNSET
    external_ids: dict[IdSource, ExternalName | None] | UnsetType | None = UNSET


class PersonInput(PersonChanges, frozen=True, kw_only=True):
    """A whole person as they are written: what is absent is unknown."""

    name: PersonName
