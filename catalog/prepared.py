"""Queries that are compiled once and run with values.

    @prepared
    def of_year() -> QuerySet[Film, Any]:
        return Film.objects.filter(year=Parameter("year", BigIntegerField())).values_list("id", "title")

    of_year().rows({"year": 1994}, limit=10)

The query stays the ORM's: models, joins and conditions are written once. But to turn a QuerySet into SQL costs several
times what the database needs to answer it, so that is done once for each shape, which is what the function's arguments
say, and each database. What runs afterwards is the driver, on Django's connection and with Django's errors.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, wraps
from sys import intern
from typing import Any, NamedTuple, TypeVarTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from catalog.drivers import SPELLINGS, Call, Row, Statement, fetch, fetch_together, watched
from catalog.stored import Convert, converter

Shape = TypeVarTuple("Shape")
SHAPES_LIMIT = 128
"""Compiled queries that are kept of each function: mostly some 5 kB each. The least recently used goes."""

RUNGS = (2, 6, 11, 16, 21, 26, 31, 41, 51, 76, 101, 151, 201)
"""The limits that are written into SQL, one more than what people ask for.

PostgreSQL takes a limit that is a parameter for a tenth of all rows, and may then sort them all.
"""


class Parameter(Expression):
    """A place in a query that a value takes when it is run; `output_field` makes the value fit for the database."""

    def __init__(self, name: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG002
        return "%s", (self,)

    def get_group_by_cols(self) -> list[Any]:
        return []


class Telling(Parameter):
    """A value that decides how much of a table is met, such as the end of a range: it is planned with each time."""


class Several(Parameter):
    """A list for `__in`, with room for `room` values of one `kind` of parameter; `spread` names them."""

    def __init__(
        self, name: str, output_field: "Field[Any, Any]", room: int, kind: type[Parameter] = Parameter
    ) -> None:
        super().__init__(name, output_field)
        self.room = room
        self.kind = kind

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG002
        places = tuple(self.kind(f"{self.name}.{number}", self.output_field) for number in range(self.room))
        return f"({', '.join(['%s'] * self.room)})", places


def room_for(values: Sequence[Any]) -> int:
    """The next power of two, so that lists of nearly the same length share a shape. At least one value."""
    return 1 << (len(values) - 1).bit_length()


def spread(name: str, values: Sequence[Any]) -> dict[str, Any]:
    """The values of a `Several` that has `room_for` them; the last one fills the places that are left."""
    filled = [*values, *[values[-1]] * (room_for(values) - len(values))]
    return {f"{name}.{number}": value for number, value in enumerate(filled)}


class Slot(NamedTuple):
    """What is kept of a parameter: its name, and what makes a value fit for a connection."""

    name: str
    fit: Callable[[Any, BaseDatabaseWrapper], Any]


class Prepared:
    """A compiled query.

    parameters: in the order of the SQL; what is no Parameter is a constant. converters: by column, what raw values
    need; Django's own, or ours where it is `Stored`.
    """

    def __init__(self, sql: str, parameters: Iterable[Any], converters: Mapping[int, Convert], *, vendor: str) -> None:
        self.sql = sql
        parameters = tuple(parameters)
        self.general = not any(isinstance(each, Telling) for each in parameters)
        self.slots = tuple(slot(each) if isinstance(each, Parameter) else each for each in parameters)
        self.converters = converters
        self.spell = SPELLINGS[vendor]
        self.statements: dict[int | None, Statement] = {}

    def rows(self, values: Mapping[str, Any], *, limit: int | None = None, offset: int = 0) -> list[Row]:
        """The rows of this query with `values` by parameter name; after `offset`, the first `limit` if it is given.

        Raises KeyError for a value that is missing, and whatever Django's connection raises.
        """
        connection = connections[DEFAULT_DB_ALIAS]
        call = self.call(values, connection, limit)
        return self.read(fetch(connection, passing(call, offset) if offset else call), limit)

    def read(self, rows: list[Row], limit: int | None = None) -> list[Row]:
        """What the driver gave for a call with that limit, as the query has it."""
        return self.converted(rows[:limit])

    def call(self, values: Mapping[str, Any], connection: BaseDatabaseWrapper, limit: int | None = None) -> Call:
        """This query with its values, fit for the database; of a limited one it may give some rows more."""
        bound = None if limit is None else rung(limit)
        statement = self.statements.get(bound) or self.statements.setdefault(bound, self.statement(bound))
        fitted = [each.fit(values[each.name], connection) if type(each) is Slot else each for each in self.slots]
        # Django's converters expect the text form of what the driver reads.
        return Call(statement, fitted, self.general, binary=not self.converters)

    def statement(self, bound: int | None) -> Statement:
        """The SQL of at most `bound` rows."""
        sql = self.sql if bound is None else f"{self.sql} LIMIT {bound}"
        return Statement(sql, self.spell(sql, len(self.slots)))

    def converted(self, rows: list[Row]) -> list[Row]:
        """The rows with every value as its field has it; by column, which is quicker than by row."""
        if not self.converters or not rows:
            return rows
        columns: list[Iterable[Any]] = list(zip(*rows, strict=True))
        for place, convert in self.converters.items():
            columns[place] = convert(columns[place])
        return list(zip(*columns, strict=True))


def passing(call: Call, offset: int) -> Call:
    """The same call, of a limited query, beyond `offset` rows: no plan is good for all offsets."""
    sql, native = (f"{text} OFFSET {offset}" for text in call.statement)
    return call._replace(statement=Statement(sql, native), general=False)


def slot(parameter: Parameter) -> Slot:
    """Its name is shared by all shapes: lists of 200 values have as many names."""
    return Slot(intern(parameter.name), parameter.output_field.get_db_prep_value)


def rung(limit: int) -> int:
    """The least of `RUNGS`, or beyond them of the powers of two, that is no less than `limit`."""
    return RUNGS[bisect_left(RUNGS, limit)] if limit <= RUNGS[-1] else 1 << (limit - 1).bit_length()


def together(queries: Sequence[Prepared], values: Mapping[str, Any]) -> Iterator[list[Row]]:
    """The rows of each of `queries`, which share `values`; on PostgreSQL all are asked in one round trip.

    Elsewhere each is asked when its rows are taken. Raises what `Prepared.rows` does.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if len(queries) < 2 or connection.vendor != "postgresql" or watched(connection):
        for query in queries:
            yield query.rows(values)
        return
    calls = [query.call(values, connection) for query in queries]
    for query, rows in zip(queries, fetch_together(connection, calls), strict=True):
        yield query.converted(rows)


def answers(calls: Sequence[Call]) -> list[list[Row]]:
    """The rows of calls that have nothing to do with each other, as the driver gives them; likewise in one trip.

    Raises what Django's connection raises; then none of the others' rows are known.
    """
    return fetch_together(connections[DEFAULT_DB_ALIAS], calls)


def compiled(query: "QuerySet[Any, Any]", connection: BaseDatabaseWrapper) -> Prepared:
    """A QuerySet of `values_list` as it runs on one kind of database.

    Raises EmptyResultSet for conditions that Django knows no row to meet, such as `pk__in=[]`.
    """
    compiler = query.query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    columns = compiler.get_converters([expression for expression, _, _ in compiler.select])
    converters = {place: converter(connection.vendor, *needs) for place, needs in columns.items()}
    return Prepared(sql, parameters, converters, vendor=connection.vendor)


def prepared(build: "Callable[[*Shape], QuerySet[Any, Any]]") -> Callable[[*Shape], Prepared]:
    """`build`, whose arguments are the shape of a query, as a function that compiles it once for each shape.

    The arguments must be hashable and decide everything but the values; the QuerySet is never evaluated itself.
    """

    @lru_cache(maxsize=SHAPES_LIMIT)
    def of_vendor(vendor: str, *shape: *Shape) -> Prepared:  # noqa: ARG001
        return compiled(build(*shape), connections[DEFAULT_DB_ALIAS])

    @wraps(build)
    def of_shape(*shape: *Shape) -> Prepared:
        return of_vendor(connections[DEFAULT_DB_ALIAS].vendor, *shape)

    return of_shape
