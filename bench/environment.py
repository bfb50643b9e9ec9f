"""What a run of the benchmark needs: the peers' packages and a catalogue of films."""

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = [ROOT / "requirements.txt", ROOT / "bench" / "requirements.txt"]
ENVIRONMENT = ROOT / "bench" / ".venv"


def installed() -> Path:
    """The programs of an environment that holds the server's packages and the peers', filled when a lock changed."""
    binaries = ENVIRONMENT / "bin"
    stamp = ENVIRONMENT / ".installed"
    if not stamp.exists() or stamp.stat().st_mtime < max(lock.stat().st_mtime for lock in LOCKS):
        venv.create(ENVIRONMENT, with_pip=True)
        locks = [word for lock in LOCKS for word in ("-r", str(lock))]
        pip = [str(binaries / "python"), "-m", "pip", "install", "--quiet", "--require-hashes", *locks]
        subprocess.run(pip, check=True)
        stamp.touch()
    return binaries


def catalogue(binaries: Path, directory: Path, films: Path | None) -> dict[str, str]:
    """Fill a SQLite catalogue in `directory`; the environment in which every contender finds it."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "settings.production",
        "SECRET_KEY": "only for the benchmark, worth nothing anywhere",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATA_DIR": str(directory),
        "LOG_LEVEL": "ERROR",
        "PYTHONPATH": str(ROOT),
    }
    source = ["wikipedia", str(films)] if films else ["sample"]
    for words in (["migrate", "--verbosity", "0"], ["import", *source]):
        command = [str(binaries / "python"), "-m", "moviedb", *words]
        subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, **environment}, stdout=sys.stderr)
    return environment
