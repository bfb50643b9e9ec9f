"""Which reads may go to the database together with others': those of which nothing else is to be asked first."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from django.db import connection

from catalog.api.http.limits import Ledger
from catalog.api.http.write_positions import NAME, encoded
from catalog.values import Scope
from catalog.values.rates import Rate
from catalog.values.replication import WritePosition
from tests.catalog.api.client import Client, SharedConnectionExecutor, bearer, run_client

T = TypeVar("T")

PAGE = "/api/movies?limit=2"


class Noting(SharedConnectionExecutor):
    """Notes of each unit whether it may be joined."""

    def __init__(self) -> None:
        super().__init__()
        self.joinable: list[bool] = []

    async def run(self, unit: Callable[[], T], *, write: bool = False) -> T:
        self.joinable.append(hasattr(unit, "together"))
        return await super().run(unit, write=write)


def noting(ledger: Ledger | None = None) -> Iterator[Client]:
    executor = Noting()
    yield from run_client(executor, ledger=ledger)
    executor.close()


@pytest.fixture
def open_client(db: None) -> Iterator[Client]:
    yield from noting()


@pytest.fixture
def limited(transactional_db: None) -> Iterator[Client]:
    """Whose reads the database counts."""
    if connection.vendor != "postgresql":
        pytest.skip("one process counts by itself")
    yield from noting(Ledger(read=Rate(3, 60), write=None, shared=True))


@pytest.mark.parametrize("path,joined", [(PAGE, True), (f"{PAGE}&count=exact", False), ("/api/movies?ids=1", False)])
def test_a_page_that_is_one_statement_may_be_joined(open_client: Client, path: str, joined: bool) -> None:
    assert open_client.get(path).status == 200
    assert open_client.executor.joinable == [joined]


def test_who_shows_a_token_is_let_in_first(open_client: Client) -> None:
    assert open_client.get(PAGE, headers=bearer(Scope.READ_MOVIES)).status == 200
    assert open_client.executor.joinable == [False]


def test_who_brings_a_position_is_shown_nothing_before_that_is_reached(open_client: Client) -> None:
    beginning = encoded(WritePosition(0, 1, 0, 0))
    assert open_client.get(PAGE, headers={NAME: beginning}).status == 200
    assert open_client.executor.joinable == [False]


def test_what_the_database_counts_is_paid_for_first(limited: Client) -> None:
    assert [limited.get(PAGE).status for _ in range(4)] == [200, 200, 200, 429]
    assert limited.executor.joinable == [False] * 4
