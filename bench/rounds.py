"""A run on one database: all are up, and each load of each comes once a round: a drifting machine drifts for all."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path

from bench import load, pages, steady
from bench.contenders import CONTENDERS
from bench.environment import ROOT
from bench.load import Load
from bench.results import Sample
from bench.servers import Started, ask, running
from bench.workloads import STEADY, WORKLOADS, Workload

WARM_UP_SECONDS = 1
PAGES_A_SECOND = 10_000
"""Room for the distinct pages that a run may ask for, so that the next one asks for others."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What is to be measured, and for how long."""

    workloads: Sequence[str]
    contenders: Sequence[str]
    rounds: int
    seconds: int
    connections: int

    def offset(self, number: int) -> int:
        """Where in the list of distinct pages the run of this number begins, from 0."""
        return number * self.seconds * PAGES_A_SECOND

    def runs_out(self) -> bool:
        """Whether so many and so long runs (warm-up, rounds, half rate) would ask for distinct pages twice."""
        return self.offset(2 * self.rounds + 1) > pages.SPAN


@dataclass
class Measurement:
    """One database's run: `environment` is where it is, `say` tells of each measurement as it comes."""

    database: str
    environment: Mapping[str, str]
    options: Options
    say: Callable[[str], None]
    samples: list[Sample] = field(default_factory=list)
    servers: dict[str, Started] = field(default_factory=dict)

    def run(self) -> list[Sample]:
        """Every sample of this database. Raises RuntimeError when a server fails, or answers otherwise than moviedb."""
        if "start" in self.options.workloads:
            self.starts()
        with ExitStack() as stack:
            for name in self.names():
                self.start(name, stack)
            self.compare()
            for number in range(-1, self.options.rounds):
                self.round(number)
            if "steady" in self.options.workloads:
                self.steady()
        return self.samples

    def cells(self) -> Iterator[tuple[str, Workload, str]]:
        """Each load that is asked for on each of its contenders."""
        for name, workload in WORKLOADS.items():
            if name in self.options.workloads and self.database in workload.databases:
                yield from ((name, workload, each) for each in workload.contenders if self.takes_part(each))

    def takes_part(self, contender: str) -> bool:
        return contender in self.options.contenders and self.database in CONTENDERS[contender].databases

    def names(self) -> list[str]:
        """Who must be up; moviedb always and first: what the others answer is held against it."""
        wanted = {contender for _, _, contender in self.cells()}
        return [name for name in CONTENDERS if name in wanted or name == "moviedb"]

    def start(self, name: str, stack: ExitStack) -> Started:
        server = stack.enter_context(running(CONTENDERS[name], self.environment, pages.LIST))
        if name == "moviedb":
            Path(self.environment["BODY_FILE"]).write_bytes(ask(server.port, pages.LIST).body)
        self.servers[name] = server
        return server

    def starts(self) -> None:
        """Start and end each alone, a round after the other; the first round fills the disk's cache and is not kept."""
        names = [name for name in self.names() if name != "ceiling"]
        for number in range(-1, self.options.rounds):
            for name in names:
                with ExitStack() as stack:
                    server = self.start(name, stack)
                    seconds, memory = round(server.seconds, 3), round(server.memory_mb(), 1)
                if number >= 0:
                    self.keep(
                        Sample(
                            database=self.database,
                            workload="start",
                            contender=name,
                            seconds=seconds,
                            memory_mb=memory,
                        )
                    )

    def compare(self) -> None:
        """Hold every peer's films against ours. Raises RuntimeError where they differ."""
        for path in (pages.LIST, *(f"{pages.BY_VOTES}{votes}" for votes in (0, 7919, 555_555))):
            own = ask(self.servers["moviedb"].port, path).data()
            for name, server in self.servers.items():
                if name != "ceiling" and (theirs := ask(server.port, path).data()) != own:
                    raise RuntimeError(f"{name} answers {path} otherwise than moviedb:\n{theirs[:1]}\n{own[:1]}")

    def round(self, number: int) -> None:
        """Every load of every contender; number -1 is the warm-up."""
        for name, workload, contender in self.cells():
            if number >= (workload.rounds or self.options.rounds):
                continue
            warm_up = number < 0
            asked = self.load_of(workload, number, contender, warm_up=warm_up)
            with writing(0 if warm_up else workload.writes, self.environment) as written:
                report = load.run(self.servers[contender].url(pages.LIST), asked)
            if not warm_up:
                self.keep(self.sample(name, contender, report, sum(written)))

    def load_of(self, workload: Workload, number: int, contender: str, *, warm_up: bool) -> Load:
        return Load(
            threads=workload.threads or 1,
            connections=workload.connections or self.options.connections,
            seconds=WARM_UP_SECONDS if warm_up else workload.seconds or self.options.seconds,
            pages=workload.pages,
            offset=self.options.offset(number + 1),
            header=self.condition(contender) if workload.conditional else "",
        )

    def condition(self, contender: str) -> str:
        """The header that a client sends which has the answer. Raises RuntimeError unless it brings 304."""
        port = self.servers[contender].port
        tag = ask(port, pages.LIST).etag
        if ask(port, pages.LIST, {"If-None-Match": tag}).status != 304:
            raise RuntimeError(f"{contender} answers no 304 to its own entity tag {tag}")
        return f"If-None-Match: {tag}"

    def sample(self, workload: str, contender: str, report: load.Report, writes: int = 0) -> Sample:
        return Sample(
            database=self.database,
            workload=workload,
            contender=contender,
            requests_per_second=round(report.requests_per_second, 1),
            requests=report.requests,
            p50_ms=round(report.p50_ms, 3),
            p99_ms=round(report.p99_ms, 3),
            errors=report.errors,
            memory_mb=round(self.servers[contender].memory_mb(), 1),
            writes=writes,
        )

    def steady(self) -> None:
        """Moviedb at half of the rate that it has just reached, for those loads that were measured."""
        peaks = {name: self.peak(name) for name in STEADY}
        for number in range(self.options.rounds):
            for name, peak in peaks.items():
                if peak:
                    self.at_half(name, peak, self.options.offset(self.options.rounds + 1 + number))

    def at_half(self, workload: str, peak: float, offset: int) -> None:
        asked = pages.distinct(offset) if WORKLOADS[workload].pages else repeat(pages.LIST)
        report = steady.measure(
            self.servers["moviedb"].port,
            asked,
            rate=peak / 2,
            seconds=self.options.seconds,
            connections=self.options.connections,
        )
        self.keep(self.sample(f"{workload}, half rate", "moviedb", report))

    def peak(self, workload: str) -> float:
        """Requests a second that moviedb has reached, the best of the rounds; 0 if that was not measured."""
        rates = [e.requests_per_second for e in self.samples if (e.workload, e.contender) == (workload, "moviedb")]
        return max(rates, default=0)

    def keep(self, sample: Sample) -> None:
        self.samples.append(sample)
        figures = {name: value for name, value in sample_figures(sample) if value}
        self.say(f"{sample.database} {sample.workload} {sample.contender}: {figures}")


def sample_figures(sample: Sample) -> Iterator[tuple[str, float]]:
    return ((name, getattr(sample, name)) for name in sample.__struct_fields__[3:])


@contextmanager
def writing(per_second: int, environment: Mapping[str, str]) -> Iterator[list[int]]:
    """Edit films meanwhile; the list holds how many, once the block is left. Raises RuntimeError if that fails."""
    written: list[int] = []
    if not per_second:
        yield written
        return
    writer = subprocess.Popen(
        [sys.executable, "-m", "bench.writer", str(per_second)],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if writer.stdout:
            writer.stdout.readline()  # it is ready
        yield written
    finally:
        told, _ = writer.communicate(timeout=30)
    if writer.returncode:
        raise RuntimeError(f"the writer ended with {writer.returncode}")
    written.append(int(told))
