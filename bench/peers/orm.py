"""The list of films with the plain ORM, as every Django peer asks for it."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from catalog.models import Film
from catalog.values import FILM_FIELDS


def films(*, limit: int = 20, sort: str = "id", votes: int | None = None) -> "QuerySet[Film, dict[str, Any]]":
    """Published films of at least `votes` votes by a column, the id breaking ties: the fields that moviedb shows."""
    found: QuerySet[Film] = Film.objects.filter(published=True)
    if votes is not None:
        found = found.filter(votes__gte=votes)
    page: QuerySet[Film, dict[str, Any]] = found.order_by(*dict.fromkeys((sort, "id"))).values(*FILM_FIELDS)[:limit]
    return page


def asked(query: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of `films` in a query string."""
    votes = query.get("votes__gte")
    return {
        "limit": int(query.get("limit", "20")),
        "sort": query.get("sort", "id"),
        "votes": None if votes is None else int(votes),
    }
