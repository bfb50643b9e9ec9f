"""Entity tags and conditional reads."""

import pytest

from catalog.api.http.validators import entity_tag, still_has
from catalog.models import Film
from tests.catalog.api.client import Client

TAG = '"3.abc.br"'


@pytest.fixture
def film(db: None) -> Film:
    return Film.objects.create(title="Alien", published=True)


@pytest.mark.contract("fresh.etag")
def test_a_tag_names_version_digest_and_coding() -> None:
    version, digest, coding = entity_tag(b"{}", "br", 3).strip('"').split(".")
    assert (version, len(digest), coding) == ("3", 16, "br")


def test_other_bytes_another_coding_or_version_is_another_tag() -> None:
    tags = {
        entity_tag(b"a", "br", 1),
        entity_tag(b"b", "br", 1),
        entity_tag(b"a", "gzip", 1),
        entity_tag(b"a", "br", 2),
    }
    assert len(tags) == 4


@pytest.mark.contract("fresh.if_none_match")
@pytest.mark.parametrize(
    "values,has",
    [
        ([], False),
        ([TAG], True),
        ([f"W/{TAG}"], True),
        (["*"], True),
        (['"a", ' + TAG], True),
        (['"a"', TAG], True),
        (['"x, ' + TAG[1:]], False),
        (['"3.abc.gzip"'], False),
        (["3.abc.br"], False),
        ([""], False),
    ],
)
def test_if_none_match_lists_tags_and_is_compared_weakly(values: list[str], has: bool) -> None:
    assert still_has(values, TAG) is has


@pytest.mark.contract("fresh.if_none_match")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_client_has_is_not_sent_again(client: Client, film: Film, method: str) -> None:
    path = f"/api/movies/{film.pk}"
    first = client.get(path)
    again = client.request(method, path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", first.headers["ETag"])


def test_a_304_describes_no_body(client: Client, film: Film) -> None:
    """RFC 9110, 15.4.5: what is not needed to update the stored answer should not be sent."""
    answer = client.get("/api/movies", headers={"If-None-Match": "*"})
    assert not {"Content-Type", "Content-Length", "Content-Encoding", "Link"} & set(answer.headers)
    assert (answer.headers["Vary"], answer.headers["Cache-Control"]) == ("Accept, Accept-Encoding", "no-cache")


@pytest.mark.contract("fresh.etag")
def test_each_coding_has_a_tag_of_its_own(client: Client, film: Film) -> None:
    path = f"/api/movies/{film.pk}"
    tags = {client.get(path, headers={"Accept-Encoding": coding}).headers["ETag"] for coding in ("br", "identity")}
    assert len(tags) == 2


@pytest.mark.contract("fresh.etag")
def test_a_films_tag_begins_with_its_version_even_where_that_is_not_shown(client: Client, film: Film) -> None:
    answer = client.get(f"/api/movies/{film.pk}?fields=title")
    assert answer.json == {"title": "Alien"}
    assert answer.headers["ETag"].startswith(f'"{film.version}.')


def test_a_changed_list_has_another_tag(client: Client, film: Film) -> None:
    before = client.get("/api/movies").headers["ETag"]
    Film.objects.create(title="Aliens", published=True)
    assert client.get("/api/movies", headers={"If-None-Match": before}).status == 200


def test_the_order_of_parameters_changes_no_byte(client: Client, film: Film) -> None:
    Film.objects.create(title="Aliens", published=True)
    one, other = client.get("/api/movies?limit=1&sort=-id"), client.get("/api/movies?sort=-id&limit=1")
    assert (one.body, one.headers["ETag"]) == (other.body, other.headers["ETag"])
