import pytest

from catalog.changes import migrating
from tests.catalog.changes.log import Log


@pytest.fixture
def log(db: None) -> Log:
    """The log from the beginning of the test."""
    return Log()


@pytest.fixture(autouse=True)
def opened(request: pytest.FixtureRequest) -> None:
    """An open log: a test with `serialized_rollback` flushes the database and leaves that to nobody."""
    marker = request.node.get_closest_marker("django_db")
    if marker and marker.kwargs.get("transaction"):
        request.getfixturevalue("transactional_db")
        migrating.mend()
