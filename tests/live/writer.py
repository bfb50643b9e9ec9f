"""A process that counts a film's votes up, straight in the database, and notes each count once it is committed.

`python -m tests.live.writer DATABASE FILM_ID NOTES SLOT`; DATABASE is a `DATABASE_URL` or the path of a SQLite file.
It ends when its standard input is closed. In between it commits what no answer shows: sessions, as logins do.
"""

import mmap
import random
import sqlite3
import struct
import sys
import threading
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import psycopg

SLOT_BYTES = 8
LONGEST_PAUSE_SECONDS = 0.2
LONGEST_TRANSACTION_SECONDS = 0.01
UNSHOWN_PART = 0.5
"""Of all commits, those that no answer shows."""

Write = Callable[[str], None]


def read_note(notes: mmap.mmap, slot: int) -> int:
    """The last count that was committed."""
    (votes,) = struct.unpack_from("<q", notes, slot * SLOT_BYTES)
    return int(votes)


def opened(path: Path) -> mmap.mmap:
    """The notes of all writers, shared by their processes."""
    with path.open("r+b") as file:
        return mmap.mmap(file.fileno(), 0)


def sqlite_writer(path: str) -> Write:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    connection.execute("PRAGMA recursive_triggers=ON")

    def write(statement: str) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(statement)
        connection.execute("COMMIT")

    return write


def postgresql_writer(url: str) -> Write:
    """Its transactions last a while, so that they overlap and end in another order than they began."""
    connection = psycopg.connect(url)

    def write(statement: str) -> None:
        connection.execute(statement.encode())
        time.sleep(random.uniform(0, LONGEST_TRANSACTION_SECONDS))  # noqa: S311
        connection.commit()

    return write


def run(write: Write, film_id: int, notes: mmap.mmap, slot: int, ended: threading.Event) -> None:
    for votes in count(1):
        write(f"UPDATE catalog_film SET votes = {votes} WHERE id = {film_id}")  # noqa: S608
        struct.pack_into("<q", notes, slot * SLOT_BYTES, votes)
        while random.random() < UNSHOWN_PART:  # noqa: S311
            write("UPDATE django_session SET session_data = 'x' WHERE session_key = 'a key'")
            write(
                "INSERT INTO django_session (session_key, session_data, expire_date) "
                "VALUES ('a key', '', '2030-01-01') ON CONFLICT DO NOTHING"
            )
        if ended.wait(random.uniform(0, LONGEST_PAUSE_SECONDS)):  # noqa: S311
            return


def wait_for_end(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


def main(database: str, film_id: str, path: str, slot: str) -> None:
    write = postgresql_writer(database) if "://" in database else sqlite_writer(database)
    ended = threading.Event()
    threading.Thread(target=wait_for_end, args=(ended,), daemon=True).start()
    run(write, int(film_id), opened(Path(path)), int(slot), ended)


if __name__ == "__main__":
    main(*sys.argv[1:])
