"""The queue of background work: what is due, who has taken it, and when it is due again.

To take a job is to make it due at the end of the lease, under a name that nobody else has: who dies with it loses it
then, and whoever comes late with what became of it is not heard.
"""

import random
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from catalog.registers import Job

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 10.0, 3600.0
ERROR_LENGTH = 1000


class Taken(NamedTuple):
    """A job that is ours until its lease ends. attempt: how often it has failed since it was last done."""

    id: int
    kind: str
    key: str
    payload: Any
    attempt: int
    holder: str


def ensure(kinds: Iterable[str]) -> None:
    """Let there be a job of each of these kinds, due now where it is new."""
    now = timezone.now()
    Job.objects.bulk_create([Job(kind=kind, due=now) for kind in kinds], ignore_conflicts=True)


def schedule(*, kind: str, key: str = "", due: datetime | None = None, payload: Any = None) -> None:
    """Let a job be done at that time, or now; of one kind and key there is one, whose time and payload this sets."""
    job = Job(kind=kind, key=key, due=due or timezone.now(), payload=payload)
    Job.objects.bulk_create(
        [job], update_conflicts=True, unique_fields=["kind", "key"], update_fields=["due", "payload", "attempts"]
    )


def cancel(*, kind: str, key: str) -> None:
    """Let a job not be done, if there is one."""
    Job.objects.filter(kind=kind, key=key).delete()


def is_due() -> bool:
    """Whether there is anything to take. One query."""
    return Job.objects.filter(due__lte=timezone.now()).exists()


@transaction.atomic
def take(limit: int, lease_seconds: float) -> Sequence[Taken]:
    """Up to `limit` due jobs, the longest due first; nobody else gets them within the lease."""
    now, holder = timezone.now(), secrets.token_hex(8)
    due = Job.objects.select_for_update(skip_locked=True).filter(due__lte=now).order_by("due", "id")[:limit]
    taken = [Taken(job.pk, job.kind, job.key, job.payload, job.attempts, holder) for job in due]
    mine = Job.objects.filter(pk__in=[job.id for job in taken])
    mine.update(due=now + timedelta(seconds=lease_seconds), holder=holder)
    return taken


def settle(job: Taken, again_seconds: float | None) -> None:
    """It is done, and due again after so many seconds, or never."""
    mine = Job.objects.filter(pk=job.id, holder=job.holder)
    if again_seconds is None:
        mine.delete()
    else:
        mine.update(due=after(again_seconds), holder="", attempts=0, error="")


def fail(job: Taken, error: str) -> None:
    """It has failed: it is due again after a wait that doubles each time, up to an hour."""
    seconds = min(FIRST_WAIT_SECONDS * 2**job.attempt, LONGEST_WAIT_SECONDS)
    jitter = random.uniform(0.9, 1.1)  # noqa: S311  so that what failed together does not come back together
    Job.objects.filter(pk=job.id, holder=job.holder).update(
        due=after(seconds * jitter), holder="", attempts=job.attempt + 1, error=error[:ERROR_LENGTH]
    )


def give_back(job: Taken) -> None:
    """It was not done, through no fault of its own: due at once."""
    Job.objects.filter(pk=job.id, holder=job.holder).update(due=timezone.now(), holder="")


def after(seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)
