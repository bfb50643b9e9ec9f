"""The triggers outlive every migration: taken away before, made again after, and one row says that all may differ.

On SQLite Django rebuilds a table for many of its operations, which drops the table's triggers without a word, or fails
because of them. On PostgreSQL they stay while tables are altered, so that nobody's change is missed meanwhile.
"""

import secrets
from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration

from catalog.changes import dialect

Plan = Sequence[tuple[Migration, bool]]


def before(*, using: str, plan: Plan, **_: Any) -> None:
    """Close the log, so that nothing is remembered from now on, and take SQLite's triggers away. For `pre_migrate`."""
    database = connections[using]
    if not concerns(plan) or not exists(database) or database.vendor == "postgresql":
        return
    with transaction.atomic(using=using), database.cursor() as cursor:
        cursor.execute("UPDATE catalog_changelog SET open = %s", [False])
        dialect(database).drop(database)


def after(*, using: str, plan: Plan = (), **_: Any) -> None:
    """Make what should stand, and open the log. For `post_migrate`, which also follows `flush`."""
    database = connections[using]
    if not exists(database):
        with transaction.atomic(using=using):
            dialect(database).drop(database)
    elif concerns(plan):
        renew(database)
    else:
        mend(database)


def mend(database: BaseDatabaseWrapper | None = None) -> None:
    """Make the triggers anew, and open the log, if anything is wrong with them; on the default database."""
    database = database or connections[DEFAULT_DB_ALIAS]
    ways = dialect(database)
    if ways.adopt(database) or not is_open(database) or ways.standing(database):
        renew(database)


def renew(database: BaseDatabaseWrapper, *, epoch: str | None = None) -> None:
    """Make all triggers anew and log a reset. A new epoch, if given, makes every position from before unknown."""
    ways = dialect(database)
    with transaction.atomic(using=database.alias), database.cursor() as cursor:
        ways.drop(database)
        ways.make(database)
        cursor.execute("UPDATE catalog_changelog SET open = %s, epoch = coalesce(%s, epoch)", [True, epoch])
        if cursor.rowcount == 0:
            life = epoch or secrets.token_hex(8)
            cursor.execute("INSERT INTO catalog_changelog (epoch, open) VALUES (%s, %s)", [life, True])
        ways.reset(database)


def concerns(plan: Plan) -> bool:
    return any(migration.app_label == "catalog" for migration, _ in plan)


def exists(database: BaseDatabaseWrapper) -> bool:
    """Whether the log's tables are there: they are not before its migration, or after going back behind it."""
    with database.cursor() as cursor:
        return "catalog_changelog" in database.introspection.table_names(cursor)


def is_open(database: BaseDatabaseWrapper) -> bool:
    with database.cursor() as cursor:
        cursor.execute("SELECT 1 FROM catalog_changelog WHERE open")
        return cursor.fetchone() is not None
