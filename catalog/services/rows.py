"""Rows made to be what an input says, touching only what differs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from django.db.models import Model
from msgspec import UNSET

Input = TypeVar("Input", bound=msgspec.Struct)

Wanted = Mapping[tuple[Any, ...], Mapping[str, Any]]
"""What there is to be: the rest of each row by what tells the film's rows apart."""


def complete(values: Input, names: Iterable[str]) -> Input:
    """The same input with null for each of these members that is absent."""
    absent = {name: None for name in names if getattr(values, name) is UNSET}
    return msgspec.structs.replace(values, **absent)


def save_changed(row: Model, before: Mapping[str, Any]) -> None:
    """Save a row that is new, or not as its attributes were before."""
    if row.pk is None or any(before.get(name) != value for name, value in vars(row).items() if name != "_state"):
        row.save()


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
