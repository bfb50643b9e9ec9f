import pytest

from tests.catalog.changes.log import Log


@pytest.fixture
def log(db: None) -> Log:
    """The log from the beginning of the test."""
    return Log()
