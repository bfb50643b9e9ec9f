"""One run of schemathesis against a running site: all checks, all phases, stateful ones too."""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONFIG = Path(__file__).with_name("schemathesis.toml")
ENDLESS = "get_event_stream"
"""An answer that never ends has no body to look at; tests of its own read it."""


ALL_PHASES = "examples,coverage,fuzzing,stateful"


@dataclass(frozen=True)
class Outcome:
    """What a run found: its exit code (0: no failure), how often each status was answered, what it said."""

    code: int
    statuses: Counter[int]
    output: str

    @property
    def requests(self) -> int:
        return self.statuses.total()

    @property
    def broken(self) -> int:
        """Answers of 500 and above."""
        return sum(times for status, times in self.statuses.items() if status >= 500)


def run(
    address: str, folder: Path, *, token: str | None, examples: int, seed: int, phases: str = ALL_PHASES
) -> Outcome:
    """Generate requests from the document at `address` and judge the answers.

    folder: where the run may write. token: sent with every request; None: none. examples: for each operation, at most.
    """
    counts = folder / f"counts-{seed}.json"
    told = {"SCHEMATHESIS_HOOKS": "tests.contract.hooks", "CONTRACT_COUNTS": str(counts), "PYTHONPATH": str(ROOT)}
    words = [
        *("--config-file", str(configured(folder, token)), "run", f"{address}/api/openapi.json"),
        *("--checks", "all", "--phases", phases, "--continue-on-failure"),
        *("--max-examples", str(examples), "--seed", str(seed), "--generation-database", "none", "--no-color"),
        *("--exclude-operation-id", ENDLESS, "--request-timeout", "30"),
    ]
    done = subprocess.run(
        [Path(sys.executable).with_name("schemathesis"), *words],
        check=False, cwd=folder, env={**os.environ, **told}, capture_output=True, text=True,
    )  # fmt: skip
    statuses = Counter({int(status): times for status, times in json.loads(counts.read_text()).items()})
    return Outcome(done.returncode, statuses, done.stdout + done.stderr)


def configured(folder: Path, token: str | None) -> Path:
    """The configuration, with the token as the document's own scheme: what tries to do without it can."""
    path = folder / "schemathesis.toml"
    credentials = f'\n[auth.openapi.token]\nbearer = "{token}"\n' if token else ""
    path.write_text(CONFIG.read_text(encoding="utf-8") + credentials, encoding="utf-8")
    return path
