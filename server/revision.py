"""The revision: what the database says of its own state. While it has not moved, nothing has been committed.

A reading counts for a request only if it was taken after the request had arrived. So a request joins the next question,
never one that was asked before it came (group commit, for reads). Where the database can't be asked, the reading is
None and nothing may be told from memory.
"""

import asyncio
import logging
import os
import sqlite3
from collections.abc import Hashable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import psycopg
from django.db import connections
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

logger = logging.getLogger(__name__)

ANSWER_SECONDS = 1.0
"""A database that takes longer to tell its state is passed by; the requests take the ordinary way."""

CONNECT_SECONDS = 5.0
PAUSE_SECONDS = 1.0
"""Between two attempts to connect."""


class Reading(NamedTuple):
    """One answer of the database.

    number: readings are numbered in the order in which they were asked for.
    generation: which connection was asked; the states that two connections tell can't be compared.
    state: equal states of one generation mean that nothing was committed in between.
    node: names the server that was asked, where a database has several.
    """

    number: int
    generation: int
    state: Hashable
    node: str = ""


Question = asyncio.Future[Reading | None]
"""Asked once, answered for all who wait for it."""


class Revision(Protocol):
    """Asks one database. `now` is awaited on the loop by every request that hopes for a kept answer."""

    @property
    def questions(self) -> int:
        """How many answers the database has given."""

    async def now(self) -> Reading | None:
        """A reading taken after this call began; None where the database can't say."""

    async def close(self) -> None:
        """Give the connection back; a later `now` opens another."""


class SQLiteRevision:
    """Of a SQLite file: `PRAGMA data_version` on a connection of its own that never writes.

    That number moves with every commit of any other connection, in whatever process. It counts from the start on each
    connection, and means nothing when the path leads to another file: then the generation changes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] = (0, 0)
        self._generation = 0
        self._number = 0
        self._shared: Reading | None = None

    @property
    def questions(self) -> int:
        return self._number

    async def now(self) -> Reading | None:
        """A microsecond's question, asked on the loop, once for all requests that the loop has in its queue.

        The queue is in order of arrival: whoever takes the reading before `_forget` has its turn was in the queue when
        the question was asked, and so had arrived.
        """
        if self._shared is None:
            self._shared = self._read()
            if self._shared is not None:
                asyncio.get_running_loop().call_soon(self._forget)
        return self._shared

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _forget(self) -> None:
        self._shared = None

    def _read(self) -> Reading | None:
        try:
            if self._connection is None or file_identity(self.path) != self._file:
                self._open()
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()  # type: ignore[union-attr]
        except (sqlite3.Error, OSError) as error:
            logger.warning("the revision of %s can't be read: %s", self.path.name, error)
            self._drop()
            return None
        self._number += 1
        return Reading(self._number, self._generation, version)

    def _open(self) -> None:
        """Raises OSError where there is no file, or another one by now; sqlite3.Error where it is none of SQLite's."""
        self._drop()
        self._generation += 1
        self._file = file_identity(self.path)
        # No waiting, the loop stands still; and no file is made where none is.
        self._connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None
        )
        self._connection.execute("PRAGMA query_only=ON")
        if file_identity(self.path) != self._file:
            raise FileNotFoundError(f"{self.path.name} was replaced just now")

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def file_identity(path: Path) -> tuple[int, int]:
    """Which file a path leads to: device and inode. Raises OSError where there is none."""
    found = os.stat(path)  # noqa: PTH116  on every reading; Path.stat takes twice the time
    return found.st_dev, found.st_ino


class PostgresRevision:
    """Of a PostgreSQL server: the snapshot that a new transaction would get, on a connection of its own.

    On a standby the snapshot alone misses commits, since it lists no transactions in progress there: the position of
    the replay is asked for too. A connection leads to one node for its whole life, so its generation is the node's
    identity; whether the node has been promoted is a part of the state.

    It speaks to libpq itself: psycopg's cursors take ten times as long, and wait for seconds to cancel a question that
    the network has swallowed.
    """

    QUESTION = b"""SELECT pg_current_snapshot(), pg_is_in_recovery(),
        CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END,
        extract(epoch FROM pg_postmaster_start_time())"""

    def __init__(self, parameters: dict[str, Any]) -> None:
        """parameters: what psycopg connects with."""
        self.parameters = parameters
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._descriptor = -1
        self._connecting: asyncio.Task[None] | None = None
        self._next: Question | None = None
        self._asked: Question | None = None
        self._asked_at = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._result: PGresult | None = None
        self._retry_at = 0.0
        self._generation = 0
        self._number = 0

    @property
    def questions(self) -> int:
        return self._number

    async def now(self) -> Reading | None:
        """The answer to the next question; one is in flight at a time. Nobody waits for a connection."""
        while self._connection is not None:
            try:
                return await self._question()
            except asyncio.CancelledError:
                # Who waits and is cancelled cancels the question that all wait for; the others ask again.
                if asyncio.current_task().cancelling():  # type: ignore[union-attr]
                    raise
        self._connect_soon(asyncio.get_running_loop())
        return None

    async def close(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        self._drop()

    def _question(self) -> Question:
        """The one that is asked next: at the loop's next turn, or when the one in flight is answered."""
        if self._next is None or self._next.done():
            loop = asyncio.get_running_loop()
            self._next = loop.create_future()
            if self._asked is None:
                loop.call_soon(self._ask)
        return self._next

    def _connect_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._connecting is None and loop.time() >= self._retry_at:
            self._retry_at = loop.time() + PAUSE_SECONDS
            self._connecting = loop.create_task(self._connect())

    async def _connect(self) -> None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                connection = await psycopg.AsyncConnection.connect(**self.parameters, autocommit=True)
            self._connection, self._descriptor = connection, connection.fileno()
            asyncio.get_running_loop().add_reader(self._descriptor, self._read)
            self._generation += 1
        except (psycopg.Error, OSError) as error:
            logger.warning("the revision can't be asked for: %s", error or "no connection in time")
        finally:
            self._connecting = None

    def _ask(self) -> None:
        """Ask for all who wait now. Who comes while a question is in flight waits for the one after it."""
        if self._connection is None or self._asked is not None or self._next is None:
            return  # the connection was lost, and whoever waited has been told
        self._asked, self._next = self._next, None
        loop = asyncio.get_running_loop()
        self._asked_at = loop.time()
        try:
            self._connection.pgconn.send_query(self.QUESTION)
            self._connection.pgconn.flush()
        except psycopg.Error as error:
            self._fail(str(error))
            return
        if self._watch is None:
            self._watch = loop.call_later(ANSWER_SECONDS, self._look)

    def _look(self) -> None:
        """Whether the question in flight is overdue: a timer for each would cost as much as a question."""
        self._watch = None
        if self._asked is not None:
            loop = asyncio.get_running_loop()
            if loop.time() >= (due := self._asked_at + ANSWER_SECONDS):
                self._fail(f"no answer within {ANSWER_SECONDS:g} s")
            else:
                self._watch = loop.call_at(due, self._look)

    def _read(self) -> None:
        """Something has come: take it, and answer once the server is ready for the next question."""
        try:
            pgconn = self._connection.pgconn  # type: ignore[union-attr]
            pgconn.consume_input()
            while self._asked is not None and not pgconn.is_busy():
                result = pgconn.get_result()
                if result is None:
                    self._answer()
                else:
                    self._result = result
        except psycopg.Error as error:
            self._fail(str(error))

    def _answer(self) -> None:
        result, self._result = self._result, None
        if result is None or result.status != ExecStatus.TUPLES_OK:
            self._fail(result.get_error_message() if result else "no answer")
            return
        self._number += 1
        state = tuple(result.get_value(0, column) for column in range(result.nfields))
        node = (state[-1] or b"").decode()
        self._settle(Reading(self._number, self._generation, state, node))
        self._ask()

    def _fail(self, why: str) -> None:
        logger.warning("the revision can't be asked for: %s", why.strip())
        self._drop()

    def _drop(self) -> None:
        """Let the connection go, without a word to the server, and everybody who waits."""
        connection, self._connection = self._connection, None
        if connection is not None:
            asyncio.get_running_loop().remove_reader(self._descriptor)  # libpq may have closed it by now
            connection.pgconn.finish()
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        self._settle(None)
        self._asked, self._next = self._next, None
        self._settle(None)

    def _settle(self, reading: Reading | None) -> None:
        asked, self._asked = self._asked, None
        if asked is not None and not asked.done():
            asked.set_result(reading)


def of_default_database() -> Revision:
    """The revision of Django's default database."""
    connection = connections["default"]
    if connection.vendor == "sqlite":
        return SQLiteRevision(Path(connection.settings_dict["NAME"]))
    parameters = connection.get_connection_params()
    # What belongs to Django's own cursors; the text of a snapshot needs none of it.
    return PostgresRevision({name: parameters[name] for name in parameters.keys() - {"cursor_factory", "context"}})
