"""Films counted by year, decade, rating, genre, country and language, under any filter."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Count, F, FloatField, Func, IntegerField, QuerySet

from catalog.drivers import Row
from catalog.models import Country, Film, Genre, Language
from catalog.prepared import prepared
from catalog.selectors.conditions import Condition, Values, conditions
from catalog.selectors.counting import CountAll, chosen
from catalog.selectors.deadline import Deadline, OutOfTime
from catalog.values import RATING_MAX, YEAR_MAX, Counted, FilmQuery, Statistics, Totals

LINKS: dict[str, Any] = {"genre": Film.genres.through.objects, "country": Film.countries.through.objects}
COLUMNS = {"year": ("year_asc", YEAR_MAX), "rating": ("rating_asc", RATING_MAX)}
"""What is counted by: links of films, or a sort column of theirs and the greatest value that is known."""

NAMES: dict[str, tuple["QuerySet[Any]", str]] = {
    "genre": (Genre.objects.all(), "slug"),
    "country": (Country.objects.all(), "code"),
    "language": (Language.objects.all(), "code"),
}
"""The rows that are linked, and the column that filters name them by."""


def statistics(query: FilmQuery, seconds: float | None = None) -> Statistics:
    """Totals of the films that `query` chooses, and their numbers by each of FACETS; what there was time for.

    Two queries for each of genre, country and language, one for years and ratings each and for the totals, and one for
    each of genre, country, language and person that filters. Raises Invalid as `films` does.
    """
    wanted, values, partly = conditions(query)
    deadline = Deadline(seconds)
    totals = None
    try:
        with deadline.held():
            [row] = summed(wanted).rows(values)
            totals = shown_totals(*row)
    except OutOfTime:
        pass  # `partial` will say so
    by, missing = facets(tuple(FACETS), wanted, values, deadline)
    return Statistics(totals=totals, by=by, partial=[*partly, *([] if totals else ["totals"]), *missing])


def facets(
    names: Iterable[str], wanted: tuple[Condition, ...], values: Values, deadline: Deadline
) -> tuple[dict[str, list[Counted]], list[str]]:
    """The numbers of films by each of the facets `names`, and the names of those for which there was no time."""
    found: dict[str, list[Counted]] = {}
    names = tuple(names)
    sources = dict.fromkeys(FACETS[name].source for name in names)
    try:
        for source in sources:
            with deadline.held():
                rows = grouped(source, wanted).rows(values)
                known = {key: (value, name) for key, value, name in named(source).rows({})} if source in NAMES else {}
            for name in names:
                if FACETS[name].source == source:
                    found[name] = FACETS[name].shown(rows, known)
    except OutOfTime:
        pass  # the caller learns what is missing
    return {name: found[name] for name in names if name in found}, [name for name in names if name not in found]


@prepared
def grouped(source: str, wanted: tuple[Condition, ...]) -> "QuerySet[Any, Row]":
    """Each value of a source among the films that meet the conditions, and the number of these films."""
    if source in LINKS:
        links: QuerySet[Any] = of_chosen(LINKS[source].order_by(), wanted)
        counted: QuerySet[Any, Any] = links.values_list(f"{source}_id").annotate(films=Count("film_id"))
        return counted
    if source in COLUMNS:
        column, most = COLUMNS[source]
        return chosen(wanted).filter(**{f"{column}__lte": most}).values_list(column).annotate(films=Count("pk"))
    known = chosen(wanted).filter(original_language__isnull=False)
    return known.values_list("original_language_id").annotate(films=Count("pk"))


def of_chosen(links: "QuerySet[Any]", wanted: tuple[Condition, ...]) -> "QuerySet[Any]":
    """Links of the films that meet the conditions. Of all films they are counted faster without those of drafts."""
    if wanted:
        return links.filter(film_id__in=chosen(wanted).values("pk"))
    return links.exclude(film_id__in=Film.objects.filter(published=False).order_by().values("pk"))


@prepared
def named(source: str) -> "QuerySet[Any, Row]":
    """The key, the value in filters and the name of each row of a vocabulary, in the order of these values."""
    rows, column = NAMES[source]
    return rows.order_by(column).values_list("pk", column, "name")


@prepared
def summed(wanted: tuple[Condition, ...]) -> "QuerySet[Film, Row]":
    """The totals over the films that meet the conditions."""
    sums = [Func(F(name), function="SUM", output_field=BigIntegerField()) for name in ("votes", "runtime")]
    mean = Func(F("rating"), function="AVG", output_field=FloatField())
    ends = [Func(F("year"), function=end, output_field=IntegerField()) for end in ("MIN", "MAX")]
    named = {f"total_{number}": each for number, each in enumerate((*sums, mean, *ends))}
    return chosen(wanted).annotate(total=CountAll(), **named).values_list("total", *named)


def shown_totals(movies: int, votes: int | None, runtime: int | None, rating: float | None, *years: Any) -> Totals:
    """The totals as answers show them; without films there are no votes."""
    first, last = years
    return Totals(
        movies=movies,
        votes=votes or 0,
        runtime=runtime or 0,
        rating=None if rating is None else round(rating, 2),
        first_year=first,
        last_year=last,
    )


Names = Mapping[Any, tuple[str, str]]


class Facet(NamedTuple):
    """What films are counted by: the source of its rows, and what is made of them."""

    source: str
    shown: Callable[[list[Row], Names], list[Counted]]


def steps(step: int, rows: list[Row], _: Names, *, last: int | None = None) -> list[Counted]:
    """The numbers by the beginning of each `step`, ascending; what lies beyond `last` belongs to it."""
    counts: Counter[int] = Counter()
    for value, count in rows:
        begin = int(value // step * step)
        counts[begin if last is None else min(begin, last)] += count
    return [Counted(value=value, count=counts[value]) for value in sorted(counts)]


def linked(rows: list[Row], names: Names) -> list[Counted]:
    """The numbers by value, the greatest first; of equal ones in the order of the values."""
    counted = [Counted(value=names[key][0], name=names[key][1], count=count) for key, count in rows if key in names]
    return sorted(counted, key=lambda each: (-each.count, each.value))


FACETS = {
    "year": Facet("year", partial(steps, 1)),
    "decade": Facet("year", partial(steps, 10)),
    "rating": Facet("rating", partial(steps, 1, last=int(RATING_MAX) - 1)),
    "genre": Facet("genre", linked),
    "country": Facet("country", linked),
    "language": Facet("language", linked),
}
