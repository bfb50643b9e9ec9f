"""`make bench`: requests per second beside the peers, in interleaved rounds on one core.

The server is pinned to one processor and wrk to another; each round measures every contender once, so that a machine
whose speed drifts does so for all of them. Medians and ratios are what counts.
"""

import argparse
import dataclasses
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.environment import catalogue, installed
from bench.load import Load, Report, run
from bench.servers import Contender, contenders, running

RESULTS = Path(__file__).resolve().parent / "results"


def main() -> int:
    arguments = parsed(sys.argv[1:])
    load = Load(arguments.threads, arguments.connections, arguments.seconds)
    binaries = installed()
    with tempfile.TemporaryDirectory(prefix="moviedb-bench-") as directory:
        environment = catalogue(binaries, Path(directory), arguments.films)
        reports = rounds(contenders(binaries), environment, load, arguments.rounds)
    print(table(reports))
    keep(reports, load)
    return 1 if any(failures(report) for runs in reports.values() for report in runs) else 0


def parsed(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=10, help="of load in each round")
    parser.add_argument("--threads", type=int, default=2, help="of wrk")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--films", type=Path, help="a file for `moviedb import wikipedia`; default: the sample")
    return parser.parse_args(words)


def rounds(
    servers: Sequence[Contender], environment: Mapping[str, str], load: Load, count: int
) -> dict[str, list[Report]]:
    """Every contender measured once a round; all stay up, so that each is warm and none starts cold."""
    reports: dict[str, list[Report]] = {each.name: [] for each in servers}
    warm_up = dataclasses.replace(load, seconds=2)
    with ExitStack() as stack:
        started = {each.name: stack.enter_context(running(each, environment)) for each in servers}
        for server in started.values():
            run(server.url, warm_up)
        for number in range(count):
            for name, server in started.items():
                reports[name].append(run(server.url, load))
                memory = server.memory_bytes() / 1e6
                print(f"round {number + 1} {name}: {reports[name][-1].requests_per_second:.0f}/s, {memory:.0f} MB")
    return reports


def median(runs: Sequence[Report]) -> float:
    return statistics.median(report.requests_per_second for report in runs)


def failures(report: Report) -> int:
    return report.socket_errors + report.timeouts + report.non_2xx


def table(reports: Mapping[str, Sequence[Report]]) -> str:
    """The medians, and how many times each contender moviedb is."""
    own = median(reports["moviedb"])
    lines = [f"{'':36}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'failed':>8}{'moviedb is':>12}"]
    for name, runs in reports.items():
        p50, p99 = (statistics.median(getattr(report, key) for report in runs) for key in ("p50_ms", "p99_ms"))
        failed = sum(map(failures, runs))
        rate = median(runs)
        lines.append(f"{name:36}{rate:9.0f}{p50:9.1f}{p99:9.1f}{failed:8}{own / rate:11.2f}x")
    return "\n".join(lines)


def keep(reports: Mapping[str, Sequence[Report]], load: Load) -> None:
    """The whole run as JSON, with the machine and the time."""
    RESULTS.mkdir(exist_ok=True)
    at = time.strftime("%Y-%m-%dT%H%M%SZ", time.gmtime())
    content = {
        "at": at,
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}",
        "load": dataclasses.asdict(load),
        "reports": {name: [dataclasses.asdict(report) for report in runs] for name, runs in reports.items()},
    }
    (RESULTS / f"{at}.json").write_text(json.dumps(content, indent=1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
