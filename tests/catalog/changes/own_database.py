"""A database of a test's own, which migrations may change."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql

import catalog.migrations
from settings.base import databases
from settings.environment import database
from tests.postgres import Server

PACKAGE = "later_migrations"

AGAIN = """
from importlib import import_module
Migration = import_module("catalog.migrations.{name}").Migration
"""

LATER = """
from django.db import migrations, models
from catalog.models import *
from catalog import fields
class Migration(migrations.Migration):
    dependencies = [("catalog", "{last}")]
    operations = [{operations}]
"""


@contextmanager
def django_at(folder: Path, url: dict[str, Any] | None) -> Iterator[None]:
    """Django on another database, as it is configured in production, until the block ends."""
    kept, kept_settings = connections["default"], connections.settings
    connections.settings = connections.configure_settings(databases(url, folder))
    del connections["default"]
    try:
        yield
    finally:
        connection.close()
        connections.settings = kept_settings
        connections["default"] = kept


class Template:
    """A migrated and empty database, made once and copied for each test."""

    def __init__(self, folder: Path, server: Server | None) -> None:
        self.folder = folder
        self.server = server
        self.url = server.create_database() if server else None
        with django_at(folder, database(self.url) if self.url else None):
            call_command("migrate", verbosity=0)

    def copy(self, folder: Path) -> dict[str, Any] | None:
        """A copy below `folder`, or on the server; returns what Django's DATABASES needs, None for the file."""
        if self.server is None or self.url is None:
            shutil.copy(self.folder / "moviedb.sqlite3", folder / "moviedb.sqlite3")
            return None
        url = self.server.create_database()
        new, template = (sql.Identifier(each.rpartition("/")[2]) for each in (url, self.url))
        with psycopg.connect(self.server.url("postgres"), autocommit=True) as session:
            session.execute(sql.SQL("DROP DATABASE {}").format(new))
            session.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(new, template))
        return dict(database(url))


def migrate_later(folder: Path, monkeypatch: pytest.MonkeyPatch, operations: str) -> None:
    """Apply one more migration of the catalogue, with these operations, by the command that everybody uses."""
    package = folder / PACKAGE
    package.mkdir()
    (package / "__init__.py").touch()
    names = sorted(each.name for each in iter_modules(catalog.migrations.__path__) if each.name[0].isdigit())
    for name in names:
        (package / f"{name}.py").write_text(AGAIN.format(name=name))
    (package / "9999_later.py").write_text(LATER.format(last=names[-1], operations=operations))
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(settings, "MIGRATION_MODULES", {"catalog": PACKAGE}, raising=False)
    for name in [each for each in sys.modules if each.partition(".")[0] == PACKAGE]:
        monkeypatch.delitem(sys.modules, name)
    import_module(PACKAGE)
    call_command("migrate", "catalog", verbosity=0, skip_checks=True)
