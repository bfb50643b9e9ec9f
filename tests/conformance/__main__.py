"""aiohttp's own tests against uvicorn with the bridge: `python -m tests.conformance`.

    BRIDGE=module:callable     another bridge than server.bridge:bridge
    CONFORMANCE_DIR=directory  where the virtual environment and the tests stay; by default a temporary one

Needs pip and its package index: it fetches aiohttp's source distribution, which holds the tests,
and what they import. Prints how many tests reached the bridge and each that failed, with the
reason that `EXPECTED` gives. Exits with 1 when one failed for which there is no reason.
"""

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from tests.conformance.expected import AIOHTTP, EXPECTED

ROOT = Path(__file__).parents[2]
UVICORN = "uvicorn[standard]==0.54.0"
TOOLS = (
    "blockbuster",
    "brotli",
    "freezegun",
    "isal",
    "proxy.py",
    "pytest==9.0.*",
    "pytest-cov",
    "pytest-mock",
    "pytest-timeout",
    "pytest-xdist",
    "pytest_codspeed",
    "re-assert",
    "setuptools",
    "trustme",
    "zlib_ng",
)
# The files that start a server for an Application.
FILES = (
    "test_web_*.py",
    "test_client_functional.py",
    "test_client_middleware*.py",
    "test_client_session.py",
    "test_client_ws_functional.py",
    "test_connector.py",
    "test_formdata.py",
    "test_test_utils.py",
)


def prepare(directory: Path) -> Path:
    """Make the virtual environment and unpack the tests, once; the environment's Python."""
    python = directory / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", directory / "venv"], check=True)
        pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", f"aiohttp=={AIOHTTP}", UVICORN, *TOOLS], check=True)
        fetch = [*pip, "download", "--no-deps", "--no-binary", ":all:", "--dest", str(directory), f"aiohttp=={AIOHTTP}"]
        subprocess.run(fetch, check=True)
        with tarfile.open(directory / f"aiohttp-{AIOHTTP}.tar.gz") as archive:
            archive.extractall(directory, filter="data")
    return python


def run(directory: Path, python: Path) -> list[dict[str, str]]:
    """Run the tests where aiohttp's own sources are out of the way; a row for each that reached the bridge."""
    source, work = directory / f"aiohttp-{AIOHTTP}", directory / "work"
    work.mkdir(exist_ok=True)
    for name in ("tests", "pytest.ini"):
        if not (work / name).exists():
            (work / name).symlink_to(source / name)
    results = directory / "results.jsonl"
    results.unlink(missing_ok=True)
    files = [str(path.relative_to(work)) for pattern in FILES for path in sorted((work / "tests").glob(pattern))]
    options = ["-q", "-o", "addopts=", "--timeout=30", "-n2", "-p", "tests_conformance_plugin", "--maxfail=10000"]
    environment = {**os.environ, "PYTHONPATH": f"{directory}:{ROOT}", "CONFORMANCE_RESULTS": str(results)}
    plugin = directory / "tests_conformance_plugin.py"
    plugin.write_text((ROOT / "tests" / "conformance" / "plugin.py").read_text())
    marks = "not dev_mode and not autobahn and not internal"
    subprocess.run([python, "-m", "pytest", *options, "-m", marks, *files], check=False, cwd=work, env=environment)
    return [json.loads(line) for line in results.read_text().splitlines()]


def report(rows: list[dict[str, str]]) -> int:
    """Write the figures and the failures; 1 when one is without a reason."""
    reached = {row["test"] for row in rows}
    failed = sorted({row["test"].removeprefix("tests/") for row in rows if row["outcome"] == "failed"})
    reasons = {test: reason for reason, names in EXPECTED.items() for test in failed if test.split("[")[0] in names}
    lines = [f"{len(reached)} tests reached the bridge: {len(reached) - len(failed)} passed, {len(failed)} failed"]
    for reason in (*EXPECTED, "Without a reason"):
        tests = [test for test in failed if reasons.get(test, "Without a reason") == reason]
        if tests:
            lines += ["", f"{reason} ({len(tests)})", *(f"    {test}" for test in tests)]
    sys.stdout.write("\n".join(("", *lines, "")))
    return int(len(reasons) < len(failed))


def main() -> int:
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(os.environ.get("CONFORMANCE_DIR", temporary)).absolute()
        directory.mkdir(parents=True, exist_ok=True)
        return report(run(directory, prepare(directory)))


if __name__ == "__main__":
    sys.exit(main())
