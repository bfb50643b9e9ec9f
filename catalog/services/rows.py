"""Rows that belong to a film and are written as a list: made to be what the list says, touching only what differs."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Model

Wanted = Mapping[tuple[Any, ...], Mapping[str, Any]]
"""What there is to be: the rest of each row by what tells the film's rows apart."""


def set_rows(model: type[Model], film_id: int, identity: Sequence[str], wanted: Wanted) -> bool:
    """Make the film's rows of `model` be the wanted ones; whether anything had to change.

    identity: the columns that tell the film's rows apart. At most four queries.
    """
    rows = model._default_manager.filter(film_id=film_id)
    stored = {identity_of(row, identity): row for row in rows}
    gone = [row.pk for key, row in stored.items() if key not in wanted]
    changed = [row for key, row in stored.items() if key in wanted and differs(row, wanted[key])]
    new = {key: rest for key, rest in wanted.items() if key not in stored}
    if gone:
        rows.filter(pk__in=gone).delete()
    if changed:
        model._default_manager.bulk_update(changed, list(wanted[identity_of(changed[0], identity)]))
    if new:
        made = [model(film_id=film_id, **dict(zip(identity, key, strict=True)), **rest) for key, rest in new.items()]
        model._default_manager.bulk_create(made)
    return bool(gone or changed or new)


def identity_of(row: Any, names: Sequence[str]) -> tuple[Any, ...]:
    """What tells a row apart."""
    return tuple(getattr(row, name) for name in names)


def differs(row: Any, wanted: Mapping[str, Any]) -> bool:
    """Whether a row is not as wanted; it is made so."""
    before = [getattr(row, name) for name in wanted]
    for name, value in wanted.items():
        setattr(row, name, value)
    return before != list(wanted.values())
