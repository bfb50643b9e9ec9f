"""docs/api.md, Addresses: every resource of one film or person is led to in the same way."""

from collections.abc import Callable

import pytest

from catalog import services
from catalog.api.app import ALL
from catalog.models import Film, Person
from tests.catalog.api.client import Client

FILM_PATHS = sorted({each.path for each in ALL if each.method == "GET" and each.path.startswith("/api/movies/{id}")})
PERSON_PATHS = sorted({each.path for each in ALL if each.method == "GET" and each.path.startswith("/api/people/{id}")})
PATHS = [*FILM_PATHS, *PERSON_PATHS]
TAKES_FIELDS = {each.path for each in ALL if each.method == "GET" and "fields" in each.parameters}


def make(path: str, name: str) -> int:
    """The id of a new film or person, as the path wants it."""
    if path in FILM_PATHS:
        return Film.objects.create(title=name, published=True).pk
    return Person.objects.create(name=name).pk


def merged(path: str) -> tuple[int, int]:
    """The old and the new id of two that are one now."""
    old, new = make(path, "a"), make(path, "b")
    merge: Callable[..., object] = services.merge_films if path in FILM_PATHS else services.merge_people
    merge(kept_id=new, merged_id=old)
    return old, new


def named(path: str) -> tuple[str, int]:
    """An external id, and ours."""
    pk = make(path, "a")
    owner: Film | Person = Film.objects.get(pk=pk) if path in FILM_PATHS else Person.objects.get(pk=pk)
    owner.external_ids.create(source="wikidata", value="Q172241")
    return "wikidata:Q172241", pk


@pytest.mark.contract("addresses.external", "addresses.redirects")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", PATHS)
def test_an_external_id_leads_to_our_own_with_the_query(client: Client, path: str, method: str) -> None:
    name, pk = named(path)
    query = "?fields=id" if path in TAKES_FIELDS else ""
    answer = client.request(method, path.replace("{id}", name) + query)
    assert (answer.status, answer.headers["Location"]) == (307, path.replace("{id}", str(pk)) + query)
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.contract("addresses.redirects")
@pytest.mark.parametrize("path", ["/api/movies/{external}", "/api/movies/{merged}", "/api/movies/"])
def test_a_redirect_has_no_content_and_no_type_of_it(client: Client, path: str) -> None:
    address = path.format(external=named(FILM_PATHS[0])[0], merged=merged(FILM_PATHS[0])[0])
    answer = client.get(address)
    assert (answer.status in {307, 308}, answer.body) == (True, b"")
    assert (answer.headers["Content-Length"], answer.headers.get("Content-Type")) == ("0", None)


@pytest.mark.contract("addresses.merged", "addresses.redirects")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", PATHS)
def test_the_id_of_what_was_merged_leads_to_what_stayed(client: Client, path: str, method: str) -> None:
    old, new = merged(path)
    query = "?fields=id" if path in TAKES_FIELDS else ""
    answer = client.request(method, path.replace("{id}", str(old)) + query)
    assert (answer.status, answer.headers["Location"]) == (308, path.replace("{id}", str(new)) + query)
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.contract("errors.410")
@pytest.mark.parametrize("path", PATHS)
def test_all_that_belongs_to_what_was_deleted_is_gone(client: Client, path: str) -> None:
    pk = make(path, "a")
    (Film if path in FILM_PATHS else Person)._default_manager.get(pk=pk).delete()
    answer = client.get(path.replace("{id}", str(pk)))
    assert (answer.status, answer.json["type"]) == (410, "/api/problems/gone")


@pytest.mark.contract("addresses.options")
@pytest.mark.parametrize("path", PATHS)
def test_an_external_id_has_the_methods_of_our_own(client: Client, path: str) -> None:
    answer = client.request("OPTIONS", path.replace("{id}", "imdb:tt0111161"))
    allowed = {each.method for each in ALL if each.path == path} | {"HEAD", "OPTIONS"}
    assert (answer.status, set(answer.headers["Allow"].split(", "))) == (204, allowed)
