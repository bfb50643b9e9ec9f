"""What one running process answers, over TCP."""

import json

import pytest

from tests.live.conftest import PASSWORD
from tests.live.site import Curator, Form, Site

pytestmark = pytest.mark.live


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/", "/api", "/api/movies", "/admin/login/"])
def test_each_door_opens(site: Site, path: str) -> None:
    answer = site.ask(path)
    assert answer.status == 200, answer.body
    assert answer.body


def test_the_sample_is_in_the_list(site: Site) -> None:
    page = json.loads(site.ask("/api/movies?limit=10").body)
    assert len(page["data"]) == 10
    assert page["page"]["limit"] == 10
    assert page["page"]["next"]


def test_walking_the_cursor_meets_each_film_once(site: Site) -> None:
    address, seen = "/api/movies?limit=7", list[int]()
    while address:
        page = json.loads(site.ask(address).body)
        seen += [film["id"] for film in page["data"]]
        address = page["page"]["next"]
    assert len(seen) == len(set(seen)) >= 60


def test_the_login_page_brings_its_own_style(site: Site) -> None:
    page = site.ask("/admin/login/").body.decode()
    sheet = next(word.split('"')[1] for word in page.split("href=")[1:] if ".css" in word.split('"')[1])
    answer = site.ask(sheet)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/css")


@pytest.mark.parametrize("path", ["/api/movies", "/admin/login/", "/"])
def test_a_name_that_is_not_ours_is_refused_as_a_problem(site: Site, path: str) -> None:
    answer = site.ask(path, Host="evil.example")
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.body)["status"] == 400


def test_a_probe_may_come_by_address(site: Site) -> None:
    assert site.ask("/livez", Host="10.1.2.3").status == 200


@pytest.mark.parametrize("path, status", [("/nothing", 404), ("/api/nothing", 404), ("/api/movies/0", 404)])
def test_an_unknown_address_is_a_problem(site: Site, path: str, status: int) -> None:
    answer = site.ask(path)
    assert answer.status == status
    assert json.loads(answer.body)["status"] == status


def test_a_request_id_comes_back(site: Site) -> None:
    assert site.ask("/api/movies?limit=1", X_Request_ID="from-the-client.7").headers["x-request-id"] == (
        "from-the-client.7"
    )


def test_the_server_does_not_name_itself(site: Site) -> None:
    for path in ("/", "/api", "/admin/login/"):
        assert not {"server", "x-powered-by"} & set(site.ask(path).headers)


def test_whoever_is_not_logged_in_is_sent_to_the_login(site: Site) -> None:
    answer = site.ask("/admin/")
    assert answer.status == 302
    assert answer.headers["location"] == "/admin/login/?next=/admin/"


@pytest.mark.contract("fresh.promise")
def test_a_film_edited_in_the_admin_is_seen_by_the_very_next_request(site: Site, film_id: int) -> None:
    curator = Curator(site)
    assert curator.log_in("ann", PASSWORD).headers.get("location") == "/admin/"
    before = json.loads(site.ask(f"/api/movies/{film_id}").body)["title"]
    for title in (f"{before}, seen anew", before):
        saved = curator.submit(f"/admin/catalog/film/{film_id}/change/", title=title)
        assert saved.status == 302, saved.body
        assert json.loads(site.ask(f"/api/movies/{film_id}").body)["title"] == title


def test_a_wrong_password_opens_nothing(site: Site) -> None:
    curator = Curator(site)
    assert curator.log_in("ann", "a guess").status == 200
    assert curator.open("/admin/").status == 302


def test_a_form_is_read_as_a_browser_sends_it() -> None:
    page = b"""<form><input name=a value=1><input type=checkbox name=b><input type=checkbox name=c checked>
    <select name=d><option value=x><option value=y selected></select><textarea name=e>one &amp; two</textarea>
    <input type=submit name=f value=Save></form>"""
    assert Form(page).fields == [("a", "1"), ("c", "on"), ("d", "y"), ("e", "one & two")]
