"""A curator's forms, to be sent as the browser would."""

from typing import Any

from catalog.models import Film, Person

FILM_FIELDS = {"title": "Solaris", "status": "released", "popularity": "0"}
INLINES = ("cast", "crew", "titles", "ratings", "external_ids")


def rows(prefix: str, new: list[dict[str, Any]], stored: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """An inline's part of a form: the stored rows first, as Django wants them, then new ones."""
    every = [*(stored or []), *new]
    fields = {f"{prefix}-{index}-{name}": value for index, row in enumerate(every) for name, value in row.items()}
    return fields | {f"{prefix}-TOTAL_FORMS": len(every), f"{prefix}-INITIAL_FORMS": len(stored or [])}


def film_form(**given: Any) -> dict[str, Any]:
    """A film's form: its own fields by name, and for each inline a list of new rows."""
    inlines = {prefix: given.pop(prefix, []) for prefix in INLINES}
    parts = [rows(prefix, new) for prefix, new in inlines.items()]
    return {**FILM_FIELDS, **{name: value for part in parts for name, value in part.items()}, **given}


def film_edit(film: Film, **given: Any) -> dict[str, Any]:
    """The form of a film that is there, opened at its present version."""
    return film_form(**{"base_version": Film.objects.get(pk=film.pk).version, **given})


def person_form(**given: Any) -> dict[str, Any]:
    """A person's form: own fields by name, and new external ids."""
    return {"name": "Somebody", **rows("external_ids", given.pop("external_ids", [])), **given}


def person_edit(person: Person, **given: Any) -> dict[str, Any]:
    """The form of a person who is there, opened at the present version."""
    return person_form(**{"base_version": Person.objects.get(pk=person.pk).version, **given})
