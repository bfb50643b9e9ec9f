"""The parameters of the people's resources, and what queries of them mean."""

from catalog.api import params
from catalog.api.http.parsers import whole
from catalog.api.http.query import Query, by_name
from catalog.api.http.remembered import remembered
from catalog.api.list_parameters import (
    COUNT,
    CURSOR,
    LIMIT,
    LIMIT_DEFAULT,
    PAGE,
    fields_parameter,
    ids_parameter,
    prefix_parameter,
    range_parameters,
    sort_parameter,
)
from catalog.values import PERSON_DETAIL_FIELDS, PERSON_FIELDS, PERSON_SORTS, PersonQuery, Term

SORT = sort_parameter(PERSON_SORTS, example="name")
FIELDS = fields_parameter(PERSON_FIELDS, of="each person", example=["id", "name"])
DETAIL_FIELDS = fields_parameter(PERSON_DETAIL_FIELDS, of="the person", example=["id", "name", "external_ids"])
IDS = ids_parameter("people")
NAME_PREFIX = prefix_parameter("name", "People whose name begins", example="Catherine D")
BORN = range_parameters("born", whole(1, 9999), "year of birth", 1960, 1969)
LIST_PARAMETERS = by_name((LIMIT, CURSOR, PAGE, COUNT, SORT, FIELDS, IDS, NAME_PREFIX, *BORN))
PERSON_PARAMETERS = by_name((DETAIL_FIELDS,))

PersonList = params.Listed[PersonQuery]


def person_query(query: Query) -> PersonQuery:
    """All of a list but its cursor."""
    return PersonQuery(
        limit=query.one(LIMIT) or LIMIT_DEFAULT,
        order=query.one(SORT) or (Term("id"),),
        fields=query.one(FIELDS) or PERSON_FIELDS,
        born=params.bounds_of(query, BORN),
        name_prefix=query.one(NAME_PREFIX),
        count=query.one(COUNT),
    )


@remembered(256)
def person_list(raw: str) -> PersonList:
    """The list that a query string of `/api/people` asks for."""
    return params.read_list(raw, params.PEOPLE, LIST_PARAMETERS, person_query)


@remembered(256)
def person_fields(raw: str) -> tuple[str, ...]:
    """The fields that a query string of `/api/people/{id}` asks for. Raises BadRequest."""
    return params.read_fields(raw, PERSON_PARAMETERS) or PERSON_DETAIL_FIELDS
