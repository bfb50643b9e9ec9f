"""No answer is older than its request, whoever writes; and the checker of that sees a broken cache."""

import json
import logging
import os

import pytest

from tests.live.site import WEB, Place, Site
from tests.live.staleness import Findings, Reader, writing
from tests.postgres import free_port

logger = logging.getLogger(__name__)
pytestmark = pytest.mark.live

HITS = int(os.environ.get("STALENESS_HITS", "2000"))
"""How many answers from the cache are checked; STALENESS_HITS=1000000 makes a long run of it."""


@pytest.fixture
def own_place(place: Place) -> Place:
    """A place with the sample, for a test that changes it."""
    for words in (["migrate", "--verbosity", "0"], ["import", "sample"]):
        done = place.run(*words)
        assert done.returncode == 0, done.stderr
    return place


class BrokenSite(Site):
    """The same process with a cache that is broken on purpose."""

    command = WEB.replace(" asgi:", " tests.live.broken_application:")


def first_films(site: Site, number: int) -> list[int]:
    films = json.loads(site.ask(f"/api/movies?limit={number}&fields=id").body)["data"]
    return [film["id"] for film in films]


def database_of(place: Place) -> str:
    return place.database_url or str(place.folder / "moviedb.sqlite3")


def read(site: Site, place: Place, *, writers: int, hits: int) -> Findings:
    films = first_films(site.wait_until_ready(), writers)
    with writing(database_of(place), films, place.folder) as notes:
        return Reader(site.port, films, committed=notes.committed, begun=notes.begun).read(hits)


@pytest.mark.contract("fresh.promise")
def test_no_answer_is_older_than_its_request(own_place: Place) -> None:
    """Two writers on SQLite, four on PostgreSQL, and commits of what no answer shows in between."""
    writers = 2 if own_place.database_url is None else 4
    with Site(own_place, port=free_port(), ACCESS_LOG="false") as site:
        findings = read(site, own_place, writers=writers, hits=HITS)
    logger.info("%d answers, %d from the cache", findings.answers, findings.hits)
    assert findings.stale == []
    assert findings.hits >= HITS


@pytest.mark.parametrize("fault", ["the log says nothing", "the revision is not asked", "lists are forgotten"])
def test_a_broken_cache_is_seen(own_place: Place, fault: str) -> None:
    with BrokenSite(own_place, port=free_port(), BREAK=fault) as site:
        assert read(site, own_place, writers=2, hits=HITS * 100).stale
