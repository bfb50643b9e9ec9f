"""The parameters of the people's resources, and what queries of them mean."""

from typing import Any

from catalog.api import params
from catalog.api.http.parsers import LIST_LIMIT, listed, member, text_value, whole
from catalog.api.http.problems import BadRequest
from catalog.api.http.query import Parameter, Query, by_name
from catalog.api.http.remembered import remembered
from catalog.api.parameters import COUNT, CURSOR, ID_MAX, LIMIT, LIMIT_DEFAULT, PAGE, ordered_by, range_parameters
from catalog.values import PERSON_DETAIL_FIELDS, PERSON_FIELDS, PERSON_SORTS, PersonQuery, Term

SORT = Parameter(
    name="sort",
    parser=ordered_by(PERSON_SORTS),
    description="One or two names, each descending with a leading `-`; unknown values stand last, the id breaks ties.",
    default="id",
    example="name",
)
FIELDS = Parameter(
    name="fields",
    parser=listed(member(PERSON_FIELDS, "field")),
    description="Only these fields of each person.",
    example=["id", "name"],
)
DETAIL_FIELDS = Parameter(
    name="fields",
    parser=listed(member(PERSON_DETAIL_FIELDS, "field")),
    description="Only these fields.",
    example=["id", "name", "external_ids"],
)
IDS = Parameter(
    name="ids",
    parser=listed(whole(1, ID_MAX)),
    description=f"These people only, in this order, at most {LIST_LIMIT}; missing ones are listed.",
    example=[1, 2, 3],
)
NAME_PREFIX = Parameter(
    name="name__startswith",
    parser=text_value,
    description="People whose name begins so; case and accents do not matter.",
    example="Catherine D",
)
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
    query = Query(raw, PERSON_PARAMETERS)
    fields: Any = query.one(DETAIL_FIELDS)
    if query.faults:
        raise BadRequest(query.faults)
    return fields or PERSON_DETAIL_FIELDS
