"""What answers look like: one struct for each resource, from which the OpenAPI document takes its schemas.

Every member of a film may be absent, since `fields` chooses; null is unknown.
"""

from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from catalog.values import (
    EXTERNAL_ID_PATTERNS,
    MONEY_MAX,
    RATING_MAX,
    YEAR_MAX,
    YEAR_MIN,
    Department,
    IdSource,
    Moment,
    Precision,
    RatingSource,
    Status,
    TitleKind,
)

ID_PATTERN = (
    f"^(0|[1-9][0-9]{{0,18}}|{'|'.join(f'{source}:({form})' for source, form in EXTERNAL_ID_PATTERNS.items())})$"
)
"""Our id, or the name of a source and its id."""

FILM_ID: dict[str, Any] = {
    "type": "string",
    "pattern": ID_PATTERN,
    "description": "Our id, or an external one: `imdb:tt0111161`, `tmdb:278`, `wikidata:Q172241`.",
    "examples": ["1", "imdb:tt0111161"],
}

Id = Annotated[int, Meta(ge=1, le=2**63 - 1, description="Our own id.", examples=[1])]
Year = Annotated[int, Meta(ge=YEAR_MIN, le=YEAR_MAX, description="Year of the first release.", examples=[1994])]
Minutes = Annotated[int, Meta(ge=1, le=60_000, description="Running time in minutes.", examples=[142])]
Dollars = Annotated[int, Meta(ge=1, le=MONEY_MAX, description="Whole US dollars.", examples=[25_000_000])]
Average = Annotated[float, Meta(ge=0, le=RATING_MAX, description="Average over all sources, 0 to 10.", examples=[9.3])]
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
LanguageCode = Annotated[str, Meta(pattern="^[a-z]{2,3}$", description="ISO 639-1, else 639-3.", examples=["en"])]
CountryCode = Annotated[str, Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.", examples=["US"])]
Address = Annotated[
    str,
    Meta(description="A path on this service, with its query.", examples=["/api/movies?limit=20&cursor=ksQIo2M"]),
]
Picture = Annotated[str, Meta(description="A path on this service.", examples=["/media/posters/1.jpg"])]
FilmTitle = Annotated[str, Meta(examples=["The Shawshank Redemption"])]
Overview = Annotated[str, Meta(examples=["Two imprisoned men find solace and, in the end, redemption."])]
Tagline = Annotated[str, Meta(examples=["Fear can hold you prisoner. Hope can set you free."])]
Popularity = Annotated[float, Meta(ge=0, description="Higher is more popular.", examples=[42.5])]
Slug = Annotated[str, Meta(examples=["drama"])]
SlugName = Annotated[str, Meta(examples=["Drama"])]
Code = Annotated[str, Meta(description="ISO 3166-1 of a country, ISO 639 of a language.", examples=["FR"])]
CodeName = Annotated[str, Meta(examples=["France"])]
ProperName = Annotated[str, Meta(examples=["Morgan Freeman"])]
CompanyName = Annotated[str, Meta(examples=["Castle Rock Entertainment"])]
Character = Annotated[str, Meta(examples=["Ellis Boyd 'Red' Redding"])]
JobName = Annotated[str, Meta(examples=["Director"])]


class Page(msgspec.Struct, frozen=True):
    """Where a list stands: the effective limit, the addresses of the pages beside it, and the count, if asked for."""

    limit: Annotated[int, Meta(ge=1, le=200)]
    next: Address | None
    prev: Address | None
    count: Count | None


class FilmSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One film's own columns, as lists show it."""

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
    status: Status | UnsetType = UNSET
    budget: Dollars | UnsetType | None = UNSET
    revenue: Dollars | UnsetType | None = UNSET
    rating: Average | UnsetType | None = UNSET
    votes: Count | UnsetType = UNSET
    popularity: Popularity | UnsetType = UNSET
    poster: Picture | UnsetType | None = UNSET
    version: Annotated[int, Meta(ge=1, description="Raised with every change.")] | UnsetType = UNSET
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


class Named(msgspec.Struct, frozen=True):
    """A collection or person."""

    id: Id
    name: ProperName


class Company(msgspec.Struct, frozen=True):
    id: Id
    name: CompanyName
    country: CountryCode | None


class Title(msgspec.Struct, frozen=True):
    """A title by region and language."""

    title: FilmTitle
    region: CountryCode | None
    language: LanguageCode | None
    kind: TitleKind


class Cast(msgspec.Struct, frozen=True):
    """A part and who plays it; `order` is the place in the billing, 0 first."""

    person: Named
    character: Character | None
    order: Count


class Crew(msgspec.Struct, frozen=True):
    """A job and who does it."""

    person: Named
    department: Department
    job: JobName
    order: Count


class SourceRating(msgspec.Struct, frozen=True):
    """What one source's users think, on that source's own scale."""

    source: RatingSource
    average: float
    scale: int
    count: Count


class Film(FilmSummary, frozen=True, kw_only=True):
    """One film with all that belongs to it."""

    collection: Named | UnsetType | None = UNSET
    genres: list[Slugged] | UnsetType = UNSET
    countries: list[Coded] | UnsetType = UNSET
    languages: list[Coded] | UnsetType = UNSET
    keywords: list[Slugged] | UnsetType = UNSET
    companies: list[Company] | UnsetType = UNSET
    titles: list[Title] | UnsetType = UNSET
    cast: list[Cast] | UnsetType = UNSET
    crew: list[Crew] | UnsetType = UNSET
    external_ids: dict[IdSource, str] | UnsetType = UNSET
    ratings: list[SourceRating] | UnsetType = UNSET


class FilmCredits(msgspec.Struct, frozen=True):
    """Cast and crew of one film, each in billing order."""

    id: Id
    title: FilmTitle
    cast: list[Cast]
    crew: list[Crew]


class FilmTitles(msgspec.Struct, frozen=True):
    """The titles of one film by region and language."""

    id: Id
    title: FilmTitle
    titles: list[Title]


class CountedGenre(Slugged, frozen=True):
    """A genre and how many films have it."""

    movies: Count


class CountedCode(Coded, frozen=True):
    """A country or language and how many films have it; of languages it is the original one that counts."""

    movies: Count


class CountedGenres(msgspec.Struct, frozen=True):
    data: list[CountedGenre]


class CountedCodes(msgspec.Struct, frozen=True):
    data: list[CountedCode]


class Counted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many films have one value, which `name` explains where it is a slug or a code.

    A decade is its first year; a rating is whole marks, those from 9 to 10 together.
    """

    value: int | str
    name: str | None = None
    count: Count


Facets = Annotated[
    dict[str, list[Counted]],
    Meta(description="The numbers by each facet: years, decades and ratings ascending, others the greatest first."),
]
Partial = Annotated[
    list[str],
    Meta(description="What there was no time for, mostly nothing; `q` where the search does not know all films yet."),
]


class ListedFilm(FilmSummary, frozen=True, kw_only=True):
    """A film as lists show it, with the relations that were asked for."""

    genres: list[Slugged] | UnsetType = UNSET
    cast: list[Cast] | UnsetType = UNSET
    crew: list[Crew] | UnsetType = UNSET
    titles: list[Title] | UnsetType = UNSET


class FilmList(msgspec.Struct, frozen=True):
    """A page of films; of films that were asked for by id also the ids that no published film has."""

    data: list[ListedFilm]
    page: Page
    missing: list[Id] | UnsetType = UNSET
    facets: Facets | UnsetType = UNSET
    partial: Partial | UnsetType = UNSET


class Suggestion(msgspec.Struct, frozen=True):
    """A film that may be meant."""

    id: Id
    title: str
    original_title: str | None
    year: Year | None
    poster: Address | None


class Suggestions(msgspec.Struct, frozen=True):
    data: Annotated[list[Suggestion], Meta(max_length=10)]


class Index(msgspec.Struct, frozen=True):
    """The links to every resource, by name; those with `{…}` are templates (RFC 6570)."""

    name: str
    version: str | None
    links: dict[str, str]


class ProblemKind(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one type of problem means."""

    type: str
    title: str
    status: int
    explanation: str = ""


class ProblemKinds(msgspec.Struct, frozen=True):
    data: list[ProblemKind]
