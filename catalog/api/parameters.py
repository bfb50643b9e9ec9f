"""The parameters that the films' resources take: what reads each, and what the OpenAPI document says of it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from catalog.api.http import cursors
from catalog.api.http.parsers import (
    LIST_LIMIT,
    Parser,
    Refused,
    choice,
    decimal,
    described,
    interval,
    listed,
    member,
    parse_all,
    text_value,
    whole,
)
from catalog.api.http.query import Parameter, by_name
from catalog.values import (
    FILM_DETAIL_FIELDS,
    FILM_FACETS,
    FILM_FIELDS,
    FILM_INCLUDES,
    FILM_SORTS,
    Bounds,
    Counting,
    SortKey,
    Term,
)

LIMIT_DEFAULT, LIMIT_MAX = 20, 200
TERMS_MAX = 2
PAGED_ROWS = 10_000
ID_MAX = 2**63 - 1
SEED_MAX = 2**31 - 1

NUMBERS: dict[str, tuple[Parser[Any], str, int, int]] = {
    "year": (whole(1, 9999), "year of the first release", 1990, 1999),
    "rating": (decimal(0, 10), "average rating over all sources, 0 to 10", 7, 8),
    "votes": (whole(0, 2**31 - 1), "votes behind the rating", 1_000, 50_000),
    "popularity": (decimal(0, 10**9), "popularity", 1, 100),
    "runtime": (whole(0, 2**31 - 1), "running time in minutes", 90, 120),
    "revenue": (whole(0, ID_MAX), "revenue in whole US dollars", 1_000_000, 50_000_000),
}
"""The columns that a range can be asked for: what reads a number, what it means, and a range as an example."""


class RangeParameters(NamedTuple):
    """The three ways to ask for a range of one column: `year=1990..1999`, `year__gte=1990`, `year__lte=1999`."""

    whole: Parameter[Bounds]
    low: Parameter[float]
    high: Parameter[float]


def range_parameters(name: str, parser: Parser[Any], meaning: str, low: int, high: int) -> RangeParameters:
    """The parameters of one column's range."""
    words = f"The {meaning}: one, or a range such as `{low}..{high}`, `{low}..`."
    return RangeParameters(
        Parameter(name=name, parser=interval(parser), description=words, example=f"{low}..{high}"),
        Parameter(name=f"{name}__gte", parser=parser, description=f"The least {meaning}.", example=low),
        Parameter(name=f"{name}__lte", parser=parser, description=f"The greatest {meaning}.", example=high),
    )


RANGES = {name: range_parameters(name, *rest) for name, rest in NUMBERS.items()}
RANGE_NAMES = {name: {each.name for each in three} for name, three in RANGES.items()}


def ordered_by(sorts: Mapping[str, SortKey]) -> Parser[tuple[Term, ...]]:
    """A parser of sorts: `-rating,title` is rating descending, then title."""
    names = "|".join(sorts)
    name_of = member(sorts, "sort")

    @described({"type": "string", "pattern": f"^-?({names})(,-?({names}))?$"})
    def parse(text: str) -> tuple[Term, ...]:
        items = text.split(",", TERMS_MAX)
        if len(items) > TERMS_MAX:
            raise Refused("too_many", f"takes at most {TERMS_MAX} names")
        terms = tuple(parse_all(items, term))
        check_company([each.name for each in terms], terms)
        return terms

    def term(text: str) -> Term:
        return Term(name_of(text.removeprefix("-")), text.startswith("-"))

    return parse


def check_company(names: list[str], terms: tuple[Term, ...]) -> None:
    """Refuses names that make no sense beside each other. Raises Refused."""
    if len(set(names)) < len(names):
        raise Refused("duplicate", "must not name anything twice")
    if "random" in names and terms != (Term("random"),):
        raise Refused("misplaced", "takes random only alone and without '-'")
    if "id" in names[:-1]:
        raise Refused("misplaced", "takes nothing after id, which no two rows share")


LIMIT = Parameter(
    name="limit", parser=whole(1, LIMIT_MAX), description="Rows of a page.", default=LIMIT_DEFAULT, example=10
)


@described({"type": "string", "enum": sorted(Counting)})
def counting(text: str) -> Counting:
    """One of the ways to count. Raises Refused."""
    return Counting(member(list(Counting), "count")(text))


CURSOR: Parameter[Any] = Parameter(
    name="cursor",
    parser=Parser(str, {"type": "string", "maxLength": cursors.LENGTH_LIMIT}),
    description="Where the page begins: taken from `page.next` or `page.prev` as it is.",
)
PAGE = Parameter(
    name="page",
    parser=whole(1, PAGED_ROWS),
    description=f"A page by its number, within the first {PAGED_ROWS:,} rows; `cursor` goes further.",
    example=3,
)
COUNT = Parameter(
    name="count",
    parser=counting,
    description="Counts the whole list: each row, or from a sample where there are more than a thousand.",
    example="estimated",
)
INCLUDE = Parameter(
    name="include",
    parser=listed(member(FILM_INCLUDES, "include")),
    description="Adds these relations to each film.",
    example=["genres", "cast"],
)
FACET = Parameter(
    name="facet",
    parser=listed(member(FILM_FACETS, "facet")),
    description="Counts the films of the whole list by each of these.",
    example=["genre", "decade", "country"],
)
SORT = Parameter(
    name="sort",
    parser=ordered_by(FILM_SORTS),
    description="One or two names, each descending with a leading `-`; unknown values stand last, the id breaks ties.",
    default="id",
    example="-rating,title",
)
SEED = Parameter(name="seed", parser=whole(0, SEED_MAX), description="Where `sort=random` begins.", example=7)
FIELDS = Parameter(
    name="fields",
    parser=listed(member(FILM_FIELDS, "field")),
    description="Only these fields of each film.",
    example=["id", "title", "year"],
)
DETAIL_FIELDS = Parameter(
    name="fields",
    parser=listed(member(FILM_DETAIL_FIELDS, "field")),
    description="Only these fields.",
    example=["id", "title", "cast"],
)
IDS = Parameter(
    name="ids",
    parser=listed(whole(1, ID_MAX)),
    description=f"These films only, in this order, at most {LIST_LIMIT}; missing ones are listed.",
    example=[1, 2, 3],
)
GENRE = Parameter(
    name="genre",
    parser=choice(text_value),
    description="Slugs of genres: a comma is or, repeated is and, a leading `!` negates the whole value.",
    example="horror,thriller",
    repeatable=True,
)
COUNTRY = Parameter(
    name="country",
    parser=choice(text_value),
    description="ISO 3166-1 codes, as `genre` takes slugs.",
    example="FR",
    repeatable=True,
)
LANGUAGE = Parameter(
    name="language",
    parser=choice(text_value),
    description="ISO 639 codes of the original language, as `genre` takes slugs.",
    example="ja",
    repeatable=True,
)
PERSON = Parameter(
    name="person",
    parser=choice(whole(1, ID_MAX)),
    description="Ids of people in cast or crew, as `genre` takes slugs.",
    example="7",
    repeatable=True,
)
TITLE_PREFIX = Parameter(
    name="title__startswith",
    parser=text_value,
    description="Films whose title begins so; case and accents do not matter.",
    example="amé",
)
TEXT = Parameter(
    name="q",
    parser=text_value,
    description=(
        "Words in titles of every language, names of people or the overview; case and accents do not matter, and one "
        "typing error is forgiven in a word of five letters or more. The best match stands first unless `sort` says "
        "otherwise."
    ),
    example="godfather",
)
FILTERS: tuple[Parameter[Any], ...] = (
    *(TEXT, GENRE, COUNTRY, LANGUAGE, PERSON, TITLE_PREFIX),
    *(parameter for three in RANGES.values() for parameter in three),
)
"""What chooses films, wherever films are chosen."""

LIST_PARAMETERS = by_name((LIMIT, CURSOR, PAGE, COUNT, SORT, SEED, FIELDS, INCLUDE, FACET, IDS, *FILTERS))
FILM_PARAMETERS = by_name((DETAIL_FIELDS,))
STATISTICS_PARAMETERS = by_name(FILTERS)
SIMILAR_PARAMETERS = by_name((LIMIT, FIELDS))

EXPORTED_CURSOR = "cursor"
"""The member of each film of an export that says where to go on after it."""

EXPORT_FIELDS = Parameter(
    name="fields",
    parser=listed(member((*FILM_FIELDS, EXPORTED_CURSOR), "field")),
    description="Only these fields of each film; `cursor`, where to go on after it, always stands last.",
    example=["id", "title", "cursor"],
)
CSV_PARAMETERS = by_name((CURSOR, SORT, SEED, EXPORT_FIELDS, *FILTERS))
JSONL_PARAMETERS = by_name((*CSV_PARAMETERS.values(), INCLUDE))
