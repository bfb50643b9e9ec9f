"""`python -m tests.contract`: 100,000 generated requests on each database, with and without a token."""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import postgres
from tests.contract.run import Outcome, run
from tests.live.site import Place, Site

EXAMPLES = 200
UNHINDERED = {"WRITE_RATE_LIMIT": "1000000/1m", "ACCESS_LOG": "false"}
SCOPES = ("movies:read", "movies:write", "people:write")


@contextmanager
def database(kind: str) -> Iterator[str | None]:
    """The address of an empty database; None: the embedded one."""
    if kind == "sqlite":
        yield None
        return
    server = postgres.new_server()
    try:
        yield server.create_database()
    finally:
        server.stop()


@contextmanager
def site(kind: str) -> Iterator[tuple[Site, str]]:
    """A running site with the sample, and a token that may do everything."""
    with tempfile.TemporaryDirectory() as folder, database(kind) as url:
        place = filled(Place(Path(folder), url))
        with Site(place, port=postgres.free_port(), **UNHINDERED) as running:
            running.wait_until_ready()
            yield running, new_token(place)


def filled(place: Place) -> Place:
    """The place, with the sample in its database."""
    for words in (["migrate", "--verbosity", "0"], ["import", "sample"]):
        place.run(*words).check_returncode()
    return place


def new_token(place: Place) -> str:
    """A token with every scope."""
    made = place.run("token", "create", "contract", *(word for scope in SCOPES for word in ("--scope", scope)))
    made.check_returncode()
    return made.stdout.strip()


def outcomes(kind: str, least: int) -> Iterator[tuple[str, Outcome]]:
    """Runs, by turns without and with the token, until `least` requests have been answered."""
    answered = seed = 0
    with site(kind) as (running, token), tempfile.TemporaryDirectory() as folder:
        address = f"http://127.0.0.1:{running.port}"
        while answered < least:
            seed += 1
            outcome = run(address, Path(folder), token=token if seed % 2 == 0 else None, examples=EXAMPLES, seed=seed)
            answered += outcome.requests
            yield f"{kind}, seed {seed}, {'with' if seed % 2 == 0 else 'without'} a token", outcome


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.contract", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000, help="on each database; default: 100000")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append", help="default: both")
    asked = parser.parse_args()
    failed = False
    for kind in asked.database or ("sqlite", "postgresql"):
        statuses: Counter[int] = Counter()
        for name, outcome in outcomes(kind, asked.requests):
            statuses += outcome.statuses
            failed |= outcome.code != 0 or outcome.broken > 0
            verdict = "no failure" if outcome.code == 0 else outcome.output
            sys.stdout.write(f"{name}: {outcome.requests} requests, {outcome.broken} of 5xx, {verdict}\n")
            sys.stdout.flush()
        listed = ", ".join(f"{status}: {times}" for status, times in sorted(statuses.items()))
        sys.stdout.write(f"{kind}: {statuses.total()} requests; {listed}\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
