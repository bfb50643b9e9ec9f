"""A process that counts a film up, straight in the database, and notes each count before and after it is committed.

`python -m tests.live.writer DATABASE FILM_ID NOTES SLOT`; DATABASE is a `DATABASE_URL` or the path of a SQLite file.
It ends when its standard input is closed. In between it commits what no answer shows: sessions, as logins do.
"""

import mmap
import os
import random
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

import psycopg

from tests.live import counted

SLOT_BYTES = 16
LONGEST_PAUSE_SECONDS = float(os.environ.get("STALENESS_PAUSE_SECONDS", "0.1"))
"""Every commit ends nearly all that the reader asks for: with longer pauses a long run meets more hits."""

LONGEST_TRANSACTION_SECONDS = 0.01
UNSHOWN_PART = 0.5
"""Of all commits, those that no answer shows."""

NEW_SESSION = """INSERT INTO django_session (session_key, session_data, expire_date)
    VALUES ('a key', '', '2030-01-01') ON CONFLICT DO NOTHING"""
SESSIONS = ("UPDATE django_session SET session_data = 'x' WHERE session_key = 'a key'", NEW_SESSION)

Write = Callable[[Sequence[str]], None]
"""Runs statements in one transaction."""


class Notes:
    """What the writers' processes tell: of each slot the count that is committed, and the one that may be by now."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            # As numbers, each of which is written in one go: struct.pack_into leaves a zero there for a moment.
            self._counts = memoryview(mmap.mmap(file.fileno(), 0)).cast("q")
        self.slots = range(len(self._counts) // 2)

    def committed(self) -> list[int]:
        return [self._counts[2 * slot] for slot in self.slots]

    def begun(self) -> list[int]:
        return [self._counts[2 * slot + 1] for slot in self.slots]

    def begin(self, slot: int, number: int) -> None:
        self._counts[2 * slot + 1] = number

    def commit(self, slot: int, number: int) -> None:
        self._counts[2 * slot] = number


def sqlite_writer(path: str) -> Write:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    connection.execute("PRAGMA recursive_triggers=ON")

    def write(statements: Sequence[str]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for statement in statements:
            connection.execute(statement)
        connection.execute("COMMIT")

    return write


def postgresql_writer(url: str) -> Write:
    """Its transactions last a while, so that they overlap and end in another order than they began."""
    connection = psycopg.connect(url)

    def write(statements: Sequence[str]) -> None:
        for statement in statements:
            connection.execute(statement.encode())
        time.sleep(random.uniform(0, LONGEST_TRANSACTION_SECONDS))  # noqa: S311
        connection.commit()

    return write


def run(write: Write, film_id: int, notes: Notes, slot: int, ended: threading.Event) -> None:
    write(counted.beginnings(slot, film_id))
    for number in count(1):
        notes.begin(slot, number)
        write(counted.steps(slot, film_id, number))
        notes.commit(slot, number)
        while random.random() < UNSHOWN_PART:  # noqa: S311
            write(SESSIONS)
        if ended.wait(random.uniform(0, LONGEST_PAUSE_SECONDS)):  # noqa: S311
            return


def wait_for_end(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


def main(database: str, film_id: str, path: str, slot: str) -> None:
    write = postgresql_writer(database) if "://" in database else sqlite_writer(database)
    ended = threading.Event()
    threading.Thread(target=wait_for_end, args=(ended,), daemon=True).start()
    run(write, int(film_id), Notes(Path(path)), int(slot), ended)


if __name__ == "__main__":
    main(*sys.argv[1:])
