from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from catalog.changes import migrating
from tests.catalog.changes.log import Log
from tests.catalog.changes.own_database import Template, django_at
from tests.conftest import SERVER


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


@pytest.fixture(scope="session")
def template(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Template:
    with django_db_blocker.unblock():
        return Template(tmp_path_factory.mktemp("template"), request.config.stash.get(SERVER, None))


@pytest.fixture
def place(template: Template, tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Django on a migrated and empty database of the test's own."""
    with django_db_blocker.unblock(), django_at(tmp_path, template.copy(tmp_path)):
        yield
