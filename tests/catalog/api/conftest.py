from collections.abc import Iterator

import pytest

from tests.catalog.api.client import Client, SharedConnectionExecutor, run_client


@pytest.fixture
def client(db: None) -> Iterator[Client]:
    """The API on the test's connection."""
    executor = SharedConnectionExecutor()
    yield from run_client(executor)
    executor.close()
