"""The options of `make bench`."""

import pytest

from bench import __main__ as bench
from bench.contenders import CONTENDERS
from bench.workloads import ALL, WORKLOADS


def test_without_options_everything_is_measured() -> None:
    asked = bench.parsed([])
    assert asked.workloads == list(ALL)
    assert asked.contenders == list(CONTENDERS)


def test_names_are_chosen_by_commas() -> None:
    assert bench.parsed(["--workloads", "hot,zipf"]).workloads == ["hot", "zipf"]


@pytest.mark.parametrize(
    "words, said",
    [
        (["--workloads", "hot,cold"], "there is no cold; there are conditional, hot, distinct"),
        (["--databases", "oracle"], "there is no oracle; there are sqlite, postgresql"),
        (["--rounds", "0"], "should be a whole number from 1; it is '0'"),
        (["--seconds", "30"], "need more distinct pages than there are"),
        (["--seconds", "1.5"], "should be a whole number from 1; it is '1.5'"),
    ],
)
def test_a_bad_option_is_named_with_what_would_be_right(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        bench.parsed(words)
    assert said in capsys.readouterr().err


def test_every_load_names_contenders_that_there_are() -> None:
    assert {each for load in WORKLOADS.values() for each in load.contenders} <= CONTENDERS.keys()


def test_a_database_that_cannot_be_measured_is_said_and_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CACHE_MB", "much")  # ends moviedb before it has done anything
    assert bench.measured(bench.parsed(["--databases", "sqlite"])) == ([], True)
    assert "sqlite could not be measured to the end" in capsys.readouterr().err
