"""What other catalogues call a film or person: the form of their ids, and whose they are."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Q

from catalog.errors import Clash, Fault, Form, Invalid
from catalog.models import FilmExternalId, PersonExternalId
from catalog.values import EXTERNAL_ID_PATTERNS, IdSource

Ids = Mapping[IdSource, str | None]

ADDRESSES = {"film": "/api/movies", "person": "/api/people"}


def is_well_formed(source: IdSource, value: str, *, imdb_prefix: str) -> bool:
    """Whether an id has the form that its source uses; IMDb's say by their first letters what they name."""
    if source is IdSource.IMDB and not value.startswith(imdb_prefix):
        return False
    return re.fullmatch(EXTERNAL_ID_PATTERNS[source], value, re.ASCII) is not None


def form_faults(ids: Ids, *, imdb_prefix: str) -> Iterator[Fault]:
    """A fault for each id that its source would not give."""
    for source, value in ids.items():
        if value is not None and not is_well_formed(source, value, imdb_prefix=imdb_prefix):
            yield Fault(
                f"#/external_ids/{source}", "bad_form", f"'{value[:60]}' does not have the form of an id of {source}."
            )


def clash_of(model: type[FilmExternalId] | type[PersonExternalId], ids: Any, owner_id: int | None) -> Clash | None:
    """Where others than `owner_id` hold any of the ids: a clash with the first of them, and a fault for each."""
    wanted = Q()
    for source, value in ids.items() if isinstance(ids, dict) else ():
        wanted |= Q(source=source, value=value) if value is not None else Q()
    if not wanted:
        return None
    owner = "film" if model is FilmExternalId else "person"
    held = model._default_manager.filter(wanted).exclude(**{f"{owner}_id": owner_id}).order_by("source")
    holders = list(held.values_list("source", "value", f"{owner}_id"))
    if not holders:
        return None
    faults = [Fault(f"#/external_ids/{source}", "taken", told(owner, *rest)) for source, *rest in holders]
    _, value, other_id = holders[0]
    return Clash(told(owner, value, other_id), other_id=other_id, faults=faults)


def refuse(form: Form, faults: Sequence[Fault], clash: Clash | None) -> None:
    """Raises Invalid with all that is wrong, those of the clash among it; Clash where that is all; else nothing."""
    wrong = form.with_found(faults)
    if wrong:
        raise Invalid(form.with_found([*faults, *(clash.faults if clash else ())]))
    if clash:
        raise clash


def told(owner: str, value: str, other_id: int) -> str:
    return f"'{value}' belongs to {ADDRESSES[owner]}/{other_id}."


def set_ids(rows: Any, ids: Ids, *, whole: bool, is_new: bool = False) -> None:
    """Make a film's or person's ids be these; null takes one away, and `whole` all that are not named.

    rows: the related manager of the owner; is_new: it has none yet. Raises IntegrityError where somebody else was
    faster.
    """
    wanted = {source: value for source, value in ids.items() if value is not None}
    stored = {} if is_new else dict(rows.values_list("source", "value"))
    gone = stored.keys() - wanted.keys() if whole else {source for source, value in ids.items() if value is None}
    changed = {source: value for source, value in wanted.items() if stored.get(source) != value}
    if gone:
        rows.filter(source__in=gone).delete()
    for source, value in changed.items():
        if source in stored:
            rows.filter(source=source).update(value=value)
        else:
            rows.create(source=source, value=value)
