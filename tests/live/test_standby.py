"""A container whose database is a real standby: it reads as the primary would a moment ago, and decides nothing."""

import json
import logging
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import psycopg
import pytest

from tests.catalog.changes.standby import Standby
from tests.conftest import SERVER
from tests.live.site import Answer, Place, Site
from tests.live.staleness import Reader, writing
from tests.live.test_staleness import HITS, first_films
from tests.postgres import Unavailable, free_port

logger = logging.getLogger(__name__)
pytestmark = pytest.mark.live

READS = 100_000
ROUNDS = 40
"""Transactions of each writer: enough for some to begin before others, and to end after them."""

Known = dict[tuple[str, int], tuple[int, str | None]]
"""What a mirror has: version and title or name, None where it is gone, by kind and id."""


@dataclass
class Pair:
    """A primary with the sample, its standby, and a site that knows the standby alone."""

    primary: str
    standby: Standby
    url: str
    site: Site
    token: str
    place: Place


@pytest.fixture(scope="module")
def pair(request: pytest.FixtureRequest, new_place: Callable[[], Place]) -> Iterator[Pair]:
    if request.config.getoption("database") == "sqlite":
        pytest.skip("only PostgreSQL has standbys")
    place, standby = new_place(), Standby(request.config.stash[SERVER])
    for words in (["migrate", "--verbosity", "0"], ["import", "sample"]):
        assert place.run(*words).returncode == 0
    token = place.run("token", "create", "robot", "--scope", "movies:write").stdout.strip()
    assert place.database_url is not None
    try:
        standby.start()
        standby.catch_up()
        url = standby.url(place.database_url.rpartition("/")[2])
        settings = {"ACCESS_LOG": "false", "RATE_LIMIT": f"{READS}/100h", "CACHE_MB": "64"}
        with Site(Place(place.folder, url), port=free_port(), **settings) as site:
            yield Pair(place.database_url, standby, url, site.wait_until_ready(), token, place)
    except Unavailable as error:
        pytest.skip(str(error))
    finally:
        standby.stop()


@contextmanager
def writers(primary: str) -> Iterator[Callable[[], bool]]:
    """Three at once, whose transactions begin and end in any order; tells whether any is still at work."""
    with psycopg.connect(primary, autocommit=True) as session:
        films = [row[0] for row in session.execute("SELECT id FROM catalog_film ORDER BY id LIMIT 12")]
    threads = [threading.Thread(target=write, args=(primary, films[number::3], number)) for number in range(3)]
    for thread in threads:
        thread.start()
    yield lambda: any(thread.is_alive() for thread in threads)
    for thread in threads:
        thread.join()


def write(primary: str, films: list[int], seed: int) -> None:
    """Retitle, take back and publish films of one's own, several a transaction, and now and then undo all of it."""
    chance = random.Random(seed)  # noqa: S311  nothing is secret here
    with psycopg.connect(primary) as session:
        for number in range(ROUNDS):
            for film in chance.sample(films, 2):
                published = chance.random() < 0.8
                session.execute(
                    "UPDATE catalog_film SET title = %s, published = %s WHERE id = %s",
                    [f"{seed}.{number}", published, film],
                )
                session.execute("SELECT pg_sleep(%s)", [chance.random() / 200])
            session.rollback() if chance.random() < 0.2 else session.commit()


def read(pair: Pair, known: Known, position: str) -> tuple[str, bool]:
    """Take a page of changes; the next position, and whether more follows."""
    page = json.loads(pair.site.ask(f"/api/changes?limit=5&since={quote(position)}").body)
    assert not page["reset"]
    for change in page["data"]:
        key, version, data = (change["type"], change["id"]), change["version"], change["data"]
        before = known.get(key, (0, None))
        if version > before[0] or (version == before[0] and data is None):
            known[key] = version, data and (data.get("title") or data["name"])
    return page["position"], page["page"]["more"]


def catalogue(primary: str) -> Known:
    """What the public may see, as the primary has it."""
    with psycopg.connect(primary) as session:
        rows = session.execute("SELECT id, version, title FROM catalog_film WHERE published").fetchall()
    return {("movie", film): (version, title) for film, version, title in rows}


@pytest.mark.contract("fresh.standby")
def test_no_answer_is_older_than_a_query_there(pair: Pair) -> None:
    films = first_films(pair.site, 4)
    with psycopg.connect(pair.url, autocommit=True) as there:

        def replayed() -> list[int]:
            rows = there.execute("SELECT id, votes FROM catalog_film WHERE id = ANY(%s)", [films]).fetchall()
            votes: dict[int, int] = dict(rows)
            return [votes[film_id] for film_id in films]

        with writing(pair.primary, films, pair.place.folder) as notes:
            pair.standby.catch_up()
            findings = Reader(pair.site.port, films, committed=replayed, begun=notes.begun).read(HITS)
    logger.info("%d answers, %d from the cache", findings.answers, findings.hits)
    assert findings.stale == []
    assert findings.hits >= HITS


@pytest.mark.contract("changes.gapless")
def test_a_mirror_that_reads_from_a_standby_misses_nothing(pair: Pair) -> None:
    """It reads while transactions begin and end in any order, of which the standby's snapshots know little."""
    pair.standby.catch_up()
    position: str = json.loads(pair.site.ask("/api/changes").body)["position"]
    known: Known = dict(catalogue(pair.primary))
    pages = 0
    with writers(pair.primary) as at_work:
        while at_work():
            position, _ = read(pair, known, position)
            pages += 1
    pair.standby.catch_up()
    more = True
    while more:
        position, more = read(pair, known, position)
    assert pages > 5
    assert {key: value for key, value in known.items() if value[1] is not None and key[0] == "movie"} == catalogue(
        pair.primary
    )


@pytest.mark.contract("limits.shared")
def test_a_standby_counts_reads_by_itself(pair: Pair) -> None:
    """It can note nothing where the others would see it. Every few seconds one request is given back meanwhile."""
    told = [pair.site.ask(f"/api/movies?limit={limit}").headers["ratelimit"] for limit in range(171, 181)]
    left = [int(text.partition("r=")[2].partition(";")[0]) for text in told]
    assert left[0] - left[-1] > 4


@pytest.fixture(scope="module")
def primary_site(pair: Pair) -> Iterator[Site]:
    with Site(pair.place, port=free_port()) as site:
        yield site.wait_until_ready()


def resume(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as there:
        there.execute("SELECT pg_wal_replay_resume()")


def tagline_of(answer: Answer) -> str:
    assert answer.status == 200, answer
    return str(json.loads(answer.body)["tagline"])


@pytest.mark.contract("fresh.own")
def test_whoever_has_written_reads_it_from_the_standby(pair: Pair, primary_site: Site) -> None:
    """Past an answer that is kept there, and good for whoever has not."""
    path = f"/api/movies/{first_films(pair.site, 1)[0]}"
    for number in range(3):
        change = json.dumps({"tagline": f"No. {number}"}).encode()
        kind = {"Content-Type": "application/merge-patch+json", "Authorization": f"Bearer {pair.token}"}
        pair.site.ask(path)
        position = primary_site.ask(path, method="PATCH", body=change, **kind).headers["write-position"]
        assert tagline_of(pair.site.ask(path, Write_Position=position)) == f"No. {number}"


@pytest.mark.contract("fresh.own", "fresh.own_wait")
def test_a_kept_answer_is_not_given_to_whoever_has_written_since(pair: Pair, primary_site: Site) -> None:
    path = f"/api/movies/{first_films(pair.site, 1)[0]}"
    kind = {"Content-Type": "application/merge-patch+json", "Authorization": f"Bearer {pair.token}"}
    with psycopg.connect(pair.url, autocommit=True) as there:
        pair.standby.catch_up()
        there.execute("SELECT pg_wal_replay_pause()")
        try:
            written = primary_site.ask(path, method="PATCH", body=b'{"tagline": "Mine"}', **kind)
            kept = [pair.site.ask(path) for _ in range(2)][1]
            threading.Timer(0.1, resume, [pair.url]).start()
            own = pair.site.ask(path, Write_Position=written.headers["write-position"])
        finally:
            there.execute("SELECT pg_wal_replay_resume()")
    assert "hit" in kept.headers["cache-status"]
    assert (tagline_of(kept) != "Mine", tagline_of(own)) == (True, "Mine")


CHANGES = {
    "a new film": ("POST", "/api/movies", {"title": "X", "genres": ["nonsense"]}, {"Idempotency-Key": "a"}),
    "an old version": ("PATCH", "/api/movies/1", {"year": 1999}, {"If-Match": '"0"'}),
    "nothing there": ("PATCH", "/api/movies/999999999", {"year": 1999}, {}),
    "a deletion": ("DELETE", "/api/movies/1", None, {}),
    "many": ("POST", "/api/movies/bulk?mode=insert", [{"title": "X"}], {}),
}
"""Each would be refused or done, had the primary been asked; a standby may be behind it."""


@pytest.mark.contract("errors.503")
@pytest.mark.parametrize("name", CHANGES)
def test_no_change_is_decided_on_a_standby(pair: Pair, name: str) -> None:
    method, path, value, more = CHANGES[name]
    kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
    headers = {"Authorization": f"Bearer {pair.token}", **({} if value is None else {"Content-Type": kind}), **more}
    answer = pair.site.ask(path, method=method, body=None if value is None else json.dumps(value).encode(), **headers)
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert "standby" in json.loads(answer.body)["detail"]
