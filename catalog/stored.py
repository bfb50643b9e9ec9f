"""Dates and times as SQLite stores them: text, read by the column."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func
from django.db.models.sql.compiler import SQLCompiler
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_aware, make_aware

Convert = Callable[[Iterable[Any]], Iterable[Any]]
"""What makes a column's values of its raw ones."""


class Stored(Func):
    """A column of dates or times as the database holds it, to be parsed here.

    Without a declared type, which an expression has not, SQLite's driver calls no Python function for each value; and
    Django would call two more.
    """

    template = "%(expressions)s"
    arity = 1

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="+%(expressions)s", **context)


def moments(texts: Iterable[str | None]) -> list[datetime | None]:
    """A column of SQLite's times, which have no offset and mean UTC; other spellings are left to Django."""
    stored = list(texts)
    try:
        # A bare date would take the offset for its time.
        return [datetime.fromisoformat(text + "+00:00") if len(text) > 10 else moment(text) for text in stored]  # type: ignore[arg-type, operator]
    except (TypeError, ValueError):
        return [None if text is None else moment(str(text)) for text in stored]


def moment(text: str) -> datetime | None:
    """One time, in any spelling that Django reads; None where it is none."""
    parsed = parse_datetime(text)
    return parsed if parsed is None or is_aware(parsed) else make_aware(parsed, UTC)


def days(texts: Iterable[str | None]) -> list[date | None]:
    """A column of SQLite's dates; other spellings are left to Django."""
    stored = list(texts)
    try:
        return [None if text is None else date.fromisoformat(text) for text in stored]
    except (TypeError, ValueError):
        return [None if text is None else parse_date(str(text)) for text in stored]


READERS: dict[str, Convert] = {"DateTimeField": moments, "DateField": days}


def converter(vendor: str, steps: Sequence[Callable[..., Any]], column: Any) -> Convert:
    """What Django does to the values of a column, or its short form where the column is `Stored`."""
    if vendor == "sqlite" and isinstance(column, Stored):
        return READERS[column.output_field.get_internal_type()]

    def convert(values: Iterable[Any]) -> Iterable[Any]:
        connection = connections[DEFAULT_DB_ALIAS]
        for step in steps:
            values = [step(value, column, connection) for value in values]
        return values

    return convert
