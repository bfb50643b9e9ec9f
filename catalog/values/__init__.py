"""What crosses threads and rooms: enumerations (the models' choices too) and frozen structs."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec

from catalog.values.enumerations import (
    BulkMode,
    ChangeKind,
    Counting,
    Department,
    IdSource,
    Precision,
    RatingSource,
    Scope,
    Status,
    TitleKind,
)
from catalog.values.members import (
    COUNT_MAX,
    COUNTRY_CODE,
    EXTERNAL_ID_LENGTH,
    GENRE_SLUG_LENGTH,
    ID_MAX,
    LANGUAGE_CODE,
    LINE_LENGTH,
    MONEY_MAX,
    NAME_LENGTH,
    PERSON_NAME_LENGTH,
    POPULARITY_MAX,
    RATING_MAX,
    RUNTIME_MAX,
    SLUG_LENGTH,
    TEXT_LENGTH,
    TITLE_LENGTH,
    YEAR_MAX,
    YEAR_MIN,
    Moment,
)
from catalog.values.resources import (
    FILM_DETAIL_FIELDS,
    FILM_FACETS,
    FILM_FIELDS,
    FILM_INCLUDES,
    FILM_RELATIONS,
    PERSON_DETAIL_FIELDS,
    PERSON_FIELDS,
)
from catalog.values.statistics import Counted, SimilarFilms, Statistics, Totals

__all__ = [
    "COUNTRY_CODE",
    "COUNT_MAX",
    "EXTERNAL_ID_LENGTH",
    "FILM_DETAIL_FIELDS",
    "FILM_FACETS",
    "FILM_FIELDS",
    "FILM_INCLUDES",
    "FILM_RELATIONS",
    "GENRE_SLUG_LENGTH",
    "ID_MAX",
    "LANGUAGE_CODE",
    "LINE_LENGTH",
    "MONEY_MAX",
    "NAME_LENGTH",
    "PERSON_DETAIL_FIELDS",
    "PERSON_FIELDS",
    "PERSON_NAME_LENGTH",
    "POPULARITY_MAX",
    "RATING_MAX",
    "RUNTIME_MAX",
    "SLUG_LENGTH",
    "TEXT_LENGTH",
    "TITLE_LENGTH",
    "YEAR_MAX",
    "YEAR_MIN",
    "BulkMode",
    "ChangeKind",
    "Counted",
    "Counting",
    "Department",
    "IdSource",
    "Moment",
    "Precision",
    "RatingSource",
    "Scope",
    "SimilarFilms",
    "Statistics",
    "Status",
    "TitleKind",
    "Totals",
]
"""What is made elsewhere and belongs here all the same."""


class Access(msgspec.Struct, frozen=True):
    """What a token lets its bearer do. id: the token's; name: who bears it."""

    id: int
    name: str
    scopes: frozenset[str]
    expires: datetime | None = None
    revoked: datetime | None = None


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """Which version of a row a change is meant for (RFC 9110, 13.1).

    exists: any version. versions: only these; None for all. absent: only where there is no such row. other_than: none
    of these. unmodified_since: seconds since 1970; only where it has not changed later.
    """

    exists: bool = False
    versions: tuple[int, ...] | None = None
    absent: bool = False
    other_than: tuple[int, ...] = ()
    unmodified_since: float | None = None


EXTERNAL_ID_PATTERNS: dict[IdSource, str] = {
    IdSource.IMDB: r"(tt|nm)[0-9]{7,10}",
    IdSource.TMDB: r"[1-9][0-9]{0,11}",
    IdSource.WIKIDATA: r"Q[1-9][0-9]{0,11}",
    IdSource.WIKIPEDIA: r"[^\s\x00-\x1f]([^\x00-\x1f]{0,298}[^\s\x00-\x1f])?",
    IdSource.MOVIELENS: r"[1-9][0-9]{0,11}",
    IdSource.LETTERBOXD: r"[a-z0-9][a-z0-9-]{0,199}",
}
"""The whole form of an external id, per source (as in `FORMATS`: tt and at least seven digits)."""

Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Finite = Annotated[float, msgspec.Meta(ge=-1e308, le=1e308)]


class SortKey(msgspec.Struct, frozen=True):
    """What one sort name stands for: the NOT NULL column of either direction, and the type of its values."""

    ascending: str
    descending: str
    type: Any


FILM_SORTS: dict[str, SortKey] = {
    "id": SortKey("id", "id", Int64),
    "title": SortKey("title_key", "title_key", str),
    "year": SortKey("year_asc", "year_desc", Int64),
    "release_date": SortKey("release_date_asc", "release_date_desc", date),
    "rating": SortKey("rating_asc", "rating_desc", Finite),
    "votes": SortKey("votes", "votes", Int64),
    "popularity": SortKey("popularity", "popularity", Finite),
    "runtime": SortKey("runtime_asc", "runtime_desc", Int64),
    "revenue": SortKey("revenue_asc", "revenue_desc", Int64),
    "created": SortKey("created", "created", Moment),
    "updated": SortKey("updated", "updated", Moment),
    "random": SortKey("shuffle", "shuffle", Int64),
}
"""Every name that films sort by. Unknown values stand last in either direction."""

PERSON_SORTS: dict[str, SortKey] = {
    "id": FILM_SORTS["id"],
    "name": SortKey("name_key", "name_key", str),
    "birth_date": SortKey("birth_date_asc", "birth_date_desc", date),
    "created": FILM_SORTS["created"],
    "updated": FILM_SORTS["updated"],
}
"""Every name that people sort by; what films sort by too has the same columns."""

MATCH_KINDS = 3
MATCH = SortKey("match", "match", Annotated[int, msgspec.Meta(ge=0, lt=MATCH_KINDS)])
"""How well a film matches a text, 0 the best: the order of a search, which no client asks for by a name."""

SORTS = FILM_SORTS | PERSON_SORTS | {"match": MATCH}


class Term(msgspec.Struct, frozen=True):
    """One name of a sort and its direction."""

    name: str
    descending: bool = False

    @property
    def key(self) -> SortKey:
        """What the name stands for."""
        return SORTS[self.name]

    @property
    def column(self) -> str:
        """The column that this term compares."""
        return self.key.descending if self.descending else self.key.ascending


BEST_MATCH = (Term("match"), Term("popularity", descending=True))
"""The order of a search where no other is asked for: the whole title, words in titles, words anywhere; then fame."""


class Position(msgspec.Struct, frozen=True):
    """A place between two rows of a sorted list: just after (or, `backward`, just before) the row with these keys."""

    keys: tuple[Any, ...]
    id: int
    backward: bool = False


class Choice(msgspec.Struct, frozen=True):
    """One value of a list filter: any of `values`, or, `negated`, none of them."""

    values: tuple[str | int, ...]
    negated: bool = False


class Bounds(msgspec.Struct, frozen=True):
    """An inclusive range of numbers; None leaves an end open."""

    low: float | None = None
    high: float | None = None


class FilmQuery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="films"):
    """Which films a list shows, in which order, and how much of each. `limit` is 1 or more.

    Every condition must hold: each Choice of `genre` (slugs), `country` and `language` (codes; the film's original
    language), `person` (ids; in the cast or the crew), each of `bounds` by column name, the title's beginning, and the
    words of `text` in titles, people or overview; only with a text may the order be BEST_MATCH.
    `seed` (0 to 2^31 - 1) is where a random order begins; None in every other order.
    `offset` rows are passed over, where there is no position. `include` adds relations, `count` says how to count,
    `facets` by what else.
    """

    limit: int
    order: tuple[Term, ...]
    fields: tuple[str, ...] = FILM_FIELDS
    position: Position | None = None
    seed: int | None = None
    genre: tuple[Choice, ...] = ()
    country: tuple[Choice, ...] = ()
    language: tuple[Choice, ...] = ()
    person: tuple[Choice, ...] = ()
    bounds: tuple[tuple[str, Bounds], ...] = ()
    title_prefix: str | None = None
    text: str | None = None
    offset: int = 0
    include: tuple[str, ...] = ()
    count: Counting | None = None
    facets: tuple[str, ...] = ()

    @property
    def bare(self) -> "FilmQuery":
        """What decides which rows there are and in which order, and nothing else."""
        return msgspec.structs.replace(
            self, limit=0, fields=(), position=None, offset=0, include=(), count=None, facets=()
        )


class PersonQuery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="people"):
    """Which people a list shows, in which order, and how much of each. `limit` is 1 or more.

    born: the years of birth, inclusive. name_prefix: how the name begins, case and accents aside.
    """

    limit: int
    order: tuple[Term, ...]
    fields: tuple[str, ...] = PERSON_FIELDS
    position: Position | None = None
    born: Bounds = Bounds()
    name_prefix: str | None = None
    offset: int = 0
    count: Counting | None = None

    @property
    def bare(self) -> "PersonQuery":
        """What decides which rows there are and in which order, and nothing else."""
        return msgspec.structs.replace(self, limit=0, fields=(), position=None, offset=0, count=None)


class RecordPage(msgspec.Struct, frozen=True):
    """One page: a record of the asked fields for each row, and the positions of the pages before and after it.

    ids: the rows', in the same order, whether the fields show them or not. count: of the whole list, if asked for.
    """

    records: list[msgspec.Struct]
    ids: tuple[int, ...]
    before: Position | None
    after: Position | None
    count: int | None = None
    facets: dict[str, list[Counted]] | None = None
    partial: list[str] = []


class FilmBatch(msgspec.Struct, frozen=True):
    """A part of a whole list: a record of each film, the position after each, and whether more films follow."""

    records: list[msgspec.Struct]
    positions: list[Position]
    more: bool
