"""Two entries that are one: the second becomes a part of the first, and its id leads there from then on."""

from typing import Any

from django.db import transaction
from django.db.models import Model

from catalog.errors import Fault, Invalid
from catalog.models import CastCredit, CrewCredit, FilmExternalId, FilmOrigin, PersonExternalId, Title
from catalog.models import Rating as SourceRating
from catalog.registers import FilmRedirect, PersonRedirect
from catalog.services import films, people
from catalog.services.ratings import refresh_rating

FILM_ROWS: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (Title, ("title", "region_id", "language_id")),
    (CastCredit, ("person_id", "character")),
    (CrewCredit, ("person_id", "job")),
    (SourceRating, ("source",)),
    (FilmExternalId, ("source",)),
)
"""What a film takes over, and what tells its rows apart: where both have the same, the kept film's stays."""

PERSON_ROWS: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (CastCredit, ("film_id", "character")),
    (CrewCredit, ("film_id", "job")),
    (PersonExternalId, ("source",)),
)
TIES = ("genres", "countries", "languages", "keywords", "companies")
FILM_COLUMNS = (
    *("original_title", "year", "release_date", "release_precision", "runtime", "overview", "tagline"),
    *("original_language_id", "budget", "revenue", "collection_id"),
)
PERSON_COLUMNS = ("birth_date", "birth_precision", "death_date", "death_precision")


@transaction.atomic
def merge_films(*, kept_id: int, merged_id: int) -> None:
    """Make the film `merged_id` a part of `kept_id`, which keeps what it says and takes over what it lacks.

    The old id answers 308 from then on; ids that led to it lead to the kept film, so that there are no chains.
    Raises NotFound, Gone or Moved where either is not there, Invalid for a film and itself.
    """
    refuse_itself(kept_id, merged_id)
    kept, merged = (films.found(film_id) for film_id in (kept_id, merged_id))
    fill(kept, merged, FILM_COLUMNS)
    for name in TIES:
        getattr(kept, name).add(*getattr(merged, name).all())
    for model, identity in FILM_ROWS:
        take_over(model, "film_id", identity, kept_id=kept_id, merged_id=merged_id)
    FilmOrigin.objects.filter(film=merged).update(film=kept)
    FilmRedirect.objects.filter(film=merged).update(film=kept)
    merged.delete()
    FilmRedirect.objects.create(old_id=merged_id, film=kept)
    refresh_rating(film_id=kept_id)


@transaction.atomic
def merge_people(*, kept_id: int, merged_id: int) -> None:
    """Make the person `merged_id` a part of `kept_id`, as `merge_films` does it with films. Raises the same."""
    refuse_itself(kept_id, merged_id)
    kept, merged = (people.found(person_id) for person_id in (kept_id, merged_id))
    if not (kept.birth_date or kept.death_date):
        fill(kept, merged, PERSON_COLUMNS)
    for model, identity in PERSON_ROWS:
        take_over(model, "person_id", identity, kept_id=kept_id, merged_id=merged_id)
    PersonRedirect.objects.filter(person=merged).update(person=kept)
    merged.delete()
    PersonRedirect.objects.create(old_id=merged_id, person=kept)


def refuse_itself(kept_id: int, merged_id: int) -> None:
    """No other cycle can come up: what has been merged is not there to be merged into, and no id is given twice."""
    if kept_id == merged_id:
        raise Invalid([Fault("#", "cycle", f"{kept_id} cannot become a part of itself.")])


def fill(kept: Any, merged: Any, columns: tuple[str, ...]) -> None:
    """Give the kept row what it does not know and the other does. A date and its precision are taken together."""
    known = {name for name in columns if getattr(kept, name) is not None}
    taken = [name for name in columns if name not in known and getattr(merged, name) is not None]
    for name in taken:
        setattr(kept, name, getattr(merged, name))
    if taken:
        kept.save()


def take_over(model: type[Model], owner: str, identity: tuple[str, ...], *, kept_id: int, merged_id: int) -> None:
    """Move rows of the merged entry to the kept one; those that it has already go."""
    rows = model._default_manager
    own = set(rows.filter(**{owner: kept_id}).values_list(*identity))
    theirs = rows.filter(**{owner: merged_id}).values_list("pk", *identity)
    same = [pk for pk, *key in theirs if tuple(key) in own]
    rows.filter(pk__in=same).delete()
    rows.filter(**{owner: merged_id}).update(**{owner: kept_id})
