"""The cache in the running process: what it leaves alone, and that nothing but its status tells it from none."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.live.conftest import PASSWORD
from tests.live.site import Answer, Curator, Place, Site
from tests.postgres import free_port

pytestmark = pytest.mark.live

LIST = "/api/movies?limit=10"
OWN = {"x-request-id", "date", "cache-status"}


@pytest.fixture(scope="module")
def uncached_site(filled_place: Place) -> Iterator[Site]:
    """The same films, served without a cache."""
    with Site(filled_place, port=free_port(), CACHE_MB="0") as running:
        yield running.wait_until_ready()


def kept(site: Site, path: str = LIST) -> Answer:
    """The answer from the cache; on PostgreSQL the first request finds no connection to ask, and is passed by."""
    for _ in range(200):
        answer = site.ask(path)
        if answer.headers["cache-status"] == "revision; hit":
            return answer
    raise AssertionError("nothing is kept")


def plain(answer: Answer) -> dict[str, str]:
    """The headers that do not belong to one answer alone."""
    return {name: value for name, value in answer.headers.items() if name not in OWN}


@pytest.mark.parametrize("path", ["/api", LIST, "/api/movies?ids=1,2,3", "/api/problems"])
def test_a_kept_answer_is_the_same_as_without_a_cache(site: Site, uncached_site: Site, path: str) -> None:
    hit, own = kept(site, path), uncached_site.ask(path)
    assert (hit.status, plain(hit), hit.body) == (own.status, plain(own), own.body)


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
def test_a_kept_coding_is_the_same_as_without_a_cache(site: Site, uncached_site: Site, coding: str) -> None:
    answers = [site.ask(LIST, Accept_Encoding=coding) for _ in range(2)]
    own = uncached_site.ask(LIST, Accept_Encoding=coding)
    assert {answer.body for answer in answers} == {own.body}
    assert plain(answers[1]) == plain(own)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_304_and_a_head_are_the_same_as_without_a_cache(site: Site, uncached_site: Site, method: str) -> None:
    tag = kept(site).headers["etag"]
    for headers in ({"If_None_Match": tag}, dict[str, str]()):
        hit, own = (each.ask(LIST, method=method, body=None, **headers) for each in (site, uncached_site))
        assert (hit.status, plain(hit), hit.body) == (own.status, plain(own), own.body)


def test_pages_that_are_asked_for_at_once_are_those_asked_for_alone(uncached_site: Site) -> None:
    paths = [f"/api/movies?sort=-year&limit={limit}" for limit in range(1, 41)]
    with ThreadPoolExecutor(20) as pool:
        at_once = list(pool.map(lambda path: uncached_site.ask(path).body, paths))
    assert at_once == [uncached_site.ask(path).body for path in paths]


def test_without_a_cache_no_answer_speaks_of_one(uncached_site: Site) -> None:
    assert "cache-status" not in uncached_site.ask(LIST).headers


def test_a_login_costs_no_kept_answer(site: Site) -> None:
    """It commits a session, which no answer shows."""
    kept(site)
    Curator(site).log_in("ann", PASSWORD)
    assert site.ask(LIST).headers["cache-status"] == "revision; hit"


@pytest.mark.parametrize("header", ["Authorization", "Cookie", "Range"])
def test_what_is_somebodys_own_meets_no_cache(site: Site, header: str) -> None:
    assert "cache-status" not in site.ask(LIST, method="GET", body=None, **{header: "x"}).headers


@pytest.mark.contract("addresses.upgrade")
@pytest.mark.parametrize("protocol,status", [("websocket", None), ("h2c", "revision; hit")])
def test_who_asks_for_another_protocol_gets_the_resource(site: Site, protocol: str, status: str | None) -> None:
    """A WebSocket is another kind of scope, which passes the cache by; it is answered anew, and never kept."""
    own = kept(site)
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    answer = site.ask(LIST, Connection="Upgrade", Upgrade=protocol, Sec_WebSocket_Key=key, Sec_WebSocket_Version="13")
    assert (answer.status, answer.body, answer.headers["etag"]) == (200, own.body, own.headers["etag"])
    assert answer.headers.get("cache-status") == status
    assert "surrogate-key" not in answer.headers
