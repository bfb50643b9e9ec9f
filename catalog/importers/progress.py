"""How far an import has come: a bar with rate and time left on a terminal, nothing anywhere else."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

T = TypeVar("T")


class Track(Protocol):
    """Gives the items on, one by one, and shows how many there were so far; `total` is None where nobody knows."""

    def __call__(self, items: Iterable[T], *, label: str, total: int | None = None) -> Iterator[T]: ...


class Rate(ProgressColumn):
    """Items a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s")


@contextmanager
def shown(console: Console | None = None) -> Iterator[Track]:
    """A Track that draws on standard error, or on `console`, if that is a terminal."""
    console = console or Console(file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:

        def track(items: Iterable[T], *, label: str, total: int | None = None) -> Iterator[T]:
            yield from progress.track(items, total=total, description=label)

        yield track
