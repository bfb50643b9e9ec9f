"""A process that cannot serve ends, and says in plain words why."""

import socket

import pytest

from tests.live.site import Place, Site
from tests.postgres import free_port

pytestmark = pytest.mark.live
GARBAGE = b"This is no database, however long one reads it. " * 100


def refused(place: Place, **environment: str | None) -> str:
    """The log of a process that must not start."""
    with Site(place, port=free_port(), **environment) as site:
        assert site.wait_until_ended() not in {0, None}, site.log
        return site.log


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_a_missing_variable_is_named(place: Place, name: str) -> None:
    assert f"{name} is missing" in refused(place, **{name: None})


@pytest.mark.parametrize(
    "name, value, expected",
    [
        ("SECRET_KEY", "short", "at least 32 characters"),
        ("DATABASE_URL", "mysql://films", "sqlite:///path/to/file.sqlite3 or postgres://"),
        ("API_THREADS", "many", "a whole number from 1 to 64"),
        ("ALLOWED_HOSTS", "https://films.example", "host names without scheme"),
        ("TRUSTED_PROXIES", "*", "never *"),
    ],
)
def test_a_bad_variable_is_named_with_what_it_should_be(place: Place, name: str, value: str, expected: str) -> None:
    log = refused(place, **{name: value})
    assert f"{name} should be" in log
    assert expected in log


def test_all_faults_are_named_at_once(place: Place) -> None:
    log = refused(place, SECRET_KEY=None, API_QUEUE="-1")
    assert "SECRET_KEY is missing" in log
    assert "API_QUEUE should be" in log


def test_a_port_in_use_is_told(place: Place) -> None:
    with socket.create_server(("0.0.0.0", 0)) as holder:  # noqa: S104  the Procfile's own address
        port = holder.getsockname()[1]
        assert place.run("migrate", "--verbosity", "0").returncode == 0
        with Site(place, port=port) as site:
            assert site.wait_until_ended() != 0
            assert "address already in use" in site.log


def test_a_file_that_is_no_database_is_told_and_left_alone(place: Place) -> None:
    file = place.folder / "moviedb.sqlite3"
    file.write_bytes(GARBAGE)
    log = refused(place, DATABASE_URL=None)
    assert f"{file} is not a SQLite database" in log
    assert file.read_bytes() == GARBAGE
    assert "Traceback" not in log


def test_a_directory_that_is_missing_is_told(place: Place) -> None:
    file = place.folder / "nowhere" / "films.sqlite3"
    assert f"{file.parent}" in refused(place, DATABASE_URL=f"sqlite:///{file}")


def test_a_database_that_nobody_serves_is_told(place: Place) -> None:
    log = refused(place, DATABASE_URL=f"postgres://ann:secret@127.0.0.1:{free_port()}/films")
    assert "refused" in log
    assert "secret" not in log
    assert "Traceback" not in log


def test_the_embedded_database_is_made_and_migrated_at_the_first_start(place: Place) -> None:
    with Site(place, port=free_port(), DATABASE_URL=None) as site:
        assert site.wait_until_ready().ask("/api/movies").status == 200


def test_nobody_is_let_in_before_a_release_has_migrated(place: Place) -> None:
    if place.database_url is None:
        pytest.skip("the embedded database is migrated at the start")
    assert "migrat" in refused(place)


def test_a_release_makes_the_database_ready(place: Place) -> None:
    done = place.run("release")
    assert done.returncode == 0, done.stderr
    with Site(place, port=free_port()) as site:
        assert site.wait_until_ready().ask("/api/movies").status == 200


def test_a_release_leaves_the_embedded_database_to_the_server(place: Place) -> None:
    done = place.run("release", DATABASE_URL=None)
    assert done.returncode == 0
    assert "nothing to do" in done.stdout
    assert not (place.folder / "moviedb.sqlite3").exists()


def test_the_first_start_invites_the_first_curator_once(place: Place) -> None:
    assert place.run("release").returncode == 0
    with Site(place, port=free_port()) as site:
        site.wait_until_ready()
        assert "/admin/" in site.log


def test_the_environment_of_a_platform_does_not_reach_in(place: Place) -> None:
    assert place.run("release").returncode == 0
    meddling = {"WEB_CONCURRENCY": "4", "FORWARDED_ALLOW_IPS": "*", "UVICORN_LOG_LEVEL": "trace"}
    with Site(place, port=free_port(), **meddling) as site:
        site.wait_until_ready()
        assert len(site.children()) == 0
