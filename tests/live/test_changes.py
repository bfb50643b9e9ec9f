"""Changes over TCP: at once, through a crash, and to two processes on one database."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.client import HTTPException
from typing import Any, NamedTuple

import psycopg
import pytest

from tests.live.site import WEB, Answer, Place, Site
from tests.postgres import free_port

pytestmark = pytest.mark.live

FILM, ONCE = b'{"title": "Solaris"}', b'{"title": "Done once"}'


@pytest.fixture(scope="module")
def token(filled_place: Place) -> str:
    made = filled_place.run("token", "create", "live", "--scope", "movies:write")
    assert made.returncode == 0, made.stderr
    return f"Bearer {made.stdout.strip()}"


def post(site: Site, token: str, path: str = "/api/movies", body: bytes = FILM, **more: str) -> Answer:
    headers = {"Authorization": token, "Content_Type": "application/json", **more}
    return site.ask(path, method="POST", body=body, **headers)


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


@pytest.mark.contract("fresh.promise")
def test_what_one_container_has_written_the_other_shows_to_the_very_next(
    site: Site, other_site: Site, token: str
) -> None:
    """Past an answer that is kept there."""
    address = post(site, token).headers["location"]
    headers = {"Authorization": token, "Content_Type": "application/merge-patch+json"}
    shown: list[int] = []
    for runtime in range(90, 95):
        other_site.ask(address)
        site.ask(address, method="PATCH", body=json.dumps({"runtime": runtime}).encode(), **headers)
        shown.append(json.loads(other_site.ask(address).body)["runtime"])
    assert shown == list(range(90, 95))
    assert "hit" in other_site.ask(address).headers["cache-status"]


@pytest.mark.contract("writes.key_running")
def test_a_request_with_a_key_that_is_sent_at_once_is_done_once(site: Site, token: str) -> None:
    with ThreadPoolExecutor(10) as threads:
        answers: list[Any] = list(threads.map(lambda _: post(site, token, Idempotency_Key="at-once"), range(10)))
    assert {answer.status for answer in answers} <= {201, 409}
    assert len({answer.headers["location"] for answer in answers if answer.status == 201}) == 1


class DyingSite(Site):
    """A process that is killed between the COMMIT of a change and its answer."""

    command = WEB.replace(" asgi:", " tests.live.dying_application:")


@pytest.mark.contract("writes.key_kept")
def test_who_is_killed_between_commit_and_answer_gives_the_answer_afterwards(filled_place: Place, token: str) -> None:
    with DyingSite(filled_place, port=free_port()) as first:
        with pytest.raises((ConnectionError, HTTPException)):
            post(first.wait_until_ready(), token, Idempotency_Key="killed", body=ONCE)
        assert first.wait_until_ended() == -signal.SIGKILL
    with Site(filled_place, port=free_port()) as second:
        again = post(second.wait_until_ready(), token, Idempotency_Key="killed", body=ONCE)
        films = json.loads(second.ask("/api/movies?title__startswith=Done%20once").body)["data"]
    assert (again.status, again.headers["idempotency-replayed"]) == (201, "true")
    assert [film["id"] for film in films] == [json.loads(again.body)["id"]]


@pytest.fixture(scope="module")
def other_site(filled_place: Place) -> Iterator[Site]:
    """A second process on the database of `site`, as another container is."""
    if filled_place.database_url is None:
        pytest.skip("SQLite serves one process")
    with Site(filled_place, port=free_port()) as running:
        yield running.wait_until_ready()


@contextmanager
def nothing_made(place: Place) -> Iterator[Callable[[], bool]]:
    """A time in which no film can be made: whoever makes one waits, and what is given tells whether somebody does."""
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'catalog_film'::regclass"
    with psycopg.connect(str(place.database_url)) as holder:
        holder.execute("LOCK TABLE catalog_film IN SHARE MODE")
        yield lambda: holder.execute(waiting).fetchone() is not None


class Case(NamedTuple):
    path: str
    body: bytes
    status: int


@pytest.mark.parametrize(
    "case",
    [
        Case("/api/movies", FILM, 201),
        Case("/api/movies/bulk?mode=insert", b'[{"title": "Solaris"}]', 200),
        Case("/api/movies/bulk?mode=insert&atomic=true", b'[{"title": "Solaris"}]', 200),
    ],
    ids=["one", "rows", "rows in one transaction"],
)
@pytest.mark.contract("writes.key_running", "writes.key_kept")
def test_between_containers_the_second_is_409_while_the_first_runs_and_gets_its_answer_then(
    filled_place: Place, site: Site, other_site: Site, token: str, case: Case
) -> None:
    ask = partial(post, token=token, path=case.path, body=case.body, Idempotency_Key=case.path.encode().hex())
    with ThreadPoolExecutor(1) as threads:
        with nothing_made(filled_place) as somebody_waits:
            first = threads.submit(ask, site)
            while not somebody_waits():
                time.sleep(0.01)
            second = ask(other_site)
        made = first.result()
    assert (made.status, second.status, int(second.headers["retry-after"]) > 0) == (case.status, 409, True)
    again = ask(other_site)
    assert (again.status, again.body, again.headers["idempotency-replayed"]) == (case.status, made.body, "true")
