"""Genres, countries and languages, each with the number of published films that a list filtered by it shows."""

from typing import Any

from catalog.selectors.relations import Record
from catalog.selectors.statistics import NAMES, grouped, named


def vocabulary(source: str) -> list[Record]:
    """Every "genre", "country" or "language": what filters name it by, its name, the number of its films. Two queries.

    Of a film's languages it is the original one that counts, as it is for the filter.
    """
    counts: dict[Any, int] = dict(grouped(source, ()).rows({}))
    _, column = NAMES[source]
    return [{column: value, "name": name, "movies": counts.get(key, 0)} for key, value, name in named(source).rows({})]
