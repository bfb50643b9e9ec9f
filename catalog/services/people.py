"""People: created, replaced, changed, deleted. Each is one transaction, and all that is wrong is told at once."""

from itertools import chain

from django.db import transaction
from msgspec import UNSET

from catalog.errors import SOUND, Clash, Fault, Form
from catalog.models import CastCredit, CrewCredit, Person, PersonExternalId
from catalog.selectors.absent import no_person
from catalog.services.dates import dated
from catalog.services.external_ids import clash_of, form_faults, refuse, set_ids
from catalog.services.inputs import PersonChanges
from catalog.services.kept import never_given, untrue_values
from catalog.services.rows import complete, save_changed
from catalog.services.versions import ANY, hold_to, locked
from catalog.values import Condition

KEPT = ("id", "version", "created", "updated")
"""What the service keeps itself: taken only as it is."""

WHOLE = tuple(name for name in PersonChanges.__struct_fields__ if name not in (*KEPT, "name"))
"""What a whole person is given null for, where it is absent."""


@transaction.atomic
def create_person(*, values: PersonChanges, form: Form = SOUND) -> int:
    """The id of a new person; what is absent is unknown.

    form: what is wrong with the input already; it is raised together with what the catalogue finds.
    Raises Invalid with every fault, Clash where all that is wrong is that somebody else holds one of the external ids.
    """
    person = Person()
    save(person, complete(values, WHOLE), form, never_given(values, KEPT), whole=True)
    return person.pk


@transaction.atomic
def change_person(
    *, row_id: int, values: PersonChanges, whole: bool, condition: Condition = ANY, form: Form = SOUND
) -> int:
    """Change what `values` names of a person; with `whole`, all that it does not name too. Gives the id.

    Raises NotFound, Stale, Invalid and Clash.
    """
    person = found(row_id)
    hold_to(condition, person)
    untrue = untrue_values(values, {name: getattr(person, name) for name in KEPT})
    save(person, complete(values, WHOLE) if whole else values, form, untrue, whole=whole)
    return row_id


@transaction.atomic
def delete_person(*, row_id: int, condition: Condition = ANY) -> None:
    """Delete a person. Raises NotFound, Stale, and Clash while any film credits them."""
    person = found(row_id)
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


def save(person: Person, values: PersonChanges, form: Form, faults: list[Fault], *, whole: bool) -> None:
    """Judge the input as a whole, then write it. A person who would stay as they are is not touched."""
    before = dict(vars(person))
    set_columns(person, values, form, faults)
    ids = values.external_ids
    if isinstance(ids, dict):
        faults += form_faults(ids, imdb_prefix="nm")
    refuse(form, faults, clash_of(PersonExternalId, ids, person.pk))
    save_changed(person, before)
    if ids is not UNSET:
        set_ids(person.external_ids, ids or {}, whole=whole or ids is None)


def set_columns(person: Person, values: PersonChanges, form: Form, faults: list[Fault]) -> None:
    """Put the input's own values into the row; what is wrong with them is added to `faults`."""
    if values.name is not UNSET:
        person.name = values.name
    dated(values, person, "birth", form, faults)
    dated(values, person, "death", form, faults)
    known = not (form.touches("#/birth_date") or form.touches("#/death_date"))
    if known and person.birth_date and person.death_date and person.death_date < person.birth_date:
        faults.append(Fault("#/death_date", "too_early", "Nobody dies before being born: look at the two dates."))
