"""How a compiled query is run: straight by the database's driver, on Django's connection and with Django's errors.

A cursor of psycopg's costs three times what the query and its rows do: it is made for any statement. What has been
prepared is known to the last column, so libpq is asked itself, and only values and rows pass through psycopg.
"""

import select
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple, TypeAlias, cast

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import ClientCursor, Cursor, abc
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName, error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

Row: TypeAlias = tuple[Any, ...]

STATEMENTS_LIMIT = 100
"""Statements that one connection to PostgreSQL keeps prepared; each takes some 50 kB there."""

OUTDATED = (FeatureNotSupported, InvalidSqlStatementName)
"""Why a prepared statement fails that may be prepared anew: its table's types have changed, or it is not there."""


class Statement(NamedTuple):
    """SQL with `%s` for each parameter, and the same as the driver spells it."""

    sql: str
    native: str


class Call(NamedTuple):
    """A statement on its way to the driver.

    general: whether one plan is good for all values. binary: whether the driver's quicker form of results will do.
    """

    statement: Statement
    values: list[Any]
    general: bool
    binary: bool


SPELLINGS: dict[str, Callable[[str, int], str]] = {
    # Neither driver knows `%s`, and Django's cursors would translate the whole text at every run.
    "sqlite": lambda sql, number: sql % (("?",) * number),
    "postgresql": lambda sql, number: sql % tuple(f"${place + 1}" for place in range(number)),
}
"""Each database that is known here, and how it writes parameters itself."""


def fetch(connection: BaseDatabaseWrapper, call: Call) -> list[Row]:
    """The rows of a statement, straight from the driver, with Django's exceptions."""
    if watched(connection):
        with connection.cursor() as cursor:
            cursor.execute(call.statement.sql, call.values)
            return cast("list[Row]", cursor.fetchall())
    with connection.wrap_database_errors:
        return DRIVERS[connection.vendor](connection, call)


def fetch_together(connection: BaseDatabaseWrapper, calls: Sequence[Call]) -> list[list[Row]]:
    """The rows of each of several statements; PostgreSQL is asked for all in one trip."""
    if len(calls) < 2 or connection.vendor != "postgresql" or watched(connection):
        return [fetch(connection, call) for call in calls]
    with connection.wrap_database_errors:
        return in_one_trip(connection, calls)


def watched(connection: BaseDatabaseWrapper) -> bool:
    """Whether somebody logs this connection's queries or wraps their execution, and must see them all.

    The connection is open afterwards. Raises DatabaseError when it belongs to another thread.
    """
    connection.validate_thread_sharing()
    connection.ensure_connection()
    return connection.queries_logged or bool(connection.execute_wrappers)


def from_sqlite(connection: BaseDatabaseWrapper, call: Call) -> list[Row]:
    return cast("list[Row]", connection.connection.execute(call.statement.native, call.values).fetchall())


def from_postgresql(connection: BaseDatabaseWrapper, call: Call) -> list[Row]:
    """By a prepared statement where the call's plan is good for all values; else by a cursor."""
    raw = connection.connection
    if not may_prepare(raw, call):
        return begun(raw, call).fetchall()
    statements = prepared_on(raw)
    try:
        return statements.rows(call)
    except OUTDATED:
        if connection.in_atomic_block:
            raise  # the transaction has failed with it
        return statements.rows(call)


DRIVERS: dict[str, Callable[[BaseDatabaseWrapper, Call], list[Row]]] = {
    "sqlite": from_sqlite,
    "postgresql": from_postgresql,
}


def may_prepare(raw: "psycopg.Connection[Any]", call: Call) -> bool:
    """Whether to run a call by a prepared statement of ours.

    Not where its values decide the plan, nor behind a pool that forgets it. Nor where it begins a transaction: psycopg
    does that with the first statement of its own.
    """
    if not call.general or raw.prepare_threshold is None:
        return False
    return raw.autocommit or raw.pgconn.transaction_status != TransactionStatus.IDLE


def begun(raw: "psycopg.Connection[Any]", call: Call) -> "Cursor[Row]":
    """The cursor of a statement that has been sent to PostgreSQL with its values within.

    psycopg never prepares any: it would forget all of a connection's, ours too, at each rollback.
    """
    sql = ClientCursor(raw).mogrify(cast("Any", call.statement.sql), call.values)
    return Cursor(raw).execute(cast("Any", sql), binary=call.binary)


def in_one_trip(connection: BaseDatabaseWrapper, calls: Sequence[Call]) -> list[list[Row]]:
    """The rows of statements that PostgreSQL gets all at once."""
    raw = connection.connection
    if not all(may_prepare(raw, call) for call in calls):
        with raw.pipeline():
            cursors = [begun(raw, call) for call in calls]
        return [cursor.fetchall() for cursor in cursors]
    try:
        return prepared_on(raw).together(calls)
    except OUTDATED:
        if connection.in_atomic_block:
            raise
        return [from_postgresql(connection, call) for call in calls]


class PreparedStatement:
    """What one connection calls a statement, and what reads its rows: the types of its columns stay what they were."""

    __slots__ = ("name", "reader")

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.reader: abc.Transformer | None = None

    def read(self, result: PGresult, raw: "psycopg.Connection[Any]", *, binary: bool) -> list[Row]:
        """The rows of a result."""
        reader = self.reader
        if reader is None:
            reader = self.reader = Transformer(raw)
            reader.set_pgresult(result, format=Format(binary))
        else:
            reader.set_pgresult(result, set_loaders=False)
        rows: list[Row] = reader.load_rows(0, result.ntuples, tuple)
        reader.set_pgresult(None, set_loaders=False)  # or each statement would keep its last result
        return rows


class Ready(NamedTuple):
    """A call whose statement is prepared: under which key, the statement, and what libpq is given beside its name."""

    key: Hashable
    statement: PreparedStatement
    values: Sequence[Any]
    formats: Sequence[Format]
    binary: bool


numbers = count(1)
"""Of names: one connection may pass from thread to thread."""


class PreparedStatements:
    """The statements that one connection has prepared, by their text and the types of their values; bounded."""

    def __init__(self, raw: "psycopg.Connection[Any]") -> None:
        self.raw = raw
        self._writer = Transformer(raw)
        self._known: OrderedDict[Hashable, PreparedStatement] = OrderedDict()

    def rows(self, call: Call) -> list[Row]:
        """The rows of a call. Raises psycopg's errors; after one of `OUTDATED` the next call prepares anew."""
        ready = self._ready(call)
        result = self.raw.pgconn.exec_prepared(ready.statement.name, ready.values, ready.formats, ready.binary)
        return self._read(ready, result)

    def together(self, calls: Sequence[Call]) -> list[list[Row]]:
        """The same of several that are sent in one piece (libpq's pipeline mode)."""
        pgconn = self.raw.pgconn
        ready = [self._ready(call) for call in calls]
        pgconn.enter_pipeline_mode()
        for each in ready:
            pgconn.send_query_prepared(each.statement.name, each.values, each.formats, each.binary)
        pgconn.pipeline_sync()
        results = list(results_until_sync(pgconn))
        pgconn.exit_pipeline_mode()
        return [self._read(each, result) for each, result in zip(ready, results, strict=True)]

    def _ready(self, call: Call) -> Ready:
        writer = self._writer
        values = writer.dump_sequence(call.values, [PyFormat.AUTO] * len(call.values))
        key = (call.statement.native, call.binary, writer.types)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._prepare(call.statement.native, writer.types)
        else:
            self._known.move_to_end(key)
        return Ready(key, known, values, writer.formats or (), call.binary)

    def _read(self, ready: Ready, result: PGresult) -> list[Row]:
        if result.status == ExecStatus.TUPLES_OK:
            return ready.statement.read(result, self.raw, binary=ready.binary)
        error = error_of(result)
        if isinstance(error, FeatureNotSupported):
            self._known.pop(ready.key, None)
        elif isinstance(error, InvalidSqlStatementName):
            self._known.clear()  # whoever has forgotten one has forgotten all
        raise error

    def _prepare(self, sql: str, types: Sequence[int] | None) -> PreparedStatement:
        pgconn = self.raw.pgconn
        # One that is gone already is an error there, which would be the end of a transaction.
        while len(self._known) >= STATEMENTS_LIMIT and pgconn.transaction_status == TransactionStatus.IDLE:
            _, oldest = self._known.popitem(last=False)
            pgconn.exec_(b"DEALLOCATE %b" % oldest.name)
        name = b"moviedb_%d" % next(numbers)
        result = pgconn.prepare(name, sql.encode(), types)
        if result.status != ExecStatus.COMMAND_OK:
            raise error_of(result)
        return PreparedStatement(name)


def results_until_sync(pgconn: PGconn) -> Iterator[PGresult]:
    """The results of a pipeline. Raises OperationalError when the connection is lost meanwhile."""
    news = select.poll()
    news.register(pgconn.socket, select.POLLIN)
    while True:
        while pgconn.is_busy():
            news.poll()  # libpq's own waiting would keep the interpreter's lock
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is not None and result.status == ExecStatus.PIPELINE_SYNC:
            return
        if result is not None:
            yield result
        elif pgconn.status != ConnStatus.OK:
            raise psycopg.OperationalError("the connection is lost")


def error_of(result: PGresult) -> psycopg.Error:
    """What psycopg would raise for a failed result; without a code of the server's, the connection is lost."""
    error = error_from_result(result)
    return error if error.sqlstate else psycopg.OperationalError(str(error))


class _Latest(threading.local):
    """The statements of the connection that this thread has used last."""

    statements: PreparedStatements | None = None


_latest = _Latest()


def prepared_on(raw: "psycopg.Connection[Any]") -> PreparedStatements:
    """The statements that are prepared on a connection."""
    statements = _latest.statements
    if statements is None or statements.raw is not raw:
        statements = _latest.statements = PreparedStatements(raw)
    return statements
