from collections.abc import Iterator

import pytest

from tests.catalog.api.client import Client, SharedConnectionExecutor, run_client
from tests.catalog.api.writing import Writer


@pytest.fixture
def client(db: None) -> Iterator[Client]:
    """The API on the test's connection."""
    executor = SharedConnectionExecutor()
    yield from run_client(executor)
    executor.close()


@pytest.fixture
def writer(client: Client) -> Writer:
    """A client with a token of all scopes."""
    return Writer(client)
