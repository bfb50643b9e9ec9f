"""Why nothing stands under an id: it never did, is a draft, has been deleted, or merged into another."""

from datetime import timedelta

from django.utils import timezone

from catalog.changes.models import Change
from catalog.errors import CatalogError, Gone, Moved, NotFound
from catalog.models import Film
from catalog.registers import FilmRedirect, PersonRedirect
from catalog.values import ChangeKind

TOMBSTONE_DAYS = 30
"""How long a deletion is told; after that the id is as unknown as any other."""


def no_film(film_id: int) -> CatalogError:
    """What to raise where there is no (published) film of that id. At most three queries."""
    new_id = FilmRedirect.objects.filter(pk=film_id).values_list("film_id", flat=True).first()
    if new_id is not None:
        return Moved(f"Film {film_id} is part of film {new_id} now.", new_id=new_id)
    if not Film.objects.filter(pk=film_id).exists() and deleted("film", film_id):
        return Gone(f"Film {film_id} has been deleted.")
    return NotFound(f"There is no film {film_id}.")


def no_person(person_id: int) -> CatalogError:
    """What to raise where there is no person of that id. At most two queries."""
    new_id = PersonRedirect.objects.filter(pk=person_id).values_list("person_id", flat=True).first()
    if new_id is not None:
        return Moved(f"Person {person_id} is part of person {new_id} now.", new_id=new_id)
    if deleted("person", person_id):
        return Gone(f"Person {person_id} has been deleted.")
    return NotFound(f"There is no person {person_id}.")


def deleted(entity: str, row_id: int) -> bool:
    """Whether the log tells of the row's deletion, and not too long ago."""
    since = timezone.now() - timedelta(days=TOMBSTONE_DAYS)
    told = Change.objects.filter(entity=entity, entity_id=str(row_id), kind=ChangeKind.DELETED.value, at__gte=since)
    return told.exists()
