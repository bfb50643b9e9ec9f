"""What answers look like: films as `values` defines them, in the envelopes that the OpenAPI document tells."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from catalog.values import EXTERNAL_ID_PATTERNS
from catalog.values.members import Count, FilmTitle, Id, Picture, Year
from catalog.values.resources import Cast, Coded, Crew, ListedFilm, Slugged, Title

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

Address = Annotated[
    str,
    Meta(description="A path on this service, with its query.", examples=["/api/movies?limit=20&cursor=ksQIo2M"]),
]


class Page(msgspec.Struct, frozen=True):
    """Where a list stands: the effective limit, the addresses of the pages beside it, and the count, if asked for."""

    limit: Annotated[int, Meta(ge=1, le=200)]
    next: Address | None
    prev: Address | None
    count: Count | None


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
    title: FilmTitle
    original_title: FilmTitle | None
    year: Year | None
    poster: Picture | None


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
