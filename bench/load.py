"""Load by wrk: one run, and what it reported."""

import re
import subprocess
from dataclasses import dataclass

UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@dataclass(frozen=True)
class Load:
    """What wrk is asked to do: threads, connections, seconds, and the processor it is pinned to."""

    threads: int
    connections: int
    seconds: int
    processor: int = 1


@dataclass(frozen=True)
class Report:
    """What one run of wrk gave: requests a second, latencies in milliseconds, and everything that went wrong."""

    requests_per_second: float
    requests: int
    p50_ms: float
    p99_ms: float
    socket_errors: int
    timeouts: int
    non_2xx: int


def run(url: str, load: Load) -> Report:
    """Load `url` and read wrk's report. Raises CalledProcessError when wrk fails."""
    command = [
        *("taskset", "-c", str(load.processor), "wrk", "--latency"),
        *(f"-t{load.threads}", f"-c{load.connections}", f"-d{load.seconds}s", url),
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=load.seconds + 60)
    return parse(done.stdout)


def parse(text: str) -> Report:
    """Read wrk's own words. Raises ValueError when they are not a report."""
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    total = re.search(r"(\d+) requests in", text)
    if not rate or not total:
        raise ValueError(f"not a report of wrk: {text!r}")
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    connect, read, write, timeouts = map(int, errors.groups()) if errors else (0, 0, 0, 0)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return Report(
        requests_per_second=float(rate[1]),
        requests=int(total[1]),
        p50_ms=latency(text, 50),
        p99_ms=latency(text, 99),
        socket_errors=connect + read + write,
        timeouts=timeouts,
        non_2xx=int(refused[1]) if refused else 0,
    )


def latency(text: str, percentile: int) -> float:
    """A percentile of wrk's latency table, in milliseconds."""
    found = re.search(rf"^\s+{percentile}%\s+([\d.]+)(us|ms|s|m)$", text, re.MULTILINE)
    return float(found[1]) * UNITS[found[2]] if found else float("nan")
