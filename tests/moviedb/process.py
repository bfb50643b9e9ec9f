"""The command line as a real process."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]
KEY = "a key for tests only, which is worth nothing to anybody anywhere"
LISTENING = re.compile(r"moviedb listens on (http://127\.0\.0\.1:\d+)/")

Finished = subprocess.CompletedProcess[str]


def environment(data_dir: Path, **variables: str) -> dict[str, str]:
    """The environment of a production process that keeps its data there."""
    quiet = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    own = {"DATA_DIR": str(data_dir), "SECRET_KEY": KEY, "ALLOWED_HOSTS": "localhost,127.0.0.1"}
    return quiet | own | {"DJANGO_SETTINGS_MODULE": "settings.production", "HTTPS": "false"} | variables


class Moviedb:
    """`python -m moviedb` on a data directory of its own; further variables of its environment, where '' unsets one."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir

    def __call__(self, *arguments: str, **variables: str) -> Finished:
        """Run a command to its end; nobody is at a terminal."""
        return subprocess.run(
            [sys.executable, "-m", "moviedb", *arguments],
            check=False, cwd=ROOT, env=environment(self.data_dir, **variables), capture_output=True, text=True,
            timeout=60, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def serving(self, *arguments: str, **variables: str) -> "Serving":
        """The server, as a context."""
        return Serving(self.data_dir, arguments, variables)


class Serving:
    """A running server; leaving the context stops it as Ctrl-C does, and then `code`, `out` and `err` are known."""

    code: int
    out: str
    err: str

    def __init__(self, data_dir: Path, arguments: tuple[str, ...], variables: dict[str, str]) -> None:
        self._command = [sys.executable, "-m", "moviedb", *arguments]
        self._environment = environment(data_dir, **variables)

    def __enter__(self) -> Self:
        """Start it and wait until it says where it listens."""
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        found = LISTENING.match(line)
        assert found, line + self._process.communicate()[1]
        self.address = found[1]
        return self

    def read_error_until(self, word: str) -> str:
        """The first line of stderr that holds the word."""
        assert self._process.stderr is not None
        return next(line for line in self._process.stderr if word in line)

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGINT)
        try:
            self.out, self.err = self._process.communicate(timeout=30)
        finally:
            self._process.kill()
        self.code = self._process.returncode
