"""The queue in the database, and the regular work of the catalogue."""

import asyncio
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from catalog import changes, jobs
from catalog.changes.models import Change
from catalog.models import Film
from catalog.registers import Job, KeptAnswer
from catalog.services import housekeeping, queue
from tests.catalog.changes.log import film

pytestmark = pytest.mark.django_db(transaction=True)

LEASE = 60.0


def due_in(job: Job) -> float:
    job.refresh_from_db()
    return (job.due - timezone.now()).total_seconds()


def test_every_regular_kind_is_there_once_and_due() -> None:
    jobs.begin()
    jobs.begin()
    assert set(Job.objects.values_list("kind", flat=True)) == set(jobs.REGULAR)
    assert queue.is_due()


def test_a_job_is_taken_in_its_time_and_by_one() -> None:
    queue.schedule(kind="late", due=timezone.now() + timedelta(hours=1))
    assert not queue.is_due()
    queue.schedule(kind="now", key="7", payload={"a": 1})
    (taken,) = queue.take(10, LEASE)
    assert (taken.kind, taken.key, taken.payload, taken.attempt) == ("now", "7", {"a": 1}, 0)
    assert queue.take(10, LEASE) == []


def test_the_longest_due_are_taken_first_and_no_more_than_asked_for() -> None:
    for hours in (1, 3, 2):
        queue.schedule(kind="k", key=str(hours), due=timezone.now() - timedelta(hours=hours))
    assert [job.key for job in queue.take(2, LEASE)] == ["3", "2"]


def test_a_job_whose_process_has_died_is_taken_again_after_its_lease() -> None:
    queue.schedule(kind="k")
    (lost,) = queue.take(1, -1.0)
    (again,) = queue.take(1, LEASE)
    assert again.holder != lost.holder
    queue.settle(lost, None)
    assert Job.objects.count() == 1
    queue.settle(again, None)
    assert Job.objects.count() == 0


def test_a_regular_job_is_due_again() -> None:
    queue.schedule(kind="k")
    (taken,) = queue.take(1, LEASE)
    queue.settle(taken, 3600.0)
    assert 3500 < due_in(Job.objects.get()) <= 3600


@pytest.mark.parametrize("attempts, low, high", [(0, 8, 11), (3, 70, 88), (40, 3200, 3960)])
def test_a_failed_job_waits_longer_each_time(attempts: int, low: float, high: float) -> None:
    queue.schedule(kind="k")
    Job.objects.update(attempts=attempts)
    (taken,) = queue.take(1, LEASE)
    queue.fail(taken, "it broke")
    job = Job.objects.get()
    assert low < due_in(job) < high
    assert (job.attempts, job.error) == (attempts + 1, "it broke")


def test_a_job_that_was_not_done_is_due_at_once() -> None:
    queue.schedule(kind="k")
    (taken,) = queue.take(1, LEASE)
    queue.give_back(taken)
    assert queue.is_due()


def test_of_one_kind_and_key_there_is_one_job() -> None:
    for hour in (1, 2):
        queue.schedule(kind="k", key="a", due=timezone.now() + timedelta(hours=hour))
    assert due_in(Job.objects.get()) > 7000
    queue.cancel(kind="k", key="a")
    assert not Job.objects.exists()


def test_no_two_processes_take_one_job() -> None:
    for number in range(40):
        queue.schedule(kind="k", key=str(number))
    taken: list[str] = []

    def take_all() -> None:
        try:
            while some := queue.take(3, LEASE):
                taken.extend(job.key for job in some)
        finally:
            connection.close()

    threads = [Thread(target=take_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken, key=int) == [str(number) for number in range(40)]


def test_a_film_comes_out_at_its_time() -> None:
    soon = film(published=False, publish_at=timezone.now() + timedelta(hours=1))
    assert not housekeeping.waits_to_be_published()
    Film.objects.update(publish_at=timezone.now())
    assert housekeeping.waits_to_be_published()
    assert housekeeping.publish_due() == 1
    soon.refresh_from_db()
    assert (soon.published, soon.publish_at, soon.version) == (True, None, 3)
    assert Change.objects.order_by("-id")[0].kind == "created"
    assert housekeeping.publish_due() == 0


def test_old_changes_go_and_new_ones_stay(settings: Any) -> None:
    settings.CHANGES_DAYS = 30
    position = changes.position()
    film()
    film()
    Change.objects.update(at=timezone.now() - timedelta(days=29))
    assert housekeeping.prune_changes() == 0
    Change.objects.update(at=timezone.now() - timedelta(days=31))
    assert housekeeping.prune_changes() > 0
    assert changes.expired(position)


def test_answers_are_kept_for_a_day() -> None:
    for key, hours in (("a", 23), ("b", 25)):
        at = timezone.now() - timedelta(hours=hours)
        KeptAnswer.objects.create(key=key, request="", status=201, body=b"", at=at)
    assert jobs.REGULAR["forget_answers"][0]() == 1
    assert KeptAnswer.objects.get().key == "a"


def test_sessions_that_are_over_go() -> None:
    for key, days in (("a", 1), ("b", -1)):
        Session.objects.create(session_key=key, session_data="", expire_date=timezone.now() + timedelta(days=days))
    housekeeping.clear_sessions()
    assert Session.objects.get().session_key == "a"


def test_each_regular_kind_has_what_does_it() -> None:
    done = []

    async def run(unit: Any, *, write: bool, alone: bool) -> None:
        done.append((unit, write, alone))

    handlers = jobs.handlers(run)
    taken = queue.Taken(1, "prune_changes", "", None, 0, "")
    assert handlers.keys() == jobs.REGULAR.keys()
    with asyncio.Runner() as runner:
        assert runner.run(handlers["prune_changes"](taken)) == 3600.0  # type: ignore[arg-type]
    assert done == [(housekeeping.prune_changes, True, True)]
