"""API.md, Limits and Resources: pages of other origins may read, and what every address does beside GET."""

import pytest

from tests.catalog.api.client import Client

ANSWERS = {"/api/movies": 200, "/api/nothing": 404, "/api/movies?limit=0": 400, "/api/movies/": 308}
ORIGIN = "https://elsewhere.example"


@pytest.mark.contract("limits.cors")
@pytest.mark.parametrize("path", ANSWERS)
def test_any_page_may_read_every_answer_and_no_origin_is_echoed(client: Client, path: str) -> None:
    answer = client.get(path, headers={"Origin": ORIGIN})
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (ANSWERS[path], "*")
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.contract("limits.exposed")
@pytest.mark.parametrize(
    "name", ["ETag", "Link", "RateLimit", "Location", "Write-Position", "X-Request-ID", "Retry-After"]
)
def test_a_page_may_see_the_headers_that_matter(client: Client, name: str) -> None:
    assert name in client.get("/api/movies").headers["Access-Control-Expose-Headers"].split(", ")


@pytest.mark.contract("addresses.options", "limits.cors")
def test_a_preflight_allows_what_the_address_has(client: Client) -> None:
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "if-match"}
    answer = client.request("OPTIONS", "/api/movies/1", headers=asked)
    assert answer.status == 204
    assert {"GET", "HEAD", "PATCH", "PUT", "DELETE", "OPTIONS"} == set(answer.headers["Allow"].split(", "))
    assert answer.headers["Access-Control-Allow-Methods"] == answer.headers["Allow"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.contract("addresses.slash")
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
def test_a_trailing_slash_is_led_on_with_its_method(client: Client, method: str) -> None:
    answer = client.request(method, "/api/movies/?limit=3")
    assert (answer.status, answer.headers["Location"]) == (308, "/api/movies?limit=3")


@pytest.mark.contract("fresh.vary")
@pytest.mark.parametrize("path", ["/api", "/api/movies", "/api/openapi.json", "/api/docs"])
def test_an_answer_says_what_it_was_chosen_by(client: Client, path: str) -> None:
    assert client.get(path).headers["Vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize("path", ["/api/nothing", "/api/movies?limit=0", "/api/movies/0"])
def test_a_refusal_is_not_kept_unasked(client: Client, path: str) -> None:
    assert client.get(path).headers["Cache-Control"] in {"no-cache", "no-store"}
