from io import StringIO
from time import monotonic

import pytest
from rich.console import Console
from rich.progress import Task, TaskID

from catalog.importers.progress import Rate, shown


@pytest.mark.parametrize("terminal", [True, False])
def test_items_pass_unchanged_and_only_a_terminal_sees_a_bar(*, terminal: bool) -> None:
    screen = StringIO()
    with shown(Console(file=screen, force_terminal=terminal, width=100)) as track:
        assert list(track("abc", label="Writing films", total=3)) == ["a", "b", "c"]
    assert ("Writing films" in screen.getvalue()) is terminal


def test_a_terminal_sees_how_many_there_were_and_how_long_it_takes_yet() -> None:
    screen = StringIO()
    with shown(Console(file=screen, force_terminal=True, width=100)) as track:
        list(track(range(3), label="Writing films", total=3))
    assert "3/3" in screen.getvalue()
    assert "0:00:00" in screen.getvalue()


@pytest.mark.parametrize("speed, text", [(None, ""), (1234.5, "1,234/s")])
def test_the_rate_is_items_a_second(speed: float | None, text: str) -> None:
    task = Task(TaskID(1), "Writing films", total=3, completed=3, _get_time=monotonic, finished_speed=speed)
    assert str(Rate().render(task)) == text
