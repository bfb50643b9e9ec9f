"""What must hold before the first request: a database that fits the code, the static files, somebody who may log in."""

import fcntl
import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestFilesMixin
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.utils.module_loading import import_string

from catalog import changes
from catalog.changes import migrating
from moviedb import database, first_admin
from server.lifespan import Refused

logger = logging.getLogger(__name__)


class StartError(Refused):
    """The server must not start; the text says in one line what is wrong and what to do."""


def prepare() -> None:
    """Make ready whatever a request needs, and print the one-time link when nobody can log in yet.

    Run it once, in a thread, before the server is ready; when all is done already it takes milliseconds.
    Raises StartError.
    """
    try:
        prepare_storage()
        if first_admin.wanted():
            sys.stderr.write(first_admin.invitation())
            sys.stderr.flush()
    except DatabaseError as error:
        raise StartError(database.plain(error)) from error
    finally:
        connection.close()  # this thread ends, and its connection would stay open


def prepare_storage() -> None:
    """The database and the static files, made ready for this version of the code. Raises StartError."""
    try:
        prepare_database()
        prepare_static_files()
    except DatabaseError as error:
        raise StartError(database.plain(error)) from error
    except OSError as error:
        raise StartError(f"{error.filename}: {error.strerror}") from error


def prepare_database() -> None:
    """Migrate the embedded database; refuse any database that does not fit the code, or lacks its pragmas."""
    file = database.sqlite_file()
    if file is not None:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        check_directory(file)
        migrate_embedded(file)
    refuse_misfit(database.migrations())
    broken = database.broken_pragmas()
    if broken:
        raise StartError(f"SQLite does not take the settings that moviedb relies on: {'; '.join(broken)}")
    prepare_change_log(file)


def prepare_change_log(file: Path | None) -> None:
    """Mend the embedded database's triggers; refuse a database elsewhere whose changes would go unseen."""
    missing = changes.standing()
    if missing and file is not None:
        logger.warning("the change log lacked triggers, which are made again: %s", ", ".join(missing))
        with locked(file.parent):
            migrating.mend()
    elif missing:
        raise StartError(f"the change log lacks {len(missing)} triggers ({missing[0]} …): run `moviedb migrate`")


def check_directory(file: Path) -> None:
    """Refuse a database file whose directory is missing, or that can't be written; and one that is no file."""
    if file.name == ":memory:":
        raise StartError("a database in memory is another one for each thread: give DATABASE_URL a file")
    if not file.parent.is_dir():
        raise StartError(f"the directory {file.parent} of the database is missing: make it, or change DATABASE_URL")
    for path in (file.parent, file):
        if path.exists() and not os.access(path, os.W_OK):
            raise StartError(f"{path} can't be written by this user; the database needs it")


def migrate_embedded(file: Path) -> None:
    """Bring the embedded database up to date; of several processes that start at once, one does and the others wait.

    The file is left alone until the lock is ours: two that make it at once would meet "database is locked".
    """
    with locked(file.parent):
        state = database.migrations()
        if state.unapplied and not state.unknown:
            logger.info("migrating the database: %s", database.names(state.unapplied))
            migrate()


def migrate() -> None:
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except CommandError as error:
        raise StartError(f"the database could not be migrated: {error}") from error


def refuse_misfit(state: database.Migrations) -> None:
    """Refuse a schema that is newer or older than the code."""
    if state.unknown:
        raise StartError(
            f"the database was used by a newer version of moviedb (it has {database.names(state.unknown)}): "
            "start that version, or restore a backup"
        )
    if state.unapplied:
        raise StartError(
            f"the database waits for migrations ({database.names(state.unapplied)}): run `moviedb migrate`"
        )


def prepare_static_files() -> None:
    """Collect the static files where that was never done, or before they changed."""
    storage = import_string(settings.STORAGES["staticfiles"]["BACKEND"])
    if not issubclass(storage, ManifestFilesMixin):
        return  # files are not hashed (in tests): they are served from their sources
    root = Path(settings.STATIC_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    with locked(root):
        if not static_files_current(root / storage.manifest_name):
            logger.info("collecting the static files into %s", root)
            call_command("collectstatic", verbosity=0, interactive=False)


def static_files_current(manifest: Path) -> bool:
    """Whether the collected files are as new as their sources; the manifest is what is written last."""
    try:
        json.loads(manifest.read_bytes())
        collected = manifest.stat().st_mtime
    except FileNotFoundError:
        return False
    except ValueError:
        manifest.unlink()  # cut short when a process was killed; the storage would fail at it
        return False
    if not os.access(manifest.parent, os.W_OK):
        return True  # collected when the image was built; times may differ there, and nothing can be done here
    return all(source.stat().st_mtime <= collected for source in static_sources())


def static_sources() -> Iterator[Path]:
    """The paths of the files that `collectstatic` would collect."""
    for finder in get_finders():
        for name, storage in finder.list([]):
            yield Path(storage.path(name))


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Held by one process at a time; the system frees it when that process ends, however it ends."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
