"""Sites for the live tests: each on the database that was asked for, in a directory of its own."""

import json
from collections.abc import Callable, Iterator

import pytest

from tests.live.site import Place, Site
from tests.postgres import Server, free_port

PASSWORD = "only for this test run"


@pytest.fixture(scope="session")
def new_place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Place]:
    """Makes an empty place: a directory, and a database of the kind that the tests run on."""

    def make() -> Place:
        url = None
        if request.config.getoption("database") != "sqlite":
            server: Server = request.getfixturevalue("postgresql")
            url = server.create_database()
        return Place(tmp_path_factory.mktemp("site"), url)

    return make


@pytest.fixture
def place(new_place: Callable[[], Place]) -> Place:
    """An empty place, nothing migrated."""
    return new_place()


@pytest.fixture(scope="session")
def filled_place(new_place: Callable[[], Place]) -> Place:
    """A place with the sample and a curator `ann`; tests that stop their site may share it."""
    place = new_place()
    ann = {"DJANGO_SUPERUSER_PASSWORD": PASSWORD, "DJANGO_SUPERUSER_EMAIL": "ann@example.org"}
    for words, more in (
        (["migrate", "--verbosity", "0"], {}),
        (["import", "sample"], {}),
        (["createsuperuser", "--no-input", "--username", "ann"], ann),
    ):
        done = place.run(*words, **more)
        assert done.returncode == 0, done.stderr
    return place


@pytest.fixture(scope="session")
def site(filled_place: Place) -> Iterator[Site]:
    """A running site, shared by the tests that leave it as it was."""
    with Site(filled_place, port=free_port()) as running:
        yield running.wait_until_ready()


@pytest.fixture
def own_site(filled_place: Place) -> Iterator[Site]:
    """A running site for one test, which may stop it."""
    with Site(filled_place, port=free_port()) as running:
        yield running.wait_until_ready()


@pytest.fixture(scope="session")
def film_id(site: Site) -> int:
    """A film of the sample."""
    films = json.loads(site.ask("/api/movies?limit=1").body)["data"]
    return int(films[0]["id"])
