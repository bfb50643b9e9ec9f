"""A POST with an Idempotency-Key happens once, however often it is sent."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog import services
from catalog.models import Film
from catalog.registers import KeptAnswer
from catalog.services.writing import writing
from catalog.values import Scope
from tests.catalog.api.client import bearer
from tests.catalog.api.writing import Writer

KEY = '"8e03978e-40d5-43dd-bc93-6894a57f9324"'


@pytest.mark.contract("writes.key", "writes.key_kept")
def test_the_same_request_gets_the_same_answer_and_is_done_once(writer: Writer) -> None:
    first = writer.post("/api/movies", {"title": "X"}, Idempotency_Key=KEY)
    again = writer.post("/api/movies", {"title": "X"}, Idempotency_Key=KEY)
    assert "Idempotency-Replayed" not in first.headers
    assert (again.status, again.body, again.headers["Idempotency-Replayed"]) == (201, first.body, "true")
    assert all(again.headers[name] == first.headers[name] for name in ("ETag", "Location", "Content-Location"))
    assert Film.objects.count() == 1


def test_the_first_answer_is_given_again_even_where_the_film_has_changed(writer: Writer) -> None:
    first = writer.post("/api/movies", {"title": "X"}, Idempotency_Key=KEY)
    writer.delete(first.headers["Location"])
    assert writer.post("/api/movies", {"title": "X"}, Idempotency_Key=KEY).body == first.body


@pytest.mark.contract("writes.key")
def test_a_bare_key_is_the_same_key(writer: Writer) -> None:
    writer.post("/api/movies", {"title": "X"}, Idempotency_Key="abc")
    assert "Idempotency-Replayed" in writer.post("/api/movies", {"title": "X"}, Idempotency_Key='"abc"').headers


@pytest.mark.contract("writes.key_reused", "errors.422")
def test_the_key_with_another_body_is_refused(writer: Writer) -> None:
    writer.post("/api/movies", {"title": "X"}, Idempotency_Key=KEY)
    assert writer.post("/api/movies", {"title": "Y"}, Idempotency_Key=KEY).status == 422


@pytest.mark.contract("writes.key_scope")
def test_a_key_belongs_to_token_and_path(writer: Writer) -> None:
    writer.post("/api/movies", {"title": "X"}, Idempotency_Key=KEY)
    assert writer.post("/api/people", {"name": "X"}, Idempotency_Key=KEY).status == 201
    writer.token = bearer(Scope.WRITE_MOVIES, name="another")
    writer.post("/api/movies", {"title": "Y"}, Idempotency_Key=KEY)
    assert Film.objects.count() == 2


@pytest.mark.contract("writes.key_failed")
def test_after_a_failure_the_request_runs_again(writer: Writer) -> None:
    assert writer.post("/api/movies", {"title": "X", "genres": ["x"]}, Idempotency_Key=KEY).status == 422
    assert not KeptAnswer.objects.exists()
    assert writer.post("/api/movies", {"title": "X"}, Idempotency_Key=KEY).status == 201


@pytest.mark.contract("writes.key_kept")
def test_an_answer_is_kept_for_a_day(writer: Writer) -> None:
    writer.post("/api/movies", {"title": "X"}, Idempotency_Key=KEY)
    KeptAnswer.objects.update(at=timezone.now() - timedelta(hours=25))
    assert "Idempotency-Replayed" not in writer.post("/api/movies", {"title": "Y"}, Idempotency_Key=KEY).headers
    assert (Film.objects.count(), services.prune_answers()) == (2, 0)


def test_old_answers_are_pruned(writer: Writer) -> None:
    writer.post("/api/movies", {"title": "X"}, Idempotency_Key=KEY)
    KeptAnswer.objects.update(at=timezone.now() - timedelta(hours=25))
    assert (services.prune_answers(), KeptAnswer.objects.exists()) == (1, False)


@pytest.mark.contract("writes.key")
@pytest.mark.parametrize("key", ["", '""', '"a', "a b", '"' + "x" * 256 + '"', '"é"', 'a"b'])
def test_what_is_no_key_is_refused(writer: Writer, key: str) -> None:
    assert writer.post("/api/movies", {"title": "X"}, Idempotency_Key=key).codes == {"#": "bad_key"}


@pytest.mark.contract("writes.key_kept")
@pytest.mark.django_db
def test_a_record_is_there_only_when_what_it_tells_of_is() -> None:
    kept = services.Kept(201, b"{}", None, 1)
    with suppress(LookupError), writing(actor="robot", request_id=""):
        services.keep_answer(key="0" * 64, request="1" * 64, kept=kept)
        raise LookupError
    assert not KeptAnswer.objects.exists()
