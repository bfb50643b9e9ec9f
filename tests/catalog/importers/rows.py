"""Rows as wikipedia-movie-data has them, and the catalogue as a value that two imports can be compared by."""

from pathlib import Path
from typing import Any

from catalog.models import Film

Row = dict[str, Any]

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


def row(title: Any = "Carmen", year: Any = 1915, **more: Any) -> Row:
    """A row with all that a film needs, and `more`."""
    return {"title": title, "year": year, "cast": [], "genres": [], "href": None, **more}


def picture() -> list[tuple[Any, ...]]:
    """Every film with what belongs to it, in an order that does not depend on ids."""
    films = Film.objects.prefetch_related("genres", "cast__person", "external_ids")
    return sorted((picture_of(film) for film in films), key=repr)


def picture_of(film: Film) -> tuple[Any, ...]:
    cast = [credit.person.name for credit in film.cast.all()]
    ids = [str(external_id) for external_id in film.external_ids.all()]
    genres = sorted(genre.name for genre in film.genres.all())
    return film.title, film.year, film.overview, film.published, genres, cast, ids
