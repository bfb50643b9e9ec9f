"""The parameters that the films' resources take: what reads each, and what the OpenAPI document says of it."""

from typing import Any

import msgspec

from catalog.api.http.parsers import Parser, choice, decimal, listed, member, text_value, whole
from catalog.api.http.query import Parameter, by_name
from catalog.api.list_parameters import (
    COUNT,
    CURSOR,
    LIMIT,
    PAGE,
    fields_parameter,
    ids_parameter,
    prefix_parameter,
    range_parameters,
    sort_parameter,
)
from catalog.values import (
    COUNT_MAX,
    FILM_DETAIL_FIELDS,
    FILM_FACETS,
    FILM_FIELDS,
    FILM_INCLUDES,
    FILM_SORTS,
    ID_MAX,
    POPULARITY_MAX,
)
from catalog.values.resources import FilmSummary

SEED_MAX = COUNT_MAX

NUMBERS: dict[str, tuple[Parser[Any], int, int]] = {
    "year": (whole(1, 9999), 1990, 1999),
    "rating": (decimal(0, 10), 7, 8),
    "votes": (whole(0, COUNT_MAX), 1_000, 50_000),
    "popularity": (decimal(0, POPULARITY_MAX), 1, 100),
    "runtime": (whole(0, COUNT_MAX), 90, 120),
    "revenue": (whole(0, ID_MAX), 1_000_000, 50_000_000),
}
"""The columns that a range can be asked for: what reads a number, and a range as an example."""


COLUMNS: dict[str, dict[str, Any]] = msgspec.json.schema(FilmSummary)["$defs"]["FilmSummary"]["properties"]


def meaning(column: str) -> str:
    """What a film's member of that name is, as a part of a sentence: what its description says before a semicolon."""
    schema = COLUMNS[column]
    told: str = next(each["description"] for each in (schema, *schema.get("anyOf", ())) if "description" in each)
    words = told.partition(";")[0].rstrip(".")
    return f"{words[0].lower()}{words[1:]}"


RANGES = {
    name: range_parameters(name, parser, meaning(name), low, high) for name, (parser, low, high) in NUMBERS.items()
}
RANGED = {each.name: name for name, three in RANGES.items() for each in three}
"""The column that each parameter of a range is about."""


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
SORT = sort_parameter(FILM_SORTS, example="-rating,title")
SEED = Parameter(name="seed", parser=whole(0, SEED_MAX), description="Where `sort=random` begins.", example=7)
FIELDS = fields_parameter(FILM_FIELDS, of="each film", example=["id", "title", "year"])
DETAIL_FIELDS = fields_parameter(FILM_DETAIL_FIELDS, of="the film", example=["id", "title", "cast"])
IDS = ids_parameter("films")
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
TITLE_PREFIX = prefix_parameter("title", "Films whose title begins", example="amé")
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
SIMILAR_PARAMETERS = by_name((LIMIT, FIELDS, *FILTERS))

EXPORTED_CURSOR = "cursor"
"""The member of each film of an export that says where to go on after it."""

EXPORT_FIELDS = Parameter(
    name="fields",
    parser=listed(member((*FILM_FIELDS, EXPORTED_CURSOR), "field")),
    description="Only these fields of each film. `cursor`, where to go on after it, may be among them and stands last; "
    "without `fields` it is there.",
    example=["id", "title", "cursor"],
)
CSV_PARAMETERS = by_name((CURSOR, SORT, SEED, EXPORT_FIELDS, *FILTERS))
JSONL_PARAMETERS = by_name((*CSV_PARAMETERS.values(), INCLUDE))
