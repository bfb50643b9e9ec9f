"""Others who write to the tests' database: another session, and another process that has none of our code."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection

WITH_SQLITE = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.close()"
WITH_POSTGRESQL = "import psycopg, sys; psycopg.connect(sys.argv[1], autocommit=True).execute(sys.argv[2])"


def address() -> str:
    """What another program needs to open the tests' database."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return str(settings["NAME"])
    return psycopg.conninfo.make_conninfo(
        host=settings["HOST"],
        port=settings["PORT"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        dbname=settings["NAME"],
    )


def in_another_process(statements: str) -> None:
    """Run SQL in a Python that loads nothing of ours, on a connection with the database's defaults."""
    program = WITH_SQLITE if connection.vendor == "sqlite" else WITH_POSTGRESQL
    subprocess.run([sys.executable, "-I", "-c", program, address(), statements], check=True, timeout=60)


@contextmanager
def postgresql_session() -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """A further session on PostgreSQL, in a transaction from its first statement on."""
    with psycopg.connect(address()) as session:
        yield session
