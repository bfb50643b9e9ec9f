"""Bars as SVG: they follow the reader's light or dark theme, and need no script."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from bench.contenders import CONTENDERS
from bench.environment import DATABASES
from bench.results import Results
from bench.tables import NAMES, figure
from bench.workloads import WORKLOADS

WIDTH, LABEL_WIDTH, VALUE_WIDTH = 760, 270, 70
ROW, BAR, TOP = 26, 16, 58
STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
.title { font-size: 15px; font-weight: 600; }
.small { font-size: 11px; fill: #59636e; }
.value { font-variant-numeric: tabular-nums; }
.own { fill: #0969da; } .peer { fill: #8c959f; } .ceiling { fill: #d1d9e0; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .small { fill: #9198a1; }
  .own { fill: #4493f8; } .peer { fill: #6e7681; } .ceiling { fill: #3d444d; }
}
"""
KINDS = {"moviedb": "own", "uncached": "own", "ceiling": "ceiling"}


@dataclass(frozen=True)
class Bar:
    """One row: its label, its value, and which of the style's classes it is drawn in."""

    label: str
    value: float
    kind: str


def svg(title: str, subtitle: str, bars: Sequence[Bar]) -> str:
    """A chart of horizontal bars from zero, the longest as wide as there is room. Raises ValueError without bars."""
    longest = max(bar.value for bar in bars)
    height = TOP + ROW * len(bars) + 8
    spoken = "; ".join(f"{bar.label} {figure(bar.value)}" for bar in bars)
    rows = "".join(line for number, bar in enumerate(bars) for line in row(bar, TOP + ROW * number, longest))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">\n'
        f"<title>{escape(title)}</title>\n<desc>{escape(spoken)}</desc>\n<style>{STYLE}</style>\n"
        f'<text class="title" x="0" y="18">{escape(title)}</text>\n'
        f'<text class="small" x="0" y="38">{escape(subtitle)}</text>\n{rows}</svg>\n'
    )


def row(bar: Bar, top: int, longest: float) -> Iterator[str]:
    """The label, the bar and the value of one contender."""
    width = (WIDTH - LABEL_WIDTH - VALUE_WIDTH) * bar.value / longest
    middle = top + BAR - 3
    yield f'<text x="{LABEL_WIDTH - 10}" y="{middle}" text-anchor="end">{escape(bar.label)}</text>\n'
    yield f'<rect class="{bar.kind}" x="{LABEL_WIDTH}" y="{top}" width="{width:.1f}" height="{BAR}" rx="2"/>\n'
    yield f'<text class="value" x="{LABEL_WIDTH + width + 7:.1f}" y="{middle}">{figure(bar.value)}</text>\n'


def chart(results: Results, database: str, workload: str) -> str:
    """Requests a second of all who took part in one load, the fastest first."""
    bars = [
        Bar(contender.title, rate, KINDS.get(name, "peer"))
        for name, contender in CONTENDERS.items()
        if (rate := results.median(database, workload, name))
    ]
    bars.sort(key=lambda bar: -bar.value)
    title = f"Requests a second, {NAMES[database]}: {WORKLOADS[workload].title}"
    load = results.load
    subtitle = (
        f"One core for the server, ten films an answer, {load['connections']} connections; "
        f"{results.machine['processor']}, {results.at[:10]}"
    )
    return svg(title, subtitle, bars)


def charts(results: Results) -> Mapping[str, str]:
    """Every chart by its file's name. Raises ValueError where a load was not measured."""
    return {
        f"performance-{workload}-{database}.svg": chart(results, database, workload)
        for workload in ("hot", "distinct")
        for database in DATABASES
    }
