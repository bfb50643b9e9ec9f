"""Keyset pagination: order and "what comes after this row" as expressions that the sort indexes answer."""

from collections.abc import Iterable
from typing import Any, cast

from django.db import connection
from django.db.models import BooleanField, F, Field, Func, Q, Value

from catalog.models import Film
from catalog.values import Position, Term


class Row(Func):
    """A row value: `(a, b)`."""

    template = "(%(expressions)s)"
    output_field = BooleanField()  # Django asks for one; the comparison around it is what has a type


class RowComparison(Func):
    """Two row values compared key by key, as SQL does: `(a, b) > (?, ?)`. An index on (a, b) answers it."""

    template = "%(expressions)s"
    output_field = BooleanField()


def ordering(order: Iterable[Term], *, backward: bool) -> list[str]:
    """Arguments of `order_by`: the sort's columns, then the id, which follows the last one's direction."""
    return [
        f"-{column}" if descending is not backward else column for column, descending in sorted_columns(tuple(order))
    ]


def sorted_columns(order: tuple[Term, ...]) -> list[tuple[str, bool]]:
    """Each column of the order and whether it descends; the id is always the last, and never there twice."""
    columns = [(term.column, term.descending) for term in order if term.name != "id"]
    return [*columns, ("id", order[-1].descending)]


def stretches(order: tuple[Term, ...], position: Position) -> list[Q]:
    """What lies beyond `position`, as parts of the list that follow one another.

    One part on PostgreSQL. SQLite uses only the first half of a row value when the second is the rowid, and would read
    all ties of a popular value for each page; equality and a range on the id, the ties first, enter its index exactly.
    """
    if connection.vendor != "sqlite" or len(columns := sorted_columns(order)) != 2:
        return [beyond(order, position)]
    (column, descending), (_, id_descending) = columns
    [value] = position.keys
    ties = Q(**{column: value, f"id__{onward(id_descending, position)}": position.id})
    return [ties, Q(**{f"{column}__{onward(descending, position)}": value})]


def onward(descending: bool, position: Position) -> str:
    """The lookup that leads on from a position, along a column that ascends or descends."""
    return "lt" if descending is not position.backward else "gt"


def beyond(order: tuple[Term, ...], position: Position) -> Q:
    """The rows that come after `position`, or before it where it looks backward.

    The last column and the id, where they share a direction, are compared as one row value. An earlier column bounds
    the range first (`a <= ?`), so that its index is entered at the right place, whatever the directions are.
    """
    columns = sorted_columns(order)
    values = (*position.keys, position.id)
    tail = 2 if len(columns) > 1 and columns[-2][1] is columns[-1][1] else 1
    condition = Q(compared(columns[-tail:], values[-tail:], backward=position.backward))
    for (column, descending), value in reversed(list(zip(columns[:-tail], values[:-tail], strict=True))):
        side = onward(descending, position)
        further = Q(**{f"{column}__{side}": value}) | Q(**{column: value}) & condition
        condition = Q(**{f"{column}__{side}e": value}) & further
    return condition


def compared(columns: list[tuple[str, bool]], values: tuple[Any, ...], *, backward: bool) -> RowComparison:
    """`(columns) > (values)`, or `<` where they descend; the columns share one direction."""
    sign = " < " if columns[-1][1] is not backward else " > "
    left = Row(*(F(column) for column, _ in columns))
    right = Row(*(Value(value, output_field(column)) for (column, _), value in zip(columns, values, strict=True)))
    return RowComparison(left, right, arg_joiner=sign)


def output_field(column: str) -> "Field[Any, Any]":
    """The type of a column's values: of what it generates, where it is generated."""
    field: Any = Film._meta.get_field(column)
    return cast("Field[Any, Any]", getattr(field, "output_field", field))
