"""People made and changed: POST to `/api/people`, PUT, PATCH and DELETE of `/api/people/{id}`."""

from catalog import selectors, services
from catalog.api import params
from catalog.api.changing import Kind, Store, operations
from catalog.api.people_schemas import PERSON_ID
from catalog.services.inputs import PersonChanges, PersonInput
from catalog.values import Scope
from catalog.values.resources import Person

PERSON = Kind(
    name="person",
    noun="person",
    tag="people",
    path=params.PEOPLE,
    id_schema=PERSON_ID,
    name_of=params.person_name,
    shown=Person,
    whole=PersonInput,
    changes=PersonChanges,
    store=Store(
        create=services.create_person,
        change=services.change_person,
        delete=services.delete_person,
        record=selectors.person,
        id_of=selectors.person_id_of,
    ),
    scope=Scope.WRITE_PEOPLE,
    absent="unknown",
    deletion="Only who is in no film's cast or crew. For 30 days their address answers 410.",
)
OPERATIONS = tuple(operations(PERSON))
