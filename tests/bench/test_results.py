"""What is made of measurements: medians, ratios, tables, charts, and the documents that show them."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench import charts, report, results, tables
from bench.aims import Aim
from bench.results import Results, Sample


def sample(contender: str, rate: float, *, workload: str = "hot", errors: int = 0) -> Sample:
    return Sample(
        database="sqlite", workload=workload, contender=contender, requests_per_second=rate, p99_ms=4.0, errors=errors
    )


@pytest.fixture
def found() -> Results:
    rates = [("moviedb", 900), ("moviedb", 1200), ("moviedb", 1100), ("gunicorn", 50), ("ceiling", 2000)]
    samples = [sample(contender, rate) for contender, rate in rates]
    return results.collected(samples, {"films": 9, "connections": 2, "rounds": 3, "seconds": 1}, lambda: "2026-01-02")


def test_the_middle_of_the_rounds_counts(found: Results) -> None:
    assert found.median("sqlite", "hot", "moviedb") == 1100
    assert found.median("sqlite", "hot", "bolt") is None


def test_what_is_written_is_read_again(found: Results, tmp_path: Path) -> None:
    results.write(found, tmp_path / "kept" / "run.json")
    assert results.read(tmp_path / "kept" / "run.json") == found


def test_errors_of_all_are_counted(found: Results) -> None:
    found.samples.append(sample("gunicorn", 1, errors=3))
    assert found.errors() == 3


def test_a_ratio_is_of_medians_and_at_least_its_floor(found: Results) -> None:
    aim = Aim(database="sqlite", workload="hot", beside="gunicorn", floor=22, aim=30)
    assert aim.measured(found) == 22
    assert aim.reached(22)
    assert not aim.reached(21.9)


def test_a_wait_is_at_most_its_floor(found: Results) -> None:
    aim = Aim(database="sqlite", workload="hot", floor=5, aim=3)
    assert aim.measured(found) == 4.0
    assert aim.reached(5)
    assert not aim.reached(5.1)


def test_a_figure_that_was_not_measured_is_none_rather_than_wrong(found: Results) -> None:
    assert Aim(database="sqlite", workload="hot", beside="bolt", floor=1, aim=1).measured(found) is None


def test_the_table_says_how_many_times_each_moviedb_is(found: Results) -> None:
    rows = tables.throughput(found, "sqlite", "hot").splitlines()
    assert rows[2].startswith("| moviedb | 1,100 |")
    assert [row.split(" | ")[-1] for row in rows[2:]] == ["1.00 |", "22.00 |", "0.55 |"]


def test_nothing_measured_is_no_table(found: Results) -> None:
    assert tables.throughput(found, "postgresql", "hot") == ""


def test_a_floor_that_is_missed_is_said(found: Results) -> None:
    assert "| hot, SQLite: ÷ uvicorn, a fixed body | 0.8 | 0.9 | 0.55 | **no** |" in tables.aims(found)


def test_bars_are_as_long_as_their_values_and_the_fastest_is_first(found: Results) -> None:
    drawn = ET.fromstring(charts.chart(found, "sqlite", "hot"))  # noqa: S314  our own text
    bars = drawn.findall("{http://www.w3.org/2000/svg}rect")
    widths = [float(bar.get("width", "0")) for bar in bars]
    assert [bar.get("class") for bar in bars] == ["ceiling", "own", "peer"]
    assert widths[1] / widths[0] == pytest.approx(1100 / 2000, abs=0.001)


def test_a_chart_has_a_dark_side_and_no_script(found: Results) -> None:
    drawn = charts.chart(found, "sqlite", "hot")
    assert "prefers-color-scheme: dark" in drawn
    assert "<script" not in drawn


def test_a_piece_stands_between_its_marks_and_the_rest_stays() -> None:
    text = "before\n<!-- bench: own -->\nold\n<!-- /bench -->\nafter\n"
    assert report.with_pieces(text, {"own": "new\n"}) == text.replace("old", "new")


@pytest.mark.parametrize("made", [{}, {"own": ""}])
def test_a_document_is_not_made_of_half_a_run(made: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="nothing for the mark 'own'"):
        report.with_pieces("<!-- bench: own -->\n<!-- /bench -->", made)


@pytest.mark.parametrize("path", report.DOCUMENTS, ids=lambda path: path.name)
def test_the_documents_show_what_was_measured(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert report.with_pieces(text, tables.pieces(results.read(results.KEPT))) == text


def test_the_charts_show_what_was_measured() -> None:
    made = charts.charts(results.read(results.KEPT))
    assert made == {name: (results.KEPT.parent / name).read_text(encoding="utf-8") for name in made}


def test_the_kept_run_had_no_error() -> None:
    assert results.read(results.KEPT).errors() == 0
