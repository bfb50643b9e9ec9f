"""What a run found, as it is kept: every single measurement, with the machine, the date and the versions."""

import importlib.metadata
import os
import platform
import re
import shutil
import statistics
import subprocess
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench.environment import PEERS, ROOT

KEPT = ROOT / "docs" / "performance.json"
"""The run that the documents show."""

PACKAGES = (
    *("django", "aiohttp", "starlette", "uvicorn", "uvloop", "psycopg", "msgspec"),
    *("gunicorn", "channels", "django-ninja", "fastapi", "sqlalchemy", "django-bolt", "asyncpg"),
)


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One run of one load on one contender. seconds: until the first answer, in the workload `start` only."""

    database: str
    workload: str
    contender: str
    requests_per_second: float = 0.0
    requests: int = 0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    errors: int = 0
    memory_mb: float = 0.0
    seconds: float = 0.0
    writes: int = 0


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """A whole run. load: what it was asked for; versions: of what was compared."""

    at: str
    commit: str
    machine: dict[str, str]
    versions: dict[str, str]
    load: dict[str, int]
    samples: list[Sample]

    def of(self, database: str, workload: str, contender: str) -> list[Sample]:
        """Each round's measurement; empty where there is none."""
        asked = (database, workload, contender)
        return [each for each in self.samples if (each.database, each.workload, each.contender) == asked]

    def median(self, database: str, workload: str, contender: str, figure: str = "requests_per_second") -> float | None:
        """The middle one of a figure over the rounds; None where nothing was measured."""
        values = [getattr(each, figure) for each in self.of(database, workload, contender)]
        return statistics.median(values) if values else None

    def errors(self) -> int:
        return sum(each.errors for each in self.samples)


def read(path: Path) -> Results:
    return msgspec.json.decode(path.read_bytes(), type=Results)


def write(results: Results, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")


def machine() -> dict[str, str]:
    """What was measured on."""
    return {
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
    }


def processor() -> str:
    """The processor's name, by the kernel's word."""
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    return found[1].strip() if found else platform.machine()


def versions() -> dict[str, str]:
    """The version of each package that was compared, as the peers' environment has it."""
    folders = [str(path) for path in PEERS.glob("lib/python*/site-packages")]
    installed = {each.name.lower(): each.version for each in importlib.metadata.distributions(path=folders)}
    return {name: installed[name] for name in PACKAGES if name in installed}


def commit() -> str:
    """The commit that was measured, and whether its files had been changed since; empty outside of git."""
    if shutil.which("git") is None:
        return ""
    git = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    return subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def collected(samples: Iterable[Sample], load: dict[str, int], clock: Callable[[], str] = now) -> Results:
    """The samples with all that they can be judged by."""
    return Results(
        at=clock(), commit=commit(), machine=machine(), versions=versions(), load=load, samples=list(samples)
    )
