"""The pages that are asked for: Python's list and wrk's are the same, and no page comes twice."""

import shutil
from itertools import count, islice

import pytest

from bench import load, pages
from bench.load import Load
from tests.bench.site import site

needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")


def asked_by_wrk(kind: str, *, at_least: int = 1) -> list[str]:
    with site() as server:
        for offset in count(40):
            run = Load(threads=1, connections=1, seconds=1, pages=kind, offset=offset)
            assert not load.run(f"http://127.0.0.1:{server.port}{pages.LIST}", run).errors
            if len(server.asked) >= at_least:
                break
    return server.asked


@needs_wrk
def test_wrk_asks_for_the_distinct_pages_of_the_list_in_python() -> None:
    asked = asked_by_wrk("distinct")
    assert asked == list(islice(pages.distinct(41), len(asked)))  # wrk keeps the 40th: it tries the script out


@needs_wrk
def test_by_zipfs_law_the_first_page_is_asked_for_most_and_there_are_a_thousand() -> None:
    asked = asked_by_wrk("zipf", at_least=1500)  # of fewer the second might be asked for as often, by chance
    first = f"{pages.BY_VOTES}{7919 % 1000 * 990}"
    assert max(set(asked), key=asked.count) == first
    assert {int(path.removeprefix(pages.BY_VOTES)) % 990 for path in asked} == {0}


def test_no_page_comes_twice_before_all_have_come() -> None:
    assert len(set(islice(pages.distinct(5), pages.SPAN))) == pages.SPAN
