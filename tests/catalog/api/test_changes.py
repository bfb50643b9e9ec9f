"""`/api/changes`: the changes as JSON, and how a mirror of them is begun."""

import pytest
from django.db import connection

from catalog.changes import migrating
from catalog.changes.models import ChangeLog
from catalog.models import Film
from tests.catalog.api.client import Client
from tests.catalog.changes.log import film, person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def opened(transactional_db: None) -> None:
    migrating.mend()


def position(client: Client) -> str:
    return str(client.get("/api/changes").json["position"])


def test_without_a_position_the_answer_is_the_present_end(client: Client) -> None:
    film()
    answer = client.get("/api/changes")
    assert answer.json["data"] == []
    assert client.get(answer.json["page"]["next"]).json == answer.json


@pytest.mark.contract("resources.changes", "lists.links")
def test_a_mirror_begins_at_the_end_and_goes_on_at_next(client: Client) -> None:
    answer = client.get("/api/changes?limit=7")
    begun = answer.json
    assert answer.headers["Link"] == f'<{begun["page"]["next"]}>; rel="next"'
    made = film()
    page = client.get(begun["page"]["next"]).json
    assert page["page"]["limit"] == 7
    assert [(each["type"], each["id"], each["kind"], each["version"]) for each in page["data"]] == [
        ("movie", made.pk, "created", 1)
    ]


@pytest.mark.contract("changes.state")
def test_the_state_is_what_the_list_shows(client: Client) -> None:
    since = position(client)
    made = film(year=1952)
    (change,) = client.get(f"/api/changes?since={since}").json["data"]
    assert [change["data"]] == client.get(f"/api/movies?ids={made.pk}").json["data"]


def test_a_person_has_a_state_too(client: Client) -> None:
    since = position(client)
    person()
    (change,) = client.get(f"/api/changes?since={since}").json["data"]
    assert (change["type"], change["data"]["name"], change["data"]["birth_date"]) == ("person", "Takashi Shimura", None)


@pytest.mark.contract("changes.state")
def test_a_deleted_film_is_a_tombstone(client: Client) -> None:
    made = film()
    since = position(client)
    Film.objects.all().delete()
    (change,) = client.get(f"/api/changes?since={since}").json["data"]
    assert change == {"type": "movie", "id": made.pk, "kind": "deleted", "version": 2, "data": None}


def test_a_page_says_whether_more_follows(client: Client) -> None:
    since = position(client)
    film(), film()
    page = client.get(f"/api/changes?since={since}&limit=1").json
    assert page["page"]["more"]
    last = client.get(page["page"]["next"]).json
    assert (len(last["data"]), client.get(last["page"]["next"]).json["page"]["more"]) == (1, False)


@pytest.mark.contract("changes.reset")
def test_a_reset_says_to_read_the_whole_again(client: Client) -> None:
    since = position(client)
    migrating.renew(connection)
    page = client.get(f"/api/changes?since={since}").json
    assert (page["reset"], page["data"]) == (True, [])


@pytest.mark.contract("changes.limit")
@pytest.mark.parametrize("limit, code", [("0", "out_of_range"), ("10001", "out_of_range"), ("x", "not_whole")])
def test_a_limit_is_from_one_to_ten_thousand(client: Client, limit: str, code: str) -> None:
    assert client.get(f"/api/changes?limit={limit}").codes == {"#/limit": code}
    assert client.get("/api/changes?limit=10000").status == 200


@pytest.mark.contract("promise.opaque")
@pytest.mark.parametrize("since", ["1", "", "000000000000~1:2", "0" * 5000])
def test_what_is_no_position_is_a_fault(client: Client, since: str) -> None:
    answer = client.get(f"/api/changes?since={since}")
    if answer.status == 400:
        assert answer.codes == {"#/since": "bad_position"}
    else:
        assert answer.status == 410  # the form is right, the life is none of ours


@pytest.mark.contract("promise.opaque")
def test_a_place_that_makes_no_sense_is_a_fault(client: Client) -> None:
    life = position(client).partition("~")[0]
    assert client.get(f"/api/changes?since={life}~_").codes == {"#/since": "bad_position"}


@pytest.mark.contract("changes.pruned")
def test_a_position_of_another_life_is_410_and_says_how_to_begin_again(client: Client) -> None:
    since = position(client)
    migrating.renew(connection, epoch="another")
    answer = client.get(f"/api/changes?since={since}")
    assert (answer.status, answer.json["type"]) == (410, "/api/problems/gone")
    assert "without `since`" in answer.json["detail"]


def test_a_closed_log_is_503(client: Client) -> None:
    ChangeLog.objects.update(open=False)
    answer = client.get("/api/changes")
    assert answer.status == 503
    assert "Retry-After" in answer.headers


def test_an_unchanged_page_is_304_for_who_has_it(client: Client) -> None:
    film()
    address = client.get("/api/changes").json["page"]["next"]
    tag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status == 304


def test_one_hop_answers(client: Client) -> None:
    since = position(client)
    film(), person()
    hops = client.executor.hops
    client.get(f"/api/changes?since={since}")
    assert client.executor.hops == hops + 1
