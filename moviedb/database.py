"""What moviedb asks of its database, and the plain words for what is wrong with it."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from settings.base import SQLITE_PRAGMAS

Migration = tuple[str, str]
"""The label of an app and the name of a migration."""

SQLITE_WORDS = {
    "unable to open database file": "{name} can't be opened: is its directory there, and writable?",
    "file is not a database": "{name} is not a SQLite database; move it away, or give another DATABASE_URL",
    "malformed": "{name} is damaged: restore a backup",
    "database is locked": "{name} is locked by another process",
    "readonly database": "{name} can't be written by this user",
    "disk is full": "the disk of {name} is full",
    "disk i/o error": "the disk of {name} fails, or does not lock files as SQLite needs it",
}
"""What SQLite says, in small letters, and what it means for whoever runs moviedb."""

MISSING_TABLE = ("no such table", "no such column", "does not exist")


def plain(error: Exception) -> str:
    """One line that says what the database complains of and, where it is known, what to do."""
    said = str(error).strip().partition("\n")[0] or type(error).__name__
    if connection.vendor == "sqlite":
        for phrase, words in SQLITE_WORDS.items():
            if phrase in said.lower():
                return "the database " + words.format(name=connection.settings_dict["NAME"])
    if any(phrase in said for phrase in MISSING_TABLE):
        return f"the database lacks a table or a column ({said}): run `moviedb migrate`"
    return f"the database says: {said}"


def sqlite_file() -> Path | None:
    """The file of the embedded database; None on PostgreSQL."""
    return Path(connection.settings_dict["NAME"]) if connection.vendor == "sqlite" else None


@dataclass(frozen=True)
class Migrations:
    """Where the schema stands: what waits to be applied, and what only a newer version knows."""

    unapplied: list[Migration]
    unknown: list[Migration]

    @property
    def current(self) -> bool:
        return not self.unapplied and not self.unknown


def migrations() -> Migrations:
    """Compare the database with the code. Raises DatabaseError when it can't be asked.

    Importing every migration and building their graph takes longer than the rest of a start, so that names are
    compared first, and the graph is built only where they differ.
    """
    applied = set(MigrationRecorder(connection).applied_migrations())
    if applied == written():
        return Migrations([], [])
    loader = MigrationLoader(connection)
    replaced = {each for migration in loader.disk_migrations.values() for each in migration.replaces}
    ours = {key for key in applied if key[0] in loader.migrated_apps}
    return Migrations(
        unapplied=sorted(set(loader.graph.nodes) - set(loader.applied_migrations)),
        unknown=sorted(ours - set(loader.disk_migrations) - replaced),
    )


def written() -> set[Migration]:
    """The migrations that the installed apps bring, by the names of their files."""
    found: set[Migration] = set()
    for app in apps.get_app_configs():
        package, _ = MigrationLoader.migrations_module(app.label)
        if package and (Path(app.path) / "migrations").is_dir():
            modules = iter_modules(import_module(package).__path__)
            found |= {(app.label, each.name) for each in modules if each.name[0] not in "_~"}
    return found


def names(migrations: list[Migration]) -> str:
    """The first few, for a line of text."""
    shown = ", ".join(f"{app}.{name}" for app, name in migrations[:3])
    return f"{shown} and {len(migrations) - 3} more" if len(migrations) > 3 else shown


def broken_pragmas() -> list[str]:
    """The SQLite pragmas that do not hold on a fresh connection, as "name is x, should be y"; none on PostgreSQL."""
    if connection.vendor != "sqlite":
        return []
    connection.close()
    found = {name: pragma(name) for name in SQLITE_PRAGMAS}
    return [
        f"{name} is {found[name]}, should be {expected}"
        for name, expected in SQLITE_PRAGMAS.items()
        if found[name] != expected
    ]


def pragma(name: str) -> Any:
    """The value of a SQLite pragma on this thread's connection."""
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        return cursor.fetchone()[0]


def answers() -> None:
    """Raise DatabaseError unless the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
