"""What a run needs: the peers' packages, and a database with films."""

import hashlib
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests import postgres

ROOT = Path(__file__).resolve().parent.parent
LOCKS = [ROOT / "requirements.txt", ROOT / "bench" / "requirements.txt"]
PEERS = ROOT / "bench" / ".venv"
OWN = Path(sys.executable).parent
"""Where the programs of the environment are that moviedb, and this benchmark, run in."""

DATABASES = ("sqlite", "postgresql")


def installed() -> Path:
    """The programs of an environment that holds the server's packages and the peers', filled when a lock changed."""
    stamp = PEERS / ".installed"
    wanted = hashlib.sha256(b"".join(lock.read_bytes() for lock in LOCKS)).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        venv.create(PEERS, with_pip=True, clear=True)
        locks = [word for lock in LOCKS for word in ("-r", str(lock))]
        pip = [str(PEERS / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes", *locks]
        subprocess.run(pip, check=True)
        stamp.write_text(wanted)
    return PEERS / "bin"


@contextmanager
def catalogue(database: str, films: int) -> Iterator[dict[str, str]]:
    """A database of `films` films; the environment in which every contender finds it. Raises postgres.Unavailable."""
    with empty(database) as environment:
        fill(environment, films)
        yield environment


@contextmanager
def empty(database: str) -> Iterator[dict[str, str]]:
    """The environment of a database in which nothing is yet.

    PostgreSQL runs on this process's own processors. Raises postgres.Unavailable where there is none.
    """
    with tempfile.TemporaryDirectory(prefix="moviedb-bench-") as directory:
        server = postgres.new_server() if database == "postgresql" else None
        try:
            url = server.create_database() if server else f"sqlite:///{directory}/films.sqlite3"
            yield settings(directory, url)
        finally:
            if server:
                server.stop()


def settings(directory: str, url: str) -> dict[str, str]:
    """The variables that moviedb and the Django peers are set up by."""
    return {
        "DJANGO_SETTINGS_MODULE": "settings.production",
        "SECRET_KEY": "only for the benchmark, worth nothing anywhere",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": url,
        "DATA_DIR": directory,
        "BODY_FILE": f"{directory}/body",
        "LOG_LEVEL": "ERROR",
        "PYTHONPATH": str(ROOT),
    }


def fill(environment: Mapping[str, str], films: int) -> None:
    for words in (["moviedb", "migrate", "-v0"], ["moviedb", "import", "sample"], ["bench.films", str(films)]):
        subprocess.run(
            [sys.executable, "-m", *words],
            check=True,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
        )
