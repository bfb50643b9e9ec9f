"""`/api/changes/stream`: changes as they come; who comes again misses nothing."""

import asyncio
import random
from collections.abc import Iterator

import pytest
from django.db import connection

from catalog.api import broadcast, stream
from catalog.api.keys import DRAINING, Policy
from catalog.changes import migrating
from catalog.models import Film
from catalog.values import Scope
from tests.catalog.api.client import Client, SharedConnectionExecutor, Stream, bearer, run_client
from tests.catalog.changes.log import film, person

pytestmark = pytest.mark.django_db(transaction=True)

STREAM = "/api/changes/stream"


@pytest.fixture(autouse=True)
def opened(transactional_db: None) -> None:
    migrating.mend()


@pytest.fixture
def listening(client: Client) -> Iterator[Stream]:
    """A stream that has begun at the present end."""
    open_stream = client.open_stream(STREAM)
    open_stream.block()
    yield open_stream
    open_stream.close()


def position(client: Client) -> str:
    return str(client.get("/api/changes").json["position"])


def since(client: Client, text: str, **headers: str) -> Stream:
    return client.open_stream(f"{STREAM}?since={text}", **headers)


def test_a_stream_is_one_for_any_page_and_for_no_proxy_to_keep(listening: Stream) -> None:
    headers = listening.response.headers
    assert headers["Content-Type"] == "text/event-stream"
    assert (headers["Cache-Control"], headers["X-Accel-Buffering"]) == ("no-cache", "no")
    assert headers["Access-Control-Allow-Origin"] == "*"


def test_it_begins_with_where_it_stands_and_when_to_come_again(client: Client) -> None:
    begun = client.open_stream(STREAM)
    assert begun.block() == {"retry": "2000", "id": position(client)}
    begun.close()


@pytest.mark.contract("resources.stream")
def test_a_change_is_an_event_with_what_the_changes_say(client: Client, listening: Stream) -> None:
    begun = listening.last_id
    film()
    event = listening.event()
    assert event.name == "created"
    assert [event.data] == client.get(f"/api/changes?since={begun}").json["data"]


def test_a_deleted_film_and_a_reset_are_events(listening: Stream) -> None:
    film()
    assert listening.event().name == "created"
    Film.objects.all().delete()
    assert listening.event().data["data"] is None
    migrating.renew(connection)
    assert listening.event()[::2] == ("reset", {})


def test_another_life_of_the_log_is_a_reset_to_who_listens(listening: Stream) -> None:
    migrating.renew(connection, epoch="another")
    assert listening.event().name == "reset"


def test_the_events_of_a_batch_stand_before_it_until_its_last(client: Client, listening: Stream) -> None:
    begun = listening.last_id
    Film.objects.bulk_create([Film(title=title, published=True) for title in "abc"])
    ids = [listening.event().id for _ in range(3)]
    assert ids[:2] == [begun, begun]
    assert client.get(f"/api/changes?since={ids[2]}").json["data"] == []


@pytest.mark.contract("stream.ids")
@pytest.mark.parametrize("known", [True, False])
def test_who_comes_again_misses_nothing(client: Client, listening: Stream, known: bool) -> None:
    """From memory while others listen, else from the database."""
    seen = listening.last_id
    made = [film(title=title).pk for title in "ab"]
    assert {listening.event().data["id"] for _ in range(2)} == set(made)
    if not known:
        listening.close()
    again = client.open_stream(STREAM, **{"Last-Event-ID": seen})
    assert {again.event().data["id"] for _ in range(2)} == set(made)
    again.close()


def test_a_position_may_stand_in_the_address_and_the_header_goes_before_it(client: Client) -> None:
    first = position(client)
    film(title="a")
    second = position(client)
    last = film(title="b")
    streams = since(client, first), since(client, first, **{"Last-Event-ID": second})
    assert streams[0].event().data["data"]["title"] == "a"
    assert streams[1].event().data["id"] == last.pk
    for each in streams:
        each.close()


def test_what_was_missed_comes_in_batches(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BATCH_LIMIT", 2)
    begun = position(client)
    made = {film(title=str(number)).pk for number in range(5)}
    missed = since(client, begun)
    assert {missed.event().data["id"] for _ in range(5)} == made
    missed.close()


def test_a_head_is_no_stream(client: Client) -> None:
    answer = client.request("HEAD", STREAM)
    assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, "text/event-stream", b"")


def test_a_bad_position_is_a_fault_wherever_it_stands(client: Client) -> None:
    answer = client.get(f"{STREAM}?since=x&colour=red", headers={"Last-Event-ID": "y"})
    assert answer.status == 400
    assert [fault["code"] for fault in answer.json["errors"]] == ["unknown_parameter", "bad_position", "bad_position"]


def test_a_position_of_another_life_is_410_before_the_stream_begins(client: Client) -> None:
    answer = client.get(STREAM, headers={"Last-Event-ID": "0" * 12 + "~1:2:"})
    assert (answer.status, answer.headers["Content-Type"]) == (410, "application/problem+json")
    assert "without `since`" in answer.json["detail"]


def test_who_takes_no_events_gets_none(client: Client) -> None:
    assert client.get(STREAM, headers={"Accept": "application/json"}).status == 406


@pytest.mark.contract("stream.comment")
def test_a_comment_comes_now_and_then_with_the_position(
    client: Client, listening: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert broadcast.COMMENT_SECONDS == 15
    monkeypatch.setattr(broadcast, "COMMENT_SECONDS", 0.3)
    assert listening.block() == {"": "", "id": position(client)}


def test_two_streams_cost_no_more_than_one(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcast, "POLL_SECONDS", 0.05)
    streams = [client.open_stream(STREAM) for _ in range(20)]
    hops = client.executor.hops
    film()
    assert {each.event().name for each in streams} == {"created"}
    assert client.executor.hops - hops < 20
    for each in streams:
        each.close()


@pytest.mark.contract("stream.end")
def test_a_draining_process_ends_its_streams_and_any_new_one(client: Client, listening: Stream) -> None:
    draining = client.app[DRAINING]
    assert isinstance(draining, asyncio.Event)
    draining.set()
    assert listening.event()[::2] == ("end", {})
    assert listening.block() == {}
    late = client.open_stream(STREAM)
    assert late.event().name == "end"
    assert late.block() == {}


def test_who_has_left_is_listened_for_no_more(client: Client, listening: Stream) -> None:
    broadcaster = client.app[stream.BROADCASTER]
    assert len(broadcaster) == 1
    listening.close()
    client.get("/api")
    assert len(broadcaster) == 0


def test_where_reads_need_a_token_a_stream_needs_one_too(transactional_db: None) -> None:
    executor = SharedConnectionExecutor()
    for client in run_client(executor, Policy(public_read=False)):
        assert client.get(STREAM).status == 401
        allowed = client.open_stream(STREAM, **bearer(Scope.READ_MOVIES))
        assert allowed.block()["retry"] == "2000"
        allowed.close()
    executor.close()


@pytest.mark.contract("stream.ids")
@pytest.mark.parametrize("seed", [1, 2])
def test_a_mirror_of_a_stream_that_is_cut_again_and_again_misses_nothing(client: Client, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  an order, not a secret
    seen: dict[int, int] = {}
    last = position(client)
    for _ in range(6):
        open_stream = client.open_stream(STREAM, **{"Last-Event-ID": last})
        for title in "abc"[: chance.randint(1, 3)]:
            film(title=title)
        Film.objects.filter(pk=chance.choice(list(Film.objects.all())).pk).update(title=str(chance.random()))
        for _ in range(chance.randint(0, 2)):
            event = open_stream.event()
            seen[event.data["id"]] = event.data["version"]
        last = open_stream.last_id or last
        open_stream.close()
    page = client.get(f"/api/changes?since={last}").json
    seen |= {each["id"]: each["version"] for each in page["data"]}
    assert seen == dict(Film.objects.values_list("id", "version"))


def test_people_are_told_of_too(listening: Stream) -> None:
    person()
    assert listening.event().data["type"] == "person"
