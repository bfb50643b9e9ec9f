"""Databases of their own for what happens before a database is ready, and the command line as a real process."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from settings.base import databases
from tests.moviedb.process import ROOT, Moviedb, environment


@pytest.fixture
def point_django_at(settings: LazySettings, django_db_blocker: DjangoDbBlocker) -> Iterator[Callable[..., None]]:
    """A function that makes Django use another database and data directory until the test ends."""
    kept, kept_settings = connections["default"], connections.settings

    def point(data_dir: Path, url: dict[str, object] | None = None) -> None:
        settings.DATA_DIR = data_dir
        connections.settings = connections.configure_settings(databases(url, data_dir))
        del connections["default"]

    with django_db_blocker.unblock():
        yield point
        connection.close()
    connections.settings = kept_settings
    connections["default"] = kept


@pytest.fixture
def new_file(tmp_path: Path, point_django_at: Callable[..., None]) -> Path:
    """Where the embedded database will be made; nothing is there yet."""
    point_django_at(tmp_path / "data")
    return tmp_path / "data" / "moviedb.sqlite3"


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated and empty database to copy, made as a first start makes it."""
    data_dir = tmp_path_factory.mktemp("migrated")
    command = "import django; django.setup(); from moviedb import startup; startup.prepare_database()"
    subprocess.run([sys.executable, "-c", command], cwd=ROOT, env=environment(data_dir), check=True)
    return data_dir / "moviedb.sqlite3"


@pytest.fixture
def file(new_file: Path, migrated: Path) -> Path:
    """The embedded database, migrated and empty."""
    new_file.parent.mkdir()
    return Path(shutil.copy(migrated, new_file))


@pytest.fixture
def data_dir(tmp_path: Path, migrated: Path) -> Path:
    """A data directory for another process, with a migrated and empty database."""
    shutil.copy(migrated, tmp_path / "moviedb.sqlite3")
    return tmp_path


@pytest.fixture
def moviedb(data_dir: Path) -> Moviedb:
    """The command line on a migrated and empty database."""
    return Moviedb(data_dir)
