"""Wrk's command line and report: a figure that is misread is a figure that nobody measured."""

import pytest

from bench.load import Load, command, parse

REPORT = """Running 10s test @ http://127.0.0.1:8000/api/movies?limit=10
  2 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    23.50ms    4.56ms 120.00ms   89.00%
    Req/Sec     1.36k    98.00     1.60k    75.00%
  Latency Distribution
     50%   22.91ms
     75%   24.00ms
     90%   27.00ms
     99%    1.20s
  27180 requests in 10.01s, 101.00MB read
"""
RATE = "Requests/sec:   2715.28\nTransfer/sec:     10.09MB\n"


def test_a_clean_report_has_its_figures_in_milliseconds() -> None:
    report = parse(REPORT + RATE)
    assert (report.requests_per_second, report.requests) == (2715.28, 27180)
    assert (report.p50_ms, report.p99_ms, report.errors) == (22.91, 1200.0, 0)


def test_what_went_wrong_is_counted() -> None:
    trouble = "  Socket errors: connect 1, read 2, write 3, timeout 1315\n  Non-2xx or 3xx responses: 7\n"
    report = parse(REPORT + trouble + RATE)
    assert (report.socket_errors, report.timeouts, report.non_2xx) == (6, 1315, 7)
    assert report.errors == 1328


def test_that_nothing_was_answered_is_an_error() -> None:
    assert parse("0 requests in 1.00s, 0.00B read\nRequests/sec:      0.00\n").errors == 1


def test_anything_else_is_no_report() -> None:
    with pytest.raises(ValueError, match="not a report"):
        parse("unable to connect to 127.0.0.1:8000 Connection refused")


def test_pages_come_from_the_script_and_a_header_from_the_command_line() -> None:
    words = command("http://host/", Load(threads=1, connections=2, seconds=3, pages="zipf", offset=7, header="A: b"))
    assert words[:7] == ["wrk", "--latency", "-t1", "-c2", "-d3s", "-H", "A: b"]
    assert words[-5:] == ["http://host/", "--", "zipf", "7", "1"]
