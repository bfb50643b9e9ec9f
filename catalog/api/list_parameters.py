"""The parameters that every list takes, whatever it lists: where it begins, how much it shows, in which order."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from catalog.api.http import cursors
from catalog.api.http.parsers import (
    LIST_LIMIT,
    Parser,
    Refused,
    described,
    interval,
    listed,
    member,
    parse_all,
    text_value,
    whole,
)
from catalog.api.http.query import Parameter
from catalog.api.http.remembered import remembered
from catalog.values import ID_MAX, Bounds, Counting, SortKey, Term

LIMIT_DEFAULT, LIMIT_MAX = 20, 200
TERMS_MAX = 2
PAGED_ROWS = 10_000


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


def ordered_by(sorts: Mapping[str, SortKey]) -> Parser[tuple[Term, ...]]:
    """A parser of sorts: `-rating,title` is rating descending, then title."""
    names = "|".join(sorts)
    name_of = member(sorts, "sort")

    @described({"type": "string", "pattern": f"^-?({names})(,-?({names}))?$"})
    @remembered(256)
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


def sort_parameter(sorts: Mapping[str, SortKey], *, example: str) -> Parameter[tuple[Term, ...]]:
    """The parameter by which a list is sorted."""
    return Parameter(
        name="sort",
        parser=ordered_by(sorts),
        description=(
            "One or two names, each descending with a leading `-`; unknown values stand last, the id breaks ties."
        ),
        default="id",
        example=example,
    )


def fields_parameter(names: Sequence[str], *, of: str, example: list[str]) -> Parameter[tuple[str, ...]]:
    """The parameter that chooses what is shown `of` each row."""
    return Parameter(
        name="fields",
        parser=listed(member(names, "field")),
        description=f"Only these fields of {of}.",
        example=example,
    )


def ids_parameter(nouns: str) -> Parameter[tuple[int, ...]]:
    """The parameter that names the rows themselves."""
    return Parameter(
        name="ids",
        parser=listed(whole(1, ID_MAX)),
        description=f"These {nouns} only, in this order, at most {LIST_LIMIT}; missing ones are listed.",
        example=[1, 2, 3],
    )


def prefix_parameter(field: str, whose: str, *, example: str) -> Parameter[str]:
    """The parameter for the beginning of a text."""
    return Parameter(
        name=f"{field}__startswith",
        parser=text_value,
        description=f"{whose} so; case and accents do not matter.",
        example=example,
    )
