"""Keyset pagination: order and "what comes after this row" as expressions that the sort indexes answer."""

from functools import lru_cache
from typing import Any, TypeAlias, cast

from django.db.models import BigIntegerField, BooleanField, F, Field, Func, IntegerField, Q

from catalog.models import Film, Person
from catalog.prepared import Parameter
from catalog.values import Position, Term

Columns: TypeAlias = tuple[tuple[str, bool], ...]
"""The columns of an order, and whether each descends."""


class Row(Func):
    """A row value: `(a, b)`."""

    template = "(%(expressions)s)"
    output_field = BooleanField()  # Django asks for one; the comparison around it is what has a type


class RowComparison(Func):
    """Two row values compared key by key, as SQL does: `(a, b) > (?, ?)`. An index on (a, b) answers it."""

    template = "%(expressions)s"
    output_field = BooleanField()


def ordering(order: tuple[Term, ...], *, backward: bool) -> list[str]:
    """Arguments of `order_by`: the sort's columns, then the id, which follows the last one's direction."""
    return [f"-{column}" if descending is not backward else column for column, descending in sorted_columns(order)]


@lru_cache(maxsize=256)
def sorted_columns(order: tuple[Term, ...]) -> Columns:
    """Each column of the order and whether it descends; the id is always the last, and never there twice."""
    columns = [(term.column, term.descending) for term in order if term.name != "id"]
    return (*columns, ("id", order[-1].descending))


@lru_cache(maxsize=256)
def stretches(order: tuple[Term, ...], *, backward: bool, vendor: str) -> tuple[Q, ...]:
    """What lies beyond a position, as parts of the list that follow one another; its values are parameters.

    One part on PostgreSQL. SQLite uses only the first half of a row value when the second is the rowid, and would read
    all ties of a popular value for each page; equality and a range on the id, the ties first, enter its index exactly.
    """
    columns = sorted_columns(order)
    if vendor != "sqlite" or len(columns) != 2:
        return (beyond(columns, backward=backward),)
    (key, descending), (_, id_descending) = columns
    value, film_id = (place(column) for column, _ in columns)
    ties = Q(**{key: value, f"id__{onward(id_descending, backward=backward)}": film_id})
    return ties, Q(**{f"{key}__{onward(descending, backward=backward)}": value})


def place(column: str) -> Parameter:
    """The parameter of a position's key in `column`."""
    return Parameter(f"after.{column}", value_field(column))


def place_values(order: tuple[Term, ...], position: Position) -> dict[str, Any]:
    """The values of the parameters in `stretches`."""
    keys = zip(sorted_columns(order), (*position.keys, position.id), strict=True)
    return {f"after.{column}": value for (column, _), value in keys}


def onward(descending: bool, *, backward: bool) -> str:
    """The lookup that leads on from a position, along a column that ascends or descends."""
    return "lt" if descending is not backward else "gt"


def beyond(columns: Columns, *, backward: bool) -> Q:
    """The rows that come after a position, or before it where one looks backward.

    The last column and the id, where they share a direction, are compared as one row value. An earlier column bounds
    the range first (`a <= ?`), so that its index is entered at the right place, whatever the directions are.
    """
    tail = 2 if len(columns) > 1 and columns[-2][1] is columns[-1][1] else 1
    condition = Q(compared(columns[-tail:], backward=backward))
    for column, descending in reversed(columns[:-tail]):
        side = onward(descending, backward=backward)
        further = Q(**{f"{column}__{side}": place(column)}) | Q(**{column: place(column)}) & condition
        condition = Q(**{f"{column}__{side}e": place(column)}) & further
    return condition


def compared(columns: Columns, *, backward: bool) -> RowComparison:
    """`(columns) > (values)`, or `<` where they descend; the columns share one direction."""
    sign = " < " if columns[-1][1] is not backward else " > "
    left = Row(*(F(column) for column, _ in columns))
    right = Row(*(place(column) for column, _ in columns))
    return RowComparison(left, right, arg_joiner=sign)


FIELDS: dict[str, Any] = {field.name: field for model in (Person, Film) for field in model._meta.get_fields()}
FIELDS["match"] = IntegerField()  # of a search: the kind of match, a constant of each query


@lru_cache(maxsize=64)
def value_field(column: str) -> "Field[Any, Any]":
    """What makes a value fit to be compared with a column of films or people; columns of one name are of one kind.

    Whole numbers are compared as the widest kind: what does not fit the column is then no error, and nothing equals it.
    """
    field: Any = FIELDS[column]
    field = getattr(field, "output_field", field)  # of what it generates, where it is generated
    return BigIntegerField() if isinstance(field, IntegerField) else cast("Field[Any, Any]", field)
