"""The bridge on every aiohttp and every ASGI server that it is meant for: `python -m tests.matrix`.

    MATRIX_DIR=directory   where the virtual environments stay; by default a temporary one
    python -m tests.matrix 3.10 3.14 -- hypercorn     some of them

For each aiohttp a virtual environment is made with pip; the bridge's own tests run in it on
uvicorn, and `tests/server/bridge/test_matrix.py` against each server as a process. Prints a table,
and exits with 1 when a cell failed.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
AIOHTTPS = ("3.10", "3.11", "3.12", "3.13", "3.14")
SERVERS = ("uvicorn-httptools", "uvicorn-h11", "hypercorn", "granian")
OWN_TESTS = "own tests"
PACKAGES = (
    "uvicorn[standard]",
    "hypercorn",
    "granian",
    "starlette",
    "httptools",
    "pytest",
    "hypothesis",
    "brotli",
    "Django==5.2.*",
)
_COUNT = re.compile(r"(\d+) (passed|failed|error|skipped)")


def environment(directory: Path, aiohttp: str) -> Path:
    """The Python of a virtual environment with the newest patch of this aiohttp."""
    place = directory / f"aiohttp-{aiohttp}"
    python = place / "bin" / "python"
    if not (place / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        subprocess.run([*pip, f"aiohttp=={aiohttp}.*", *PACKAGES], check=True)
        (place / "ready").touch()
    return python


def cell(python: Path, column: str) -> tuple[str, bool]:
    """Run one cell of the table: what pytest has counted, and whether all is well."""
    tests = ["tests/server/bridge", "--ignore=tests/server/bridge/test_matrix.py"]
    if column != OWN_TESTS:
        tests = ["tests/server/bridge/test_matrix.py"]
    # The project's own settings and fixtures are cut off: the bridge has no need of them.
    options = ["-q", "-c", os.devnull, "--rootdir", str(ROOT), "--confcutdir", "tests/server/bridge"]
    options += ["--import-mode=importlib", "-p", "no:cacheprovider"]
    ended = subprocess.run(
        [str(python), "-m", "pytest", *options, *tests],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "MATRIX_SERVER": column, "PYTHONPATH": str(ROOT)},
    )
    if ended.returncode:
        sys.stderr.write(ended.stdout[-6000:] + ended.stderr[-2000:])
    return " ".join(f"{count} {word}" for count, word in _COUNT.findall(ended.stdout)[-3:]), not ended.returncode


def main(arguments: list[str]) -> int:
    split = arguments.index("--") if "--" in arguments else len(arguments)
    aiohttps, columns = arguments[:split] or AIOHTTPS, arguments[split + 1 :] or (OWN_TESTS, *SERVERS)
    well = True
    sys.stdout.write(" | ".join(("aiohttp", *(f"{column:26}" for column in columns))) + "\n")
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(os.environ.get("MATRIX_DIR", temporary)).absolute()
        for aiohttp in aiohttps:
            python = environment(directory, aiohttp)
            cells = [cell(python, column) for column in columns]
            well = well and all(passed for _, passed in cells)
            sys.stdout.write(" | ".join((f"{aiohttp:7}", *(f"{text:26}" for text, _ in cells))) + "\n")
            sys.stdout.flush()
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
