"""A process that writes until it is killed: `python -m tests.server.acknowledging FILE` prints each name once told."""

import asyncio
import os
import sys
from functools import partial

import django
from django.conf import settings
from django.db import connection

from server.executor import Executor

WRITERS = 8


def create_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE written (name text)")


def insert(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO written VALUES (%s)", [name])


async def write() -> None:
    executor = Executor(threads=1, queue_limit=100, wait_seconds=10)
    executor.start()
    await executor.run(create_table, write=True)

    async def writer(which: int) -> None:
        for number in range(100_000):
            name = f"{which}.{number}"
            await executor.run(partial(insert, name), write=True)
            os.write(1, f"{name}\n".encode())

    await asyncio.gather(*map(writer, range(WRITERS)))


def main(path: str) -> None:
    options = {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"}
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": options}
    settings.configure(DATABASES={"default": database})
    django.setup()
    asyncio.run(write())


if __name__ == "__main__":
    main(sys.argv[1])
