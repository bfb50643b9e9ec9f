"""`make bench`: moviedb beside its peers, in interleaved rounds, the servers on one core and the load on another.

Medians over the rounds and their ratios are what counts: a machine whose speed drifts does so for all. Any error of any
request fails the run. The measurements are kept as JSON in bench/results/; `python -m bench.report FILE` makes the
documents' tables and charts of them.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bench import tables
from bench.contenders import CONTENDERS
from bench.environment import DATABASES, ROOT, catalogue, installed
from bench.results import Sample, collected, write
from bench.rounds import Measurement, Options
from bench.servers import LOAD_PROCESSOR
from bench.workloads import ALL
from tests.postgres import Unavailable

RESULTS = ROOT / "bench" / "results"
FILMS = 4000


def main() -> int:
    arguments = parsed(sys.argv[1:])
    installed()
    os.sched_setaffinity(0, {LOAD_PROCESSOR})  # wrk, the writer and PostgreSQL inherit it; servers are pinned apart
    samples, failed = measured(arguments)
    load = {name: getattr(arguments, name) for name in ("films", "rounds", "seconds", "connections")}
    results = collected(samples, load)
    path = Path(arguments.output or RESULTS / f"{results.at.replace(':', '')}.json")
    write(results, path)
    print(tables.whole(results))
    print(f"kept in {path}")
    return 1 if failed or results.errors() else 0


def names(known: Iterable[str]) -> Callable[[str], list[str]]:
    """A parser of comma-separated names; argparse tells the text of its error."""

    def parse(text: str) -> list[str]:
        asked = text.split(",")
        if unknown := [name for name in asked if name not in known]:
            raise argparse.ArgumentTypeError(f"there is no {', '.join(unknown)}; there are {', '.join(known)}")
        return asked

    return parse


def parsed(words: Sequence[str]) -> argparse.Namespace:
    """The options. Raises SystemExit with a text that names what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    for option, known in (("workloads", ALL), ("databases", DATABASES), ("contenders", tuple(CONTENDERS))):
        parser.add_argument(f"--{option}", type=names(known), default=list(known), help=",".join(known))
    for option, default in (("rounds", 3), ("seconds", 3), ("connections", 64), ("films", FILMS)):
        parser.add_argument(f"--{option}", type=positive, default=default)
    parser.add_argument("--output", help="file for the results instead of a new one in bench/results/")
    arguments = parser.parse_args(words)
    if options_of(arguments).runs_out():
        parser.error("so many rounds of so many seconds need more distinct pages than there are; take fewer")
    return arguments


def positive(text: str) -> int:
    """A whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"should be a whole number from 1; it is {text!r}")
    return int(text)


def options_of(arguments: argparse.Namespace) -> Options:
    return Options(
        workloads=arguments.workloads,
        contenders=arguments.contenders,
        rounds=arguments.rounds,
        seconds=arguments.seconds,
        connections=arguments.connections,
    )


def measured(arguments: argparse.Namespace) -> tuple[list[Sample], bool]:
    """All samples, and whether a database's run has failed, which has then been said; the other's is kept."""
    samples: list[Sample] = []
    failed = False
    for database in arguments.databases:
        try:
            with catalogue(database, arguments.films) as environment:
                samples += Measurement(database, environment, options_of(arguments), say).run()
        except (Unavailable, RuntimeError, OSError, subprocess.SubprocessError) as error:
            say(f"{database} could not be measured to the end: {error}")
            failed = True
    return samples, failed


def say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
