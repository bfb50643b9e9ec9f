"""A bulk write with an Idempotency-Key happens once, however often it is sent."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from catalog import services
from catalog.api import bulk
from catalog.api.bulk_results import Results
from catalog.api.bulk_schemas import RowResult
from catalog.errors import KeyInUse
from catalog.models import Film
from catalog.registers import KeptAnswer
from catalog.services.idempotency import LEASE_SECONDS
from tests.catalog.api.client import Answer
from tests.catalog.api.writing import Writer

NEW = "/api/movies/bulk?mode=insert"
ROWS = [{"title": f"Film {number}"} for number in range(12)]
FORMS = pytest.mark.parametrize("form", ["", "&atomic=true", "&dry_run=true"])


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BATCH_ROWS", 5)


def send(writer: Writer, rows: list[Any], form: str = "", key: str = "once") -> Answer:
    return writer.post(NEW + form, rows, Idempotency_Key=key)


@pytest.mark.contract("writes.key_rows", "writes.key_kept")
@FORMS
def test_the_same_rows_get_the_same_answer_and_are_written_once(writer: Writer, form: str) -> None:
    first, again = send(writer, ROWS, form), send(writer, ROWS, form)
    assert "Idempotency-Replayed" not in first.headers
    assert (again.status, again.body, again.headers["Idempotency-Replayed"]) == (200, first.body, "true")
    assert Film.objects.count() == (0 if "dry_run" in form else 12)


@FORMS
def test_the_key_with_other_rows_is_refused(writer: Writer, form: str) -> None:
    send(writer, ROWS, form)
    assert send(writer, ROWS[1:], form).status == 422


@pytest.mark.contract("writes.key_rows")
def test_the_key_with_another_query_is_refused(writer: Writer) -> None:
    send(writer, ROWS)
    assert send(writer, ROWS, "&atomic=true").status == 422


def test_an_answer_with_failed_rows_is_kept_too(writer: Writer) -> None:
    rows = [*ROWS, {"title": "X", "year": 1}]
    first, again = send(writer, rows), send(writer, rows)
    assert (first.status, again.status, again.body) == (207, 207, first.body)
    assert Film.objects.count() == 12


@pytest.mark.parametrize("form", ["", "&atomic=true"])
def test_after_a_failure_the_rows_are_written(writer: Writer, form: str) -> None:
    broken = msgspec.json.encode(ROWS)[:-1]
    assert writer.post(NEW + form, broken, Idempotency_Key="once").status == 400
    assert not KeptAnswer.objects.exists()
    assert send(writer, ROWS, form).status == 200


def test_no_rows_at_all_are_an_answer_too(writer: Writer) -> None:
    assert send(writer, []).json["rows"] == send(writer, []).json["rows"] == []


@pytest.mark.parametrize("form", ["", "&atomic=true"])
def test_while_another_process_writes_the_rows_it_is_409_with_a_time_to_wait(writer: Writer, form: str) -> None:
    send(writer, ROWS)
    KeptAnswer.objects.update(status=0, body=b"", request="another", at=timezone.now())
    answer = send(writer, ROWS, form)
    assert (answer.status, int(answer.headers["Retry-After"]) > 0) == (409, True)


@pytest.mark.contract("writes.key_rows")
def test_where_a_process_has_died_between_rows_they_are_written_again_and_found_by_key(writer: Writer) -> None:
    rows = [{**row, "external_ids": {"tmdb": str(number + 1)}} for number, row in enumerate(ROWS)]
    path = "/api/movies/bulk?key=tmdb_id"
    writer.post(path, rows[:10], Idempotency_Key="once")
    at = timezone.now() - timedelta(seconds=LEASE_SECONDS + 1)
    KeptAnswer.objects.update(status=0, body=b"", request="who died", at=at)
    answer = writer.post(path, rows, Idempotency_Key="once")
    assert (answer.json["updated"], answer.json["created"], Film.objects.count()) == (10, 2, 12)


@pytest.mark.django_db
def test_who_has_lost_the_key_writes_nothing_more() -> None:
    assert services.claim(key="0" * 64, owner="first")
    KeptAnswer.objects.update(at=timezone.now() - timedelta(seconds=LEASE_SECONDS + 1))
    assert services.claim(key="0" * 64, owner="second")
    with pytest.raises(KeyInUse):
        services.renew(key="0" * 64, owner="first")
    services.give_up(key="0" * 64, owner="first")
    assert KeptAnswer.objects.get().request == "second"


@pytest.mark.django_db
def test_a_claim_that_is_renewed_stays() -> None:
    services.claim(key="0" * 64, owner="first")
    KeptAnswer.objects.update(at=timezone.now() - timedelta(seconds=LEASE_SECONDS - 5))
    services.renew(key="0" * 64, owner="first")
    assert KeptAnswer.objects.get().at > timezone.now() - timedelta(seconds=5)
    with pytest.raises(KeyInUse):
        services.claim(key="0" * 64, owner="second")


def test_the_results_of_very_many_rows_are_small_and_come_in_pieces() -> None:
    """What is held of 5,000 rows is a fraction of what is told of them, and no piece of that is large."""
    results = Results().with_more(RowResult(row=number, status=201, id=number + 1) for number in range(5_000))
    told = results.told(dry_run=False)
    pieces = list(told.pieces())
    assert (len(told.rows) < told.length / 4, max(map(len, pieces)) <= 65_536) == (True, True)
    body = b"".join(pieces)
    assert (len(body), len(msgspec.json.decode(body)["rows"])) == (told.length, 5_000)
