"""How many films a filter lets through."""

from typing import Any

from django.db.models import BigIntegerField, Func, QuerySet

from catalog.drivers import Row
from catalog.models import SHUFFLE_MAX, Film
from catalog.prepared import prepared
from catalog.selectors.conditions import Condition, Range, Values, condition
from catalog.values import Counting

COUNTED_FILMS = 1000
"""Up to so many an estimate is exact."""

SAMPLE_FILMS = 4000
"""Films that an estimate looks at: it is then seldom off by more than five per cent."""

IN_SAMPLE = Range("shuffle", "lte")


class CountAll(Func):
    """`COUNT(*)` of a whole query; Django's own Count would group by the other columns."""

    template = "COUNT(*)"
    output_field = BigIntegerField()


def counted(wanted: tuple[Condition, ...], values: Values, how: Counting) -> int:
    """The number of published films that meet `wanted`. One query; an estimate takes up to three."""
    return exactly(wanted, values) if how is Counting.EXACT else estimated(wanted, values)


def exactly(wanted: tuple[Condition, ...], values: Values) -> int:
    """Their number. One query."""
    [(count,)] = counting(wanted).rows(values)
    return int(count)


def estimated(wanted: tuple[Condition, ...], values: Values) -> int:
    """About how many there are, the same at every request; exact up to COUNTED_FILMS.

    The shuffle numbers are spread evenly, so films with the lowest ones are a sample that costs the same however many
    films there are.
    """
    few = len(identified(wanted).rows(values, limit=COUNTED_FILMS + 1))
    if few <= COUNTED_FILMS:
        return few
    last = sample().rows({}, limit=1, offset=SAMPLE_FILMS - 1)
    if not last:
        return exactly(wanted, values)
    highest = int(last[0][0])
    found = exactly((*wanted, IN_SAMPLE), {**values, IN_SAMPLE.parameter: highest})
    return max(few, round(found * (SHUFFLE_MAX + 1) / (highest + 1)))


def chosen(wanted: tuple[Condition, ...]) -> "QuerySet[Film, Any]":
    """The published films that meet the conditions, in no order."""
    return Film.objects.filter(*map(condition, wanted), published=True).order_by()


@prepared
def counting(wanted: tuple[Condition, ...]) -> "QuerySet[Film, Row]":
    """How many films meet the conditions."""
    return chosen(wanted).values_list(CountAll())


@prepared
def identified(wanted: tuple[Condition, ...]) -> "QuerySet[Film, Row]":
    """The ids of the films that meet the conditions."""
    return chosen(wanted).values_list("pk")


@prepared
def sample() -> "QuerySet[Film, Row]":
    """The shuffle numbers of all films, the lowest first."""
    return Film.objects.filter(published=True).order_by("shuffle").values_list("shuffle")
