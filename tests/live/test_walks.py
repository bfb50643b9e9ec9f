"""Every film that stands there throughout a walk comes exactly once, whatever comes and goes meanwhile."""

import json
import logging
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from catalog.values import FILM_SORTS
from tests.live.site import ROOT, Place, Site
from tests.postgres import free_port

logger = logging.getLogger(__name__)
pytestmark = pytest.mark.live

FILE = os.environ.get("MOVIEDB_WALK_FILE")
"""wikipedia-movie-data, gzip or not: then its films are walked over instead of the sample's, 200 a page."""

LIMIT = 200 if FILE else 9
SORTS = [f"{sign}{name}" for name in FILM_SORTS for sign in ("", "-") if name != "random"] + ["random&seed=7"]


@pytest.fixture
def walked_site(place: Place) -> Iterator[Site]:
    """A site with many films, or with the sample."""
    source = ["import", "wikipedia", FILE] if FILE else ["import", "sample"]
    for words in (["migrate", "--verbosity", "0"], source):
        done = subprocess.run(
            [sys.executable, "-m", "moviedb", *words], check=False, cwd=ROOT, env=place.environment(), timeout=900
        )
        assert done.returncode == 0
    with Site(place, port=free_port(), ACCESS_LOG="false") as site:
        yield site.wait_until_ready()


@contextmanager
def films_coming_and_going(place: Place) -> Iterator[list[int]]:
    """Another process publishes and deletes films of its own; how many is told at the end."""
    numbers: list[int] = []
    environment = place.environment(DJANGO_SETTINGS_MODULE="settings.production")
    with subprocess.Popen(
        [sys.executable, "-m", "tests.live.coming"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        yield numbers
        told, _ = process.communicate()
    numbers += map(int, told.split())


def walk(site: Site, sort: str) -> list[int]:
    """The ids of all pages, in their order."""
    link: str | None = f"/api/movies?sort={sort}&limit={LIMIT}&fields=id"
    seen: list[int] = []
    while link:
        page = json.loads(site.ask(link).body)
        seen += [film["id"] for film in page["data"]]
        link = page["page"]["next"]
    return seen


def export(site: Site, sort: str) -> list[int]:
    lines = site.ask(f"/api/movies.jsonl?sort={sort}&fields=id").body.splitlines()
    return [json.loads(line)["id"] for line in lines]


@pytest.mark.contract("lists.walk", "lists.cursor")
def test_every_film_that_stood_there_comes_once(place: Place, walked_site: Site) -> None:
    """By page and by export, on every sort, while another process inserts and deletes."""
    stood = walk(walked_site, "id")
    faults: dict[str, list[int]] = {}
    begun = time.perf_counter()
    with films_coming_and_going(place) as numbers:
        for sort in SORTS:
            for way in (walk, export):
                seen = Counter(way(walked_site, sort))
                if bad := [film_id for film_id in stood if seen[film_id] != 1]:
                    faults[f"{way.__name__} {sort}"] = bad
    logger.info(
        "%d films, %d sorts, %.0f s; came and went: %s", len(stood), len(SORTS), time.perf_counter() - begun, numbers
    )
    assert faults == {}
    assert min(numbers) > 0
