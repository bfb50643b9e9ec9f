"""Genres, countries and languages, each with the number of published films that a list filtered by it shows."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from catalog.models import Country, Genre, Language
from catalog.prepared import Row, prepared
from catalog.selectors.relations import Record, records

VOCABULARIES: dict[str, tuple["QuerySet[Any]", str, str]] = {
    "genres": (Genre.objects.all(), "slug", "films"),
    "countries": (Country.objects.all(), "code", "films"),
    # Of a film's languages `language=` asks for the original one.
    "languages": (Language.objects.all(), "code", "originals"),
}
"""The rows of each vocabulary, the column that they are named and sorted by, and the way to their films."""


def vocabulary(name: str) -> list[Record]:
    """Every genre, country or language: what filters name it by, its name, and the number of its films. One query."""
    return records((VOCABULARIES[name][1], "name", "movies"), counted(name).rows({}))


@prepared
def counted(name: str) -> "QuerySet[Any, Row]":
    """The rows of a vocabulary with the number of published films of each."""
    rows, column, films = VOCABULARIES[name]
    count = Count(films, filter=Q(**{f"{films}__published": True}))
    found: QuerySet[Any, Row] = rows.annotate(movies=count).order_by(column).values_list(column, "name", "movies")
    return found
