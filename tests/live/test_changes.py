"""Changes over TCP to one running process: at once, on a full disk, and through a crash."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.live.site import Answer, Place, Site
from tests.postgres import free_port

pytestmark = pytest.mark.live

FILM = b'{"title": "Solaris"}'


@pytest.fixture(scope="module")
def token(filled_place: Place) -> str:
    made = filled_place.run("token", "create", "live", "--scope", "movies:write")
    assert made.returncode == 0, made.stderr
    return f"Bearer {made.stdout.strip()}"


def post(site: Site, token: str, **more: str) -> Answer:
    headers = {"Authorization": token, "Content_Type": "application/json", **more}
    return site.ask("/api/movies", method="POST", body=FILM, **headers)


@pytest.mark.contract("writes.one_wins")
def test_of_fifty_edits_of_one_version_one_wins(site: Site, token: str) -> None:
    made = post(site, token)
    address, tag = made.headers["location"], made.headers["etag"]
    headers = {"Authorization": token, "Content_Type": "application/merge-patch+json", "If_Match": tag}

    def edit(number: int) -> int:
        body = json.dumps({"runtime": number}).encode()
        return site.ask(address, method="PATCH", body=body, **headers).status

    with ThreadPoolExecutor(50) as threads:
        statuses = list(threads.map(edit, range(1, 51)))
    assert sorted(statuses) == [200, *[412] * 49]


@pytest.mark.contract("writes.key_running")
def test_a_request_with_a_key_that_is_sent_at_once_is_done_once(site: Site, token: str) -> None:
    with ThreadPoolExecutor(10) as threads:
        answers: list[Any] = list(threads.map(lambda _: post(site, token, Idempotency_Key="at-once"), range(10)))
    assert {answer.status for answer in answers} <= {201, 409}
    assert len({answer.headers["location"] for answer in answers if answer.status == 201}) == 1


@pytest.mark.contract("writes.key_kept")
def test_a_key_outlives_the_process_that_was_killed(filled_place: Place, token: str) -> None:
    with Site(filled_place, port=free_port()) as first:
        made = post(first.wait_until_ready(), token, Idempotency_Key="killed")
        first.process.kill()
        first.process.wait()
    with Site(filled_place, port=free_port()) as second:
        again = post(second.wait_until_ready(), token, Idempotency_Key="killed")
    assert (again.body, again.headers["idempotency-replayed"]) == (made.body, "true")
