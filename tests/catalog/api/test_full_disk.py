"""A database that has no room left: 507, and nothing is written."""

import asyncio
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

import pytest
from django.db import connection
from django.db.backends.signals import connection_created

from catalog.models import Film
from catalog.values import Scope
from server.executor import Executor
from tests.catalog.api.client import Client, bearer, started

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def full_client() -> Iterator[Client]:
    """The API over threads whose connections may not let the file grow by a page."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no limit of its own: its error is told by the same code")

    def bound(connection: Any, **_: object) -> None:
        connection.cursor().execute("PRAGMA max_page_count = 1")  # SQLite takes the present size for less

    connection_created.connect(bound)
    executor = Executor(threads=1, queue_limit=10, wait_seconds=10)
    with asyncio.Runner() as runner:
        client = runner.run(begun(executor))
        yield Client(runner, client, executor)
        runner.run(client.close())
        assert runner.run(executor.close(grace_seconds=5))
    connection_created.disconnect(bound)


async def begun(executor: Executor) -> Any:
    executor.start()
    return await started(executor)


@pytest.mark.contract("errors.507", "writes.whole")
def test_a_film_for_which_there_is_no_room_is_507_and_leaves_nothing(full_client: Client) -> None:
    headers = {**bearer(*Scope), "Content-Type": "application/json"}
    body = b'{"title": "Too much", "overview": "%s"}' % (b"w" * 9_000)
    sent = (full_client.request("POST", "/api/movies", data=body, headers=headers) for _ in range(200))
    answers = list(takewhile(lambda answer: answer.status == 201, sent))  # what fits into pages that were freed
    refused = full_client.request("POST", "/api/movies", data=body, headers=headers)
    assert (refused.status, refused.headers["Content-Type"]) == (507, "application/problem+json")
    assert Film.objects.count() == len(answers) < 200
