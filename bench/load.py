"""Load by wrk: one run, and what it reported."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}
SCRIPT = Path(__file__).resolve().parent / "requests.lua"


@dataclass(frozen=True, kw_only=True)
class Load:
    """What wrk is asked to do.

    pages: which pages the script asks for, "" for the one that the address names; offset: how many of them earlier
    runs have used up; header: one more of the request.
    """

    threads: int
    connections: int
    seconds: int
    pages: str = ""
    offset: int = 0
    header: str = ""


@dataclass(frozen=True)
class Report:
    """What a run gave: requests a second, latencies in milliseconds, and everything that went wrong."""

    requests_per_second: float
    requests: int
    p50_ms: float
    p99_ms: float
    socket_errors: int = 0
    timeouts: int = 0
    non_2xx: int = 0

    @property
    def errors(self) -> int:
        """Everything that went wrong; that nothing was answered is one."""
        return self.socket_errors + self.timeouts + self.non_2xx + (not self.requests)


def command(url: str, load: Load) -> list[str]:
    """Wrk's command line."""
    words = ["wrk", "--latency", f"-t{load.threads}", f"-c{load.connections}", f"-d{load.seconds}s"]
    if load.header:
        words += ["-H", load.header]
    if load.pages:
        words += ["-s", str(SCRIPT), url, "--", load.pages, str(load.offset), str(load.threads)]
    else:
        words.append(url)
    return words


def run(url: str, load: Load) -> Report:
    """Load `url` and read wrk's report. Raises CalledProcessError when wrk fails."""
    done = subprocess.run(command(url, load), check=True, capture_output=True, text=True, timeout=load.seconds + 60)
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
