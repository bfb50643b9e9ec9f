"""The background work of the catalogue: every kind of it, and how often it is done."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from catalog.search import index
from catalog.services import allowances, housekeeping, idempotency, queue, webhooks
from catalog.services.queue import Taken, fail, give_back, is_due, settle, take

HOUR = 3600.0

REGULAR: Mapping[str, tuple[Callable[[], object], float]] = {
    "prune_changes": (housekeeping.prune_changes, HOUR),
    "forget_answers": (idempotency.prune_answers, HOUR),
    "forget_allowances": (allowances.forget_full, HOUR),
    "clear_sessions": (housekeeping.clear_sessions, 24 * HOUR),
}
"""What is done again and again: the unit, and the seconds from one time to the next."""

CHORES: tuple[tuple[Callable[[], bool], Callable[[], object]], ...] = (
    (housekeeping.waits_to_be_published, housekeeping.publish_due),
    (index.is_behind, index.step),
    ((alarm := webhooks.Alarm()).is_needed, alarm.ring),
)
"""What any process does as soon as it is needed: whether it is, and the unit that does it."""

Run = Callable[..., Awaitable[Any]]
Handler = Callable[[Taken], Awaitable[float | None]]


def handlers(run: Run) -> dict[str, Handler]:
    """What does each regular kind of job; `run` is the executor's."""
    return {kind: partial(regular, run, unit, seconds) for kind, (unit, seconds) in REGULAR.items()}


async def regular(run: Run, unit: Callable[[], object], seconds: float, _: Taken) -> float:
    """Run the unit, which makes its own transactions."""
    await run(unit, write=True, alone=True)
    return seconds


def begin() -> None:
    """Let there be a job of each regular kind."""
    queue.ensure(REGULAR)


__all__ = ["CHORES", "REGULAR", "begin", "fail", "give_back", "handlers", "is_due", "settle", "take"]
