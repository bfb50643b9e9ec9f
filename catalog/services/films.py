"""Films: created, replaced, changed, deleted. Each is one transaction, and all that is wrong is told at once."""

from typing import Any

import msgspec
from django.db import transaction
from msgspec import UNSET

from catalog.errors import SOUND, Fault, Form
from catalog.models import Film, FilmExternalId
from catalog.selectors.absent import no_film
from catalog.selectors.paging import poster_address
from catalog.services import references
from catalog.services.dates import dated
from catalog.services.external_ids import clash_of, refuse
from catalog.services.film_links import VOCABULARIES, collection_id, looked_up, set_links
from catalog.services.inputs import FilmChanges
from catalog.services.kept import never_given, untrue_values
from catalog.services.references import unknown_codes
from catalog.services.rows import complete, save_changed
from catalog.services.versions import ANY, hold_to, locked
from catalog.values import Condition, Status

PLAIN = (
    *("title", "original_title", "year", "runtime", "overview", "tagline", "status", "published", "budget", "revenue"),
    "popularity",
)
"""The columns that an input has as they are."""

DEFAULTS: dict[str, Any] = {"status": Status.RELEASED.value, "published": True, "popularity": 0.0}
"""What stands for null and for what is absent in a whole film; for all other columns it is unknown."""

KEPT = ("id", "rating", "votes", "poster", "version", "created", "updated")
"""What the service keeps itself: taken only as it is."""

WHOLE = tuple(name for name in FilmChanges.__struct_fields__ if name not in (*KEPT, "title"))
"""What a whole film is given null for, where it is absent."""

LISTS = (*VOCABULARIES, "titles", "cast", "crew", "ratings", "external_ids")
"""What ties a film to others."""


@transaction.atomic
def create_film(*, values: FilmChanges, form: Form = SOUND) -> int:
    """The id of a new film. What is absent is unknown or none; it is published unless the input says otherwise.

    form: what is wrong with the input already; it is raised together with what the catalogue finds.
    Raises Invalid with every fault, Clash where all that is wrong is that another film holds one of its external ids.
    """
    film = Film(published=True)
    save(film, of_new(complete(values, WHOLE)), form, never_given(values, KEPT), whole=True)
    return film.pk


@transaction.atomic
def change_film(
    *, row_id: int, values: FilmChanges, whole: bool, condition: Condition = ANY, form: Form = SOUND
) -> int:
    """Change what `values` names of a film, drafts included; with `whole`, all that it does not name too. Gives its id.

    Raises NotFound, Stale, Invalid and Clash.
    """
    film = found(row_id)
    hold_to(condition, film)
    save(film, complete(values, WHOLE) if whole else values, form, untrue(film, values), whole=whole)
    return row_id


@transaction.atomic
def delete_film(*, row_id: int, condition: Condition = ANY) -> None:
    """Delete a film and all that belongs to it. Raises NotFound and Stale."""
    film = found(row_id)
    hold_to(condition, film)
    film.delete()


def of_new(values: FilmChanges) -> FilmChanges:
    """The same input but for empty lists: a new film is tied to nothing, and nobody need look for it."""
    return msgspec.structs.replace(values, **{name: UNSET for name in LISTS if not getattr(values, name)})


def found(film_id: int) -> Film:
    """The film, locked. Raises NotFound."""
    film = locked(Film, film_id)
    if film is None:
        raise no_film(film_id)
    return film


def untrue(film: Film, values: FilmChanges) -> list[Fault]:
    """A fault for each value that the service keeps and the input says otherwise."""
    true = {name: getattr(film, name) for name in KEPT} | {"poster": poster_address(film.poster.name)}
    return untrue_values(values, true)


def save(film: Film, values: FilmChanges, form: Form, faults: list[Fault], *, whole: bool) -> None:
    """Judge the input as a whole, then write it. A film that would stay as it is, is not touched."""
    before, is_new = dict(vars(film)), film.pk is None
    links = looked_up(values, form, faults)
    set_columns(film, values, form, faults)
    refuse(form, faults, clash_of(FilmExternalId, values.external_ids, film.pk))
    if links.collection is not None:
        film.collection_id = collection_id(links)
    save_changed(film, before)
    set_links(film, values, links, whole=whole, is_new=is_new)


def set_columns(film: Film, values: FilmChanges, form: Form, faults: list[Fault]) -> None:
    """Put the input's plain values into the row; what is wrong with them is added to `faults`."""
    for name in PLAIN:
        if (value := getattr(values, name)) is not UNSET:
            setattr(film, name, DEFAULTS.get(name) if value is None else plain(value))
    dated(values, film, "release", form, faults)
    if values.original_language is not UNSET:
        unknown_codes(references.LANGUAGE, [("/original_language", values.original_language)], faults)
        film.original_language_id = values.original_language


def plain(value: Any) -> Any:
    """A value as the column has it."""
    return str(value) if isinstance(value, str) else value
