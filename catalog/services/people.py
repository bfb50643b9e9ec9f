"""People: created, replaced, changed, deleted. Each is one transaction, and all that is wrong is told at once."""

from collections.abc import Sequence
from itertools import chain

import msgspec
from django.db import transaction
from msgspec import UNSET

from catalog.errors import Clash, Fault, Invalid
from catalog.models import CastCredit, CrewCredit, Person, PersonExternalId
from catalog.selectors.absent import no_person
from catalog.services.dates import dated
from catalog.services.external_ids import form_faults, refuse_taken, set_ids
from catalog.services.inputs import PersonChanges
from catalog.services.kept import never_given, untrue_values
from catalog.services.versions import ANY, hold_to, locked
from catalog.values import Condition

KEPT = ("id", "version", "created", "updated")
"""What the service keeps itself: taken only as it is."""

WHOLE = tuple(name for name in PersonChanges.__struct_fields__ if name not in (*KEPT, "name"))


@transaction.atomic
def create_person(*, values: PersonChanges, faults: Sequence[Fault] = ()) -> int:
    """The id of a new person; what is absent is unknown.

    faults: what is wrong with the input already; it is raised together with what the catalogue finds.
    Raises Invalid with every fault, Clash where somebody else holds one of the external ids.
    """
    person = Person()
    save(person, complete(values), [*faults, *never_given(values, KEPT)], whole=True)
    return person.pk


@transaction.atomic
def change_person(
    *, person_id: int, values: PersonChanges, whole: bool, condition: Condition = ANY, faults: Sequence[Fault] = ()
) -> int:
    """Change what `values` names of a person; with `whole`, all that it does not name too. Gives the id.

    Raises NotFound, Stale, Invalid and Clash.
    """
    person = found(person_id)
    hold_to(condition, person)
    wrong = [*faults, *untrue_values(values, {name: getattr(person, name) for name in KEPT})]
    save(person, complete(values) if whole else values, wrong, whole=whole)
    return person_id


@transaction.atomic
def delete_person(*, person_id: int, condition: Condition = ANY) -> None:
    """Delete a person. Raises NotFound, Stale, and Clash while any film credits them."""
    person = found(person_id)
    hold_to(condition, person)
    parts = (each.objects.filter(person=person).values_list("film_id", flat=True) for each in (CastCredit, CrewCredit))
    if films := sorted(set(chain.from_iterable(parts))):
        told = f"/api/movies/{films[0]}" + (f" and {len(films) - 1} more" if len(films) > 1 else "")
        raise Clash(f"{person.name} is credited by {told}: take the credits away first.", other_id=films[0])
    person.delete()


def found(person_id: int) -> Person:
    """The person, locked. Raises NotFound, Gone or Moved."""
    person = locked(Person, person_id)
    if person is None:
        raise no_person(person_id)
    return person


def complete(values: PersonChanges) -> PersonChanges:
    """The same with null for everything that is absent."""
    return msgspec.structs.replace(values, **{name: None for name in WHOLE if getattr(values, name) is UNSET})


def save(person: Person, values: PersonChanges, faults: list[Fault], *, whole: bool) -> None:
    """Judge the input as a whole, then write it. A person who would stay as they are is not touched."""
    before = dict(vars(person))
    set_columns(person, values, faults)
    ids = values.external_ids
    if isinstance(ids, dict):
        faults += form_faults(ids, imdb_prefix="nm")
    if faults:
        raise Invalid(sorted(faults, key=lambda fault: fault.pointer))
    if isinstance(ids, dict):
        refuse_taken(PersonExternalId, ids, person.pk)
    if person.pk is None or any(before.get(name) != value for name, value in vars(person).items() if name != "_state"):
        person.save()
    if ids is not UNSET:
        set_ids(person.external_ids, ids or {}, whole=whole or ids is None)


def set_columns(person: Person, values: PersonChanges, faults: list[Fault]) -> None:
    """Put the input's own values into the row; what is wrong with them is added to `faults`."""
    if values.name is not UNSET:
        person.name = values.name
    dated(values, person, "birth", faults)
    dated(values, person, "death", faults)
    if person.birth_date and person.death_date and person.death_date < person.birth_date:
        faults.append(Fault("#/death_date", "too_early", "Nobody dies before being born: look at the two dates."))
