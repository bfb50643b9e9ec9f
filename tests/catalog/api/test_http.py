"""What every resource does alike: methods, forms, addresses, and a problem for every error."""

import asyncio
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from catalog.api.app import ALL
from catalog.api.http.operations import EVENT_STREAM
from catalog.api.http.policies import digest
from catalog.api.http.problems import KINDS, body
from catalog.api.index import installed_version
from catalog.models import Film
from catalog.values import FILM_DETAIL_FIELDS, FILM_FIELDS, Scope
from catalog.values.resources import Film as FilmSchema
from catalog.values.resources import FilmSummary
from tests.catalog.api.client import Client, bearer, run_client
from tests.catalog.api.contract import TEMPLATES

PATHS = {each.path for each in ALL}
READ = {each.path for each in ALL if each.method == "GET"}
READABLE = sorted(
    each.path.replace("{slug}", "not-found")
    for each in ALL
    if each.method == "GET"
    and "{id}" not in each.path
    and not any(parameter.required for parameter in each.parameters.values())
    and each.scope is None
    and EVENT_STREAM not in each.offers
)
"""Every resource that stands in any catalogue, and comes to an end."""


@pytest.mark.contract("fresh.cache", "limits.cors", "limits.exposed", "resources.problems")
@pytest.mark.parametrize("path", READABLE)
def test_a_resource_is_fresh_and_readable_from_any_page(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Link" in answer.headers["Access-Control-Expose-Headers"]


def is_stream(path: str) -> bool:
    return path.endswith((".jsonl", ".csv"))


@pytest.mark.contract("addresses.head")
@pytest.mark.parametrize("path", READABLE)
def test_head_is_get_without_its_body(client: Client, path: str) -> None:
    plain = {"Accept-Encoding": "identity"}  # the client counts what it has decoded
    got, head = client.get(path, headers=plain), client.request("HEAD", path, headers=plain)
    assert (head.status, head.body) == (200, b"")
    # A stream's length is not known before it has been sent.
    assert head.headers.get("Content-Length") == (None if is_stream(path) else str(len(got.body)))


@pytest.mark.contract("addresses.options")
@pytest.mark.parametrize("path", READABLE)
def test_options_lists_the_methods(client: Client, path: str) -> None:
    answer = client.request("OPTIONS", path)
    assert (answer.status, answer.body) == (204, b"")
    own = {operation.method for operation in ALL if TEMPLATES[operation.path].fullmatch(path)}
    assert set(answer.headers["Allow"].split(", ")) == {*own, "HEAD", "OPTIONS"}
    assert answer.headers["Allow"] == answer.headers["Access-Control-Allow-Methods"]


@pytest.mark.contract("errors.405")
@pytest.mark.parametrize("path", READABLE)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"])
def test_another_method_is_not_allowed(client: Client, path: str, method: str) -> None:
    own = {operation.method for operation in ALL if TEMPLATES[operation.path].fullmatch(path)}
    answer = client.request(method, path)
    assert (answer.status == 405) == (method not in own)
    assert method in own or answer.headers["Allow"] == ", ".join(sorted({*own, "HEAD", "OPTIONS"}))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_literal_address_is_no_film_that_could_be_changed(client: Client, method: str) -> None:
    answer = client.request(method, "/api/movies/suggest", data=b"{}")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_a_missing_method_or_address_is_told_before_body_and_form(client: Client) -> None:
    """What is wrong with the rest of the request does not matter then."""
    rest: dict[str, Any] = {"data": b"{}", "headers": {"Accept": "text/html"}}
    assert client.request("PUT", "/api/movies", **rest).status == 405
    assert client.request("POST", "/api/nothing", **rest).status == 404


@pytest.mark.contract("filters.silence")
@pytest.mark.parametrize("path", READABLE)
def test_an_unknown_parameter_is_refused_everywhere(client: Client, path: str) -> None:
    assert client.get(f"{path}?colour=red").codes == {"#/colour": "unknown_parameter"}


@pytest.mark.contract("addresses.slash")
@pytest.mark.parametrize("path", READABLE)
def test_a_trailing_slash_is_led_on(client: Client, path: str) -> None:
    answer = client.get(f"{path}/?limit=3&genre=a%2Cb")
    assert answer.status == 308
    assert answer.headers["Location"] == f"{path}?limit=3&genre=a%2Cb"


@pytest.mark.contract("errors.404")
@pytest.mark.parametrize("path", ["/api/nothing", "/api/movies/1/2", "/apis", "/api/Movies", "/api//movies"])
def test_an_unknown_address_is_a_problem(client: Client, path: str) -> None:
    answer = client.request("GET", path)
    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert answer.json["instance"] == path
    assert client.request("OPTIONS", path).status == 404


def test_a_slash_leads_to_no_other_host(client: Client) -> None:
    """A redirect to `//host` would be one to that host."""
    answer = client.get("//elsewhere.example/")
    assert answer.status == 404


@pytest.mark.parametrize(
    "accept", ["application/json", "*/*", "application/*", "text/html, */*;q=0.1", "", "nonsense", "text/html;q=x"]
)
def test_json_is_given_to_whoever_can_take_it(client: Client, accept: str) -> None:
    answer = client.get("/api/movies", headers={"Accept": accept})
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")


@pytest.mark.contract("errors.406")
@pytest.mark.parametrize("accept", ["text/html", "application/xml", "application/json;q=0", "*/*;q=0"])
def test_without_an_acceptable_form_the_answer_is_406(client: Client, accept: str) -> None:
    answer = client.get("/api/movies", headers={"Accept": accept})
    assert (answer.status, answer.headers["Content-Type"]) == (406, "application/problem+json")


@pytest.mark.contract("errors.406")
def test_several_lines_of_accept_are_one(client: Client) -> None:
    """RFC 9110, 5.2: their order says nothing, the weights do."""
    lines = [("Accept", "text/html;q=0.5"), ("Accept", "application/json")]
    for headers in (lines, lines[::-1]):
        answers = [client.get(path, headers=headers) for path in ("/api/movies", "/api/problems")]
        assert [answer.status for answer in answers] == [200, 200]
        assert answers[1].headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize("path", READABLE)
def test_a_body_on_a_read_is_refused(client: Client, path: str) -> None:
    assert client.request("GET", path, data=b"{}").codes == {"#": "body"}


@pytest.mark.contract("errors.417")
@pytest.mark.parametrize("expect,status", [("100-continue", 400), ("200-ok", 417)])
def test_an_expectation_is_answered_before_the_body_is_sent(client: Client, expect: str, status: int) -> None:
    head = f"GET /api HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: {expect}\r\n\r\n"
    first = client.raw(head.encode())
    assert first.startswith(f"HTTP/1.1 {status} ".encode())


def test_an_expectation_without_a_body_is_met(client: Client) -> None:
    head = b"GET /api HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n"
    assert client.raw(head).startswith(b"HTTP/1.1 200 ")


@pytest.mark.contract("resources.index")
def test_the_index_leads_to_every_resource(client: Client) -> None:
    links = client.get("/api").json["links"]
    assert {link.partition("{?")[0] for link in links.values()} == PATHS
    robot = bearer(Scope.READ_MOVIES)
    read = [link for link in links.values() if link in READ and "{" not in link]
    assert {client.request("HEAD", link, headers=robot).status for link in read} == {200}


@pytest.mark.contract("resources.index")
def test_the_index_says_the_version_of_the_package(client: Client) -> None:
    assert client.get("/api").json["version"] == installed_version("moviedb")


def test_a_package_that_is_not_installed_has_no_version() -> None:
    assert installed_version("a package that nobody has made") is None


@pytest.mark.contract("resources.problem", "errors.members")
def test_every_type_of_problem_explains_itself(client: Client) -> None:
    for problem in client.get("/api/problems").json["data"]:
        explained = client.get(problem["type"])
        assert (explained.status, explained.json["title"]) == (200, problem["title"])


@pytest.mark.contract("resources.problems", "resources.problem")
@pytest.mark.parametrize("path", ["/api/problems", "/api/problems/not-found"])
def test_people_get_a_page_about_a_problem(client: Client, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (answer.headers["Content-Type"], answer.headers["Vary"]) == ("text/html; charset=utf-8", "Accept")
    assert b"There is nothing here" in answer.body


@pytest.mark.parametrize("path", ["/api/problems", "/api/problems/gone"])
def test_a_page_about_a_problem_runs_nothing_and_loads_nothing(client: Client, path: str) -> None:
    """Its one style stands within, and the policy names it by its hash."""
    answer = client.get(path, headers={"Accept": "text/html"})
    page, policy = answer.body.decode(), answer.headers["Content-Security-Policy"]
    (style,) = re.findall(r"<style>(.*?)</style>", page)
    assert policy.startswith(f"default-src 'none'; style-src {digest(style)}; ")
    assert not re.search(r"<script|style=|src=|//", page)
    assert "Content-Security-Policy" not in client.get(path).headers


def test_an_unknown_type_of_problem_is_not_found(client: Client) -> None:
    assert client.get("/api/problems/nonsense").status == 404


@pytest.mark.contract("errors.problem", "errors.members")
def test_a_problem_has_the_members_of_the_standard(client: Client) -> None:
    answer = client.get("/api/movies/1", headers={"X-Request-ID": "abc-1"})
    assert answer.json == {
        "type": "/api/problems/not-found",
        "title": "There is nothing here",
        "status": 404,
        "detail": "There is no film 1.",
        "instance": "/api/movies/1",
        "request_id": "abc-1",
    }


def test_a_problem_without_a_type_of_its_own_is_blank() -> None:
    assert b'"type":"about:blank","title":"I\'m a Teapot","status":418' in body(418, "short", "/", "")


def test_a_problem_survives_bytes_that_are_no_text() -> None:
    assert b'"instance":"/?"' in body(404, "none", "/\udcff", "")


@pytest.mark.parametrize("status", KINDS)
def test_every_kind_has_words_for_people(status: int) -> None:
    kind = KINDS[status]
    assert kind.explanation.endswith(".")
    assert kind.slug == kind.slug.lower()


class FailingExecutor:
    """An executor on which every unit fails."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def run(self, unit: Callable[[], Any], *, write: bool = False) -> Any:  # noqa: ARG002  it never gets to it
        raise self.error

    def settle(self) -> None:
        """Nothing is ever under way."""


@pytest.fixture
def failing(request: pytest.FixtureRequest) -> Iterator[Client]:
    yield from run_client(FailingExecutor(request.param))


@pytest.mark.contract("errors.503")
@pytest.mark.parametrize(
    "failing,retry", [(asyncio.QueueFull(), "1"), (ConnectionError("host=secret"), "5")], indirect=["failing"]
)
def test_trouble_that_passes_says_when_to_ask_again(failing: Client, retry: str) -> None:
    answer = failing.get("/api/movies")
    assert (answer.status, answer.headers["Retry-After"]) == (503, retry)
    assert b"secret" not in answer.body


@pytest.mark.contract("errors.500", "errors.discreet")
@pytest.mark.parametrize("failing", [RuntimeError("SELECT secret FROM /srv/db")], indirect=True)
def test_a_fault_of_ours_is_logged_and_not_shown(failing: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="catalog.api"):
        answer = failing.get("/api/movies", headers={"X-Request-ID": "abc-1"})
    assert (answer.status, answer.json["request_id"]) == (500, "abc-1")
    assert b"secret" not in answer.body
    assert "abc-1" in caplog.text
    assert "SELECT secret" in caplog.text


@pytest.mark.parametrize("failing", [ConnectionResetError()], indirect=True)
def test_a_client_that_has_gone_is_no_database_that_is_away(failing: Client) -> None:
    """Writing to a closed socket raises the same family of errors."""
    assert failing.get("/api/movies", declared=False).status != 503


def test_a_request_needs_one_hop(client: Client) -> None:
    """The list, one film and an external id are each one unit of the executor."""
    film = Film.objects.create(title="Alien", published=True)
    film.external_ids.create(source="imdb", value="tt0078748")
    paths = ("/api/movies?limit=0&genre=x", f"/api/movies/{film.pk}", "/api/movies/imdb:tt0078748", "/api/genres")
    for path in paths:
        before = client.executor.hops
        client.get(path)
        assert client.executor.hops == before + 1


def test_the_schemas_of_films_name_what_answers_show() -> None:
    assert FilmSummary.__struct_fields__ == FILM_FIELDS
    assert FilmSchema.__struct_fields__ == FILM_DETAIL_FIELDS
