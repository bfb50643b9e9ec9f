"""How much one client may ask for."""

import asyncio
from collections.abc import Iterator
from threading import Thread

import pytest
from django.db import connection

from catalog.api.http.limits import KEYS_LIMIT, Ledger, Owed
from catalog.models import Film
from catalog.registers import Allowance
from catalog.services import allowances
from catalog.values.rates import Rate, Spent
from settings.environment import read
from tests.catalog.api.client import Client, SharedConnectionExecutor, run_client
from tests.catalog.api.writing import Writer
from tests.catalog.changes.log import film
from tests.catalog.changes.test_positions import only_on

pytestmark = pytest.mark.django_db(transaction=True)

MOVIES = "/api/movies"


class Clock:
    """A time that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ledger(transactional_db: None) -> Ledger:
    """Three reads a minute; on PostgreSQL the database counts them."""
    return Ledger(read=Rate(3, 60), write=Rate(2, 60), shared=connection.vendor == "postgresql")


@pytest.fixture
def limited(ledger: Ledger) -> Iterator[Client]:
    executor = SharedConnectionExecutor()
    yield from run_client(executor, ledger=ledger)
    executor.close()


@pytest.mark.contract("limits.headers", "limits.read")
def test_an_answer_says_what_is_allowed_and_what_is_left(limited: Client) -> None:
    headers = limited.get(MOVIES).headers
    assert headers["RateLimit-Policy"] == '"read";q=3;w=60'
    assert headers["RateLimit"] == '"read";r=2;t=20'


@pytest.mark.contract("limits.refused", "errors.429")
def test_one_too_many_is_429_and_says_when_to_come_again(limited: Client) -> None:
    assert [limited.get(MOVIES).status for _ in range(3)] == [200] * 3
    answer = limited.get(MOVIES)
    assert (answer.status, answer.json["type"]) == (429, "/api/problems/too-many-requests")
    assert 18 <= int(answer.headers["Retry-After"]) <= 20
    assert answer.headers["RateLimit"].startswith('"read";r=0;t=')
    assert "RateLimit" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.contract("limits.write", "limits.headers")
def test_a_token_may_write_so_often(limited: Client) -> None:
    writer = Writer(limited)
    answers = [writer.post(MOVIES, {"title": title}) for title in "abc"]
    assert [answer.status for answer in answers] == [201, 201, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"write";q=2;w=60'
    assert Film.objects.count() == 2
    assert read(production=False, environ={})["WRITE_RATE_LIMIT"] == (60, 60)


@pytest.mark.contract("limits.free")
def test_a_304_is_given_back(limited: Client) -> None:
    film()
    tag = limited.get(MOVIES).headers["ETag"]
    for _ in range(5):
        answer = limited.get(MOVIES, headers={"If-None-Match": tag})
        assert answer.status == 304
        assert answer.headers["RateLimit"].startswith('"read";r=2;')
    assert limited.get(MOVIES).headers["RateLimit"].startswith('"read";r=1;')


def test_a_refused_request_is_not_charged(limited: Client) -> None:
    waits = [limited.get(MOVIES).headers.get("Retry-After") for _ in range(8)]
    assert waits[3:] == [waits[3]] * 5 or int(waits[3] or 0) - int(waits[7] or 0) in {0, 1}


@pytest.mark.contract("limits.read")
def test_without_a_limit_nothing_is_said(client: Client) -> None:
    assert "RateLimit" not in client.get(MOVIES).headers


def test_a_question_what_may_be_done_is_free(limited: Client) -> None:
    for _ in range(5):
        assert limited.request("OPTIONS", MOVIES, declared=False).status == 204
    assert limited.get(MOVIES).headers["RateLimit"].startswith('"read";r=2;')


def test_errors_are_charged_too(limited: Client) -> None:
    for _ in range(3):
        assert limited.get(f"{MOVIES}/999").status == 404
    assert limited.get(MOVIES).status == 429


@pytest.mark.contract("limits.shared")
def test_requests_at_once_can_not_pass_the_limit_together(limited: Client) -> None:
    async def all_at_once() -> list[int]:
        async def one() -> int:
            async with limited._client.session.get(limited._client.make_url(MOVIES)) as response:
                return response.status

        return await asyncio.gather(*(one() for _ in range(20)))

    assert sorted(limited._runner.run(all_at_once())) == [200] * 3 + [429] * 17


@pytest.mark.contract("limits.shared")
def test_threads_at_once_can_not_pass_the_limit_of_the_database() -> None:
    only_on("postgresql")
    granted: list[Spent] = []

    def ask() -> None:
        try:
            granted.extend(spent for _ in range(10) if not (spent := allowances.charge("a", Rate(7, 3600))).refused)
        finally:
            connection.close()

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(spent.left for spent in granted) == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.contract("limits.shared", "errors.503")
def test_a_database_that_only_reads_leaves_reads_to_the_process_and_decides_no_write(limited: Client) -> None:
    only_on("postgresql")
    writer = Writer(limited)
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        answers = [limited.get(f"{MOVIES}?limit={limit}") for limit in range(1, 5)]
        refused = writer.post(MOVIES, {"title": "X"})
        cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE")
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert answers[1].headers["RateLimit"].startswith('"read";r=1;')
    assert (refused.status, refused.headers["Retry-After"]) == (503, "5")


def test_the_database_forgets_who_may_ask_for_everything_again() -> None:
    for key, full_at in (("old", 0.0), ("new", 9e9)):
        Allowance.objects.create(key=key, full_at=full_at)
    assert allowances.forget_full() == 1
    assert Allowance.objects.get().key == "new"


def test_the_table_of_allowances_is_not_logged() -> None:
    only_on("postgresql")
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'catalog_allowance'")
        assert cursor.fetchone() == ("u",)


def charges(ledger: Ledger, number: int, key: str = "a") -> list[bool]:
    """Whether each of so many requests at once is let through."""
    return [not ledger.charge(key, Rate(3, 60)).refused for _ in range(number)]


def test_the_quota_comes_back_bit_by_bit() -> None:
    clock = Clock()
    ledger = Ledger(clock=clock)
    assert charges(ledger, 4) == [True, True, True, False]
    clock.now += 20
    assert charges(ledger, 2) == [True, False]
    clock.now += 600
    assert charges(ledger, 4) == [True, True, True, False]


@pytest.mark.contract("limits.read")
def test_clients_are_counted_apart_and_the_longest_silent_are_forgotten() -> None:
    ledger = Ledger()
    assert charges(ledger, 4) == [True, True, True, False]
    for number in range(KEYS_LIMIT):
        ledger.charge(str(number), Rate(3, 60))
    assert len(ledger.full_at) == KEYS_LIMIT
    assert charges(ledger, 1) == [True]


def test_giving_back_to_who_was_forgotten_is_nothing() -> None:
    ledger = Ledger()
    rate = Rate(3, 60)
    ledger.give_back(Owed("read", "a", rate), Spent(rate, 20.0, refused=False))
    assert ledger.full_at == {}
