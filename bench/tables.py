"""The results as Markdown."""

from collections.abc import Iterable, Iterator, Sequence

from bench.aims import AIMS, Aim
from bench.contenders import CONTENDERS
from bench.environment import DATABASES
from bench.results import Results
from bench.workloads import WORKLOADS

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column is text and whose others are figures."""
    rule = ["---", *["---:"] * (len(heads) - 1)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (heads, rule, *rows))


def figure(value: float | None, digits: int = 0) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def measured(results: Results) -> Iterator[tuple[str, str]]:
    """Each pair of database and workload of which there is a measurement, in the order of the sources."""
    found = dict.fromkeys((each.database, each.workload) for each in results.samples)
    return ((database, workload) for database in DATABASES for workload in WORKLOADS if (database, workload) in found)


def title_of(workload: str) -> str:
    return WORKLOADS[workload].title if workload in WORKLOADS else workload


def throughput(results: Results, database: str, workload: str) -> str:
    """Every contender of one load: rate, latencies, memory, errors, and how many times its rate moviedb's is."""
    own = results.median(database, workload, "moviedb")
    rows = []
    for name, contender in CONTENDERS.items():
        runs = results.of(database, workload, name)
        if not runs:
            continue
        rate, p50, p99, memory = (
            results.median(database, workload, name, each)
            for each in ("requests_per_second", "p50_ms", "p99_ms", "memory_mb")
        )
        ratio = own / rate if own and rate else None
        errors = str(sum(each.errors for each in runs))
        cells = (figure(rate), figure(p50, 1), figure(p99, 1), figure(memory), errors, figure(ratio, 2))
        rows.append((contender.title, *cells))
    return markdown(("", "requests/s", "p50 ms", "p99 ms", "memory MB", "errors", "moviedb is × this"), rows)


def starts(results: Results, database: str) -> str:
    """How long each takes from its command to its first answer, and what it weighs then."""
    rows = [
        (contender.title, figure(seconds, 2), figure(results.median(database, "start", name, "memory_mb")))
        for name, contender in CONTENDERS.items()
        if (seconds := results.median(database, "start", name, "seconds")) is not None
    ]
    return markdown(("", "seconds", "memory MB"), rows)


def aims(results: Results) -> str:
    """What was to be reached, and what was measured."""
    rows = [
        (said(aim), f"{aim.floor:g}", f"{aim.aim:g}", figure(found, 2), "yes" if aim.reached(found) else "**no**")
        for aim in AIMS
        if (found := aim.measured(results)) is not None
    ]
    return markdown(("", "floor", "aim", "measured", "floor reached"), rows)


def said(aim: Aim) -> str:
    """An aim in words: `hot, SQLite: ÷ django-bolt`."""
    load = f"{aim.workload}, {NAMES[aim.database]}"
    if not aim.beside:
        return f"{load}: p99, ms (at most)"
    who = "" if aim.contender == "moviedb" else f", {CONTENDERS[aim.contender].title}"
    other = aim.beside_workload or CONTENDERS[aim.beside].title
    return f"{load}{who}: ÷ {other}"


def setting(results: Results) -> str:
    """What the figures were measured on."""
    machine = ", ".join((results.machine["processor"], results.machine["memory"], results.machine["system"]))
    versions = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    load = results.load
    return (
        f"{results.at[:10]}, commit {results.commit}, {machine}, Python {results.machine['python']}. "
        f"{load['films']:,} films, {load['connections']} connections, medians of {load['rounds']} rounds of "
        f"{load['seconds']} s.\n\n{versions}.\n"
    )


def whole(results: Results) -> str:
    """All tables, each with its heading."""
    parts = [setting(results)]
    if table := aims(results):
        parts.append(f"### What was to be reached\n\n{table}")
    for database, workload in measured(results):
        heading = f"### {title_of(workload).capitalize()}, {NAMES[database]}"
        parts.append(f"{heading}\n\n{throughput(results, database, workload)}")
    parts += (
        f"### From the command to the first answer, {NAMES[database]}\n\n{starts(results, database)}"
        for database in DATABASES
        if any((each.database, each.workload) == (database, "start") for each in results.samples)
    )
    return "\n".join(parts)
