"""The results as Markdown: one piece of text for each mark in the documents."""

from collections.abc import Iterable, Mapping, Sequence

from bench.aims import AIMS, Aim
from bench.contenders import CONTENDERS
from bench.environment import DATABASES
from bench.results import Results
from bench.workloads import STEADY, WORKLOADS

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
OWN_LOADS = ("hot", "conditional", "zipf", "distinct")


def markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column is text and whose others are figures; nothing where there are no rows."""
    body = list(rows)
    rule = ["---", *["---:"] * (len(heads) - 1)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (heads, rule, *body)) if body else ""


def figure(value: float | None, digits: int = 0) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def throughput(results: Results, database: str, workload: str) -> str:
    """Every contender of one load: rate, latencies, memory, errors, and how many times its rate moviedb's is."""
    own = results.median(database, workload, "moviedb")
    rows = []
    for name, contender in CONTENDERS.items():
        if not (rate := results.median(database, workload, name)):
            continue
        p50, p99, memory = (
            results.median(database, workload, name, each) for each in ("p50_ms", "p99_ms", "memory_mb")
        )
        errors = str(sum(each.errors for each in results.of(database, workload, name)))
        ratio = own / rate if own else None
        cells = (figure(rate), figure(p50, 1), figure(p99, 1), figure(memory), errors, figure(ratio, 2))
        rows.append((contender.title, *cells))
    return markdown(("", "requests/s", "p50 ms", "p99 ms", "memory MB", "errors", "moviedb is × this"), rows)


def own_loads(results: Results) -> str:
    """Moviedb under each load, beside its own rate when hot."""
    rows = []
    for database in DATABASES:
        hot = results.median(database, "hot", "moviedb")
        for name in OWN_LOADS:
            if rate := results.median(database, name, "moviedb"):
                p50, p99 = (results.median(database, name, "moviedb", each) for each in ("p50_ms", "p99_ms"))
                cells = (figure(rate), figure(p50, 1), figure(p99, 1), figure(rate / hot if hot else None, 2))
                rows.append((f"{WORKLOADS[name].title}, {NAMES[database]}", *cells))
    return markdown(("", "requests/s", "p50 ms", "p99 ms", "of hot"), rows)


def half_rate(results: Results) -> str:
    """What requests wait for when they come at half of the rate that moviedb reached."""
    rows = []
    for database in DATABASES:
        for name in (f"{each}, half rate" for each in STEADY):
            if rate := results.median(database, name, "moviedb"):
                p50, p99 = (results.median(database, name, "moviedb", each) for each in ("p50_ms", "p99_ms"))
                rows.append((f"{name}, {NAMES[database]}", figure(rate), figure(p50, 2), figure(p99, 2)))
    return markdown(("", "requests/s", "p50 ms", "p99 ms"), rows)


def starts(results: Results) -> str:
    """How long each takes from its command to its first answer, and what it weighs then."""
    rows = []
    for name, contender in CONTENDERS.items():
        seconds, memory = (
            [results.median(database, "start", name, each) for database in DATABASES]
            for each in ("seconds", "memory_mb")
        )
        if any(seconds):
            cells = [*(figure(value, 2) for value in seconds), *(figure(value) for value in memory)]
            rows.append((contender.title, *cells))
    databases = [NAMES[database] for database in DATABASES]
    return markdown(("", *(f"s, {each}" for each in databases), *(f"MB, {each}" for each in databases)), rows)


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
    who = "" if aim.contender == "moviedb" else ", CACHE_MB=0"
    load = f"{aim.workload}{who}, {NAMES[aim.database]}"
    if not aim.beside:
        return f"{load}: p99, ms, at most"
    return f"{load}: ÷ {aim.beside_workload or CONTENDERS[aim.beside].title}"


def setting(results: Results) -> str:
    """What the figures were measured on."""
    machine = ", ".join((results.machine["processor"], results.machine["memory"], results.machine["system"]))
    versions = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    load = results.load
    return (
        f"Measured on {results.at[:10]}, commit {results.commit}: {machine}, Python {results.machine['python']}; "
        f"{load['films']:,} films, {load['connections']} connections, medians of {load['rounds']} rounds of "
        f"{load['seconds']} s. {versions}.\n"
    )


def summary(results: Results) -> str:
    """The run in a sentence or two, for those who read no tables."""
    first, *rest = ("uncached", "aiohttp", "gunicorn", "bolt")
    hot = {name: results.median("sqlite", "hot", name) for name in ("moviedb", first, *rest)}
    if None in hot.values():
        return ""
    others = ", ".join(f"{CONTENDERS[name].title} {figure(hot[name])}" for name in rest)
    return (
        f"Requests a second on one core, ten films an answer, SQLite: {figure(hot['moviedb'])}; without the cache "
        f"{figure(hot[first])}. Beside it: {others}. Measured on {results.at[:10]}, {results.machine['processor']}.\n"
    )


def pieces(results: Results) -> Mapping[str, str]:
    """Every text that is made of the results, by the name of its mark; empty where nothing was measured."""
    tables = {
        f"{workload} {database}": throughput(results, database, workload)
        for workload in ("hot", "distinct", "article")
        for database in WORKLOADS[workload].databases
    }
    rest = {"own": own_loads(results), "half rate": half_rate(results), "start": starts(results)}
    return {"setting": setting(results), "summary": summary(results), "aims": aims(results), **tables, **rest}


def whole(results: Results) -> str:
    """All of them, each with its name."""
    return "\n".join(f"### {name}\n\n{text}" for name, text in pieces(results).items() if text)
