"""Many films at once: each row finds its film by a key, and makes or changes it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from msgspec import UNSET

from catalog.errors import SOUND, Clash, Fault, Form, Invalid, NotFound
from catalog.models import Film, FilmExternalId
from catalog.services.films import change_film, create_film
from catalog.services.inputs import FilmChanges
from catalog.values import ID_MAX, BulkMode, IdSource

OWN_ID = "id"
BULK_KEYS = (OWN_ID, *(f"{source}_id" for source in IdSource))
"""What tells which film a row means: our id, or that of a source."""


def write_row(*, values: FilmChanges, key: str | None, mode: BulkMode, form: Form = SOUND) -> tuple[int, bool]:
    """The id of the row's film, and whether it is new. A film that is there is changed in what the row names.

    key: one of BULK_KEYS; None where every row is a new film. Raises Invalid, Clash and NotFound; nothing is written
    then, and the transaction around it goes on.
    """
    film_id, faults = (None, []) if key is None else film_of(values, key)
    form = form.plus(faults)
    if film_id is None and mode is not BulkMode.UPDATE:
        if key == OWN_ID and not form.faults:
            raise NotFound(f"There is no film {values.id}.")
        return create_film(values=values, form=form.plus(lacking(values))), True
    if film_id is not None and mode is BulkMode.INSERT:
        raise Clash(f"The film is there already: /api/movies/{film_id}.", other_id=film_id)
    if film_id is None and not form.faults:
        raise NotFound(f"There is no film of that {key}.")
    if film_id is None:
        raise Invalid(list(form.faults))
    return change_film(row_id=film_id, values=values, whole=False, form=form), False


def film_of(values: FilmChanges, key: str) -> tuple[int | None, list[Fault]]:
    """The id of the film that a row means, drafts included, and the fault of a row without the key."""
    if key == OWN_ID:
        own = values.id
        if own is UNSET or isinstance(own, bool) or not isinstance(own, int) or not 0 < own <= ID_MAX:
            return None, [Fault("#/id", "required", "Each row needs the id of its film.")]
        return Film.objects.filter(pk=own).values_list("pk", flat=True).first(), []
    source = IdSource(key.removesuffix("_id"))
    ids = values.external_ids if isinstance(values.external_ids, dict) else {}
    if not ids.get(source):
        return None, [Fault(f"#/external_ids/{source}", "required", f"Each row needs its id of {source}.")]
    held = FilmExternalId.objects.filter(source=source, value=ids[source])
    return held.values_list("film_id", flat=True).first(), []


def lacking(values: FilmChanges) -> list[Fault]:
    """The fault of a new film without a title."""
    return [Fault("#/title", "required", "title must be there.")] if values.title is UNSET else []


@contextmanager
def trial() -> Iterator[None]:
    """A transaction that is taken back at its end, whatever came of it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
