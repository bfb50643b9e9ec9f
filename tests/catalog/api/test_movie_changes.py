"""Films made, replaced, changed and deleted."""

from typing import Any

import pytest

from catalog import services
from catalog.changes.models import Change
from catalog.models import Collection, Film, Genre, Person
from catalog.values import Scope
from tests.catalog.api.client import Client, bearer
from tests.catalog.api.writing import Writer, full_film

WHOLE: dict[str, Any] = {
    "title": "Solaris",
    "original_title": "Солярис",
    "year": 1972,
    "release_date": "1972-03-20",
    "runtime": 167,
    "overview": "A psychologist is sent to a station.",
    "original_language": "ru",
    "status": "released",
    "popularity": 3,
    "collection": {"name": "Tarkovsky's"},
    "genres": ["drama", {"slug": "science-fiction"}],
    "countries": ["SU"],
    "languages": [{"code": "ru", "name": "Russian"}],
    "keywords": [{"name": "Space Station"}],
    "companies": [{"name": "Mosfilm"}],
    "titles": [{"title": "Solyaris", "region": "DE", "kind": "alternative"}],
    "cast": [{"person": {"name": "Donatas Banionis"}, "character": "Kris Kelvin"}, {"person": {"name": "Jüri Järvet"}}],
    "crew": [{"person": {"name": "Andrei Tarkovsky"}, "department": "Directing", "job": "Director"}],
    "external_ids": {"imdb": "tt0069293", "tmdb": "593"},
    "ratings": [{"source": "imdb", "average": 8.0, "count": 100}],
}


@pytest.fixture(autouse=True)
def genres(db: None) -> None:
    for slug in ("drama", "science-fiction"):
        Genre.objects.create(slug=slug, name=slug.capitalize())


@pytest.mark.contract("resources.movies", "writes.post")
def test_a_film_is_created_with_its_address_and_tag(writer: Writer) -> None:
    answer = writer.post("/api/movies", {"title": "Solaris", "year": 1972})
    assert answer.status == 201
    address = answer.headers["Location"]
    assert (answer.json["title"], answer.json["year"], address) == ("Solaris", 1972, f"/api/movies/{answer.json['id']}")
    assert answer.headers["ETag"] == writer.client.get(address).headers["ETag"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_all_that_a_film_can_have_is_created_in_one_hop(writer: Writer) -> None:
    answer = writer.post("/api/movies", WHOLE)
    assert (answer.status, writer.client.executor.hops) == (201, 1)
    film = answer.json
    assert [each["slug"] for each in film["genres"]] == ["drama", "science-fiction"]
    assert [(each["person"]["name"], each["character"], each["order"]) for each in film["cast"]] == [
        ("Donatas Banionis", "Kris Kelvin", 0),
        ("Jüri Järvet", None, 1),
    ]
    assert film["keywords"] == [{"slug": "space-station", "name": "Space Station"}]
    assert (film["rating"], film["votes"], film["release_precision"]) == (8.0, 100, "day")
    assert film["external_ids"] == WHOLE["external_ids"]
    assert film == writer.client.get(answer.headers["Location"]).json


def test_what_get_shows_can_be_put_back_and_changes_nothing(writer: Writer) -> None:
    address = f"/api/movies/{full_film().pk}"
    before = writer.client.get(address)
    answer = writer.put(address, before.json)
    assert (answer.status, answer.body) == (200, before.body)
    assert answer.headers["ETag"] == before.headers["ETag"]


@pytest.mark.contract("writes.put", "resources.movie")
def test_put_takes_away_what_it_does_not_name(writer: Writer) -> None:
    film = full_film()
    kept = {"id", "title", "status", "version", "created", "updated"}
    answer = writer.put(f"/api/movies/{film.pk}", {"title": "Stalker"})
    assert {name for name, value in answer.json.items() if value} == kept
    assert Film.objects.get().published


@pytest.mark.contract("writes.patch", "resources.movie")
def test_patch_changes_only_what_it_names(writer: Writer) -> None:
    address = f"/api/movies/{full_film().pk}"
    before = writer.client.get(address).json
    after = writer.patch(address, {"runtime": 161, "tagline": None, "genres": []}).json
    changed = {name for name in before if before[name] != after[name]}
    assert changed - {"updated"} == {"runtime", "tagline", "genres", "version"}
    assert (after["runtime"], after["tagline"], after["genres"]) == (161, None, [])


def test_patch_merges_external_ids(writer: Writer) -> None:
    """RFC 7396: members of an object one by one, null takes one away."""
    address = f"/api/movies/{full_film().pk}"
    assert writer.patch(address, {"external_ids": {"tmdb": "1398"}}).json["external_ids"] == {
        "imdb": "tt0079944",
        "tmdb": "1398",
    }
    assert writer.patch(address, {"external_ids": {"imdb": None}}).json["external_ids"] == {"tmdb": "1398"}
    assert writer.patch(address, {"external_ids": None}).json["external_ids"] == {}


def test_an_empty_patch_changes_nothing(writer: Writer) -> None:
    film = full_film()
    answer = writer.patch(f"/api/movies/{film.pk}", {})
    assert (answer.status, answer.json["version"]) == (200, film.version)


def test_a_list_that_is_sent_again_in_part_touches_only_the_rest(writer: Writer) -> None:
    film = full_film()
    one = {"person": {"id": film.cast.get().person_id}, "character": "Stalker"}
    writer.patch(f"/api/movies/{film.pk}", {"cast": [{"person": {"name": "Anatoly Solonitsyn"}}, one]})
    assert list(film.cast.values_list("person__name", "order")) == [
        ("Anatoly Solonitsyn", 0),
        ("Alexander Kaidanovsky", 1),
    ]
    assert not Change.objects.filter(entity="cast", kind="deleted").exists()


def test_a_person_is_taken_by_name_where_one_has_it_and_made_where_none_has(writer: Writer) -> None:
    ann = Person.objects.create(name="Ann")
    cast = [{"person": {"name": "Ann"}}, {"person": {"name": "Eve"}, "character": "A"}]
    crew = [{"person": {"name": "Eve"}, "department": "Sound", "job": "Mixer"}]
    film = writer.post("/api/movies", {"title": "X", "cast": cast, "crew": crew}).json
    assert film["cast"][0]["person"]["id"] == ann.pk
    assert film["cast"][1]["person"] == film["crew"][0]["person"]
    assert Person.objects.count() == 2


def test_a_collection_is_taken_by_id_or_name(writer: Writer) -> None:
    first = writer.post("/api/movies", {"title": "X", "collection": {"name": "Alien"}}).json["collection"]
    second = writer.post("/api/movies", {"title": "Y", "collection": {"id": first["id"]}}).json["collection"]
    assert first == second
    assert Collection.objects.count() == 1


def test_a_new_company_gets_no_country_in_passing_but_an_old_one_may_be_named_with_it(writer: Writer) -> None:
    film = full_film()
    company = film.companies.get()
    shown = {"id": company.pk, "name": "Mosfilm", "country": "SU"}
    assert writer.post("/api/movies", {"title": "X", "companies": [shown]}).json["companies"] == [shown]


def test_the_log_knows_who_changed_what_in_which_request(writer: Writer) -> None:
    answer = writer.post("/api/movies", {"title": "X", "genres": ["drama"]}, X_Request_ID="abc")
    stamps = set(Change.objects.filter(film_id=answer.json["id"]).values_list("actor", "request_id"))
    assert stamps == {("robot", "abc")}


@pytest.mark.contract("writes.prefer")
def test_minimal_is_enough_for_who_prefers_it(writer: Writer) -> None:
    made = writer.post("/api/movies", {"title": "X"}, Prefer="return=minimal")
    assert (made.status, made.body, made.headers["Preference-Applied"]) == (201, b"", "return=minimal")
    address = made.headers["Location"]
    patched = writer.patch(
        address, {"year": 1999}, Prefer='respond-async, return="minimal"', If_Match=made.headers["ETag"]
    )
    assert (patched.status, patched.body) == (204, b"")
    assert patched.headers["ETag"] == writer.client.get(address).headers["ETag"]
    replaced = writer.put(address, {"title": "X"}, Prefer="return=minimal")
    assert (replaced.status, "ETag" in replaced.headers) == (204, False)


def test_a_representation_can_be_asked_for_too(writer: Writer) -> None:
    answer = writer.post("/api/movies", {"title": "X"}, Prefer="return=representation")
    assert (answer.json["title"], answer.headers["Preference-Applied"]) == ("X", "return=representation")
    assert answer.headers["Content-Location"] == answer.headers["Location"]


def test_a_draft_is_written_but_not_shown(writer: Writer) -> None:
    answer = writer.post("/api/movies", {"title": "X", "published": False})
    address = answer.headers["Location"]
    assert (answer.status, writer.client.get(address).status) == (201, 404)
    assert writer.patch(address, {"published": True}).status == 200
    assert writer.client.get(address).status == 200
    assert writer.patch(address, {"published": False}).status == 200
    assert writer.client.get(address).status == 404


@pytest.mark.contract("errors.410", "resources.movie")
def test_a_deleted_film_is_gone(writer: Writer) -> None:
    address = f"/api/movies/{full_film().pk}"
    answer = writer.delete(address)
    assert (answer.status, answer.body) == (204, b"")
    assert (writer.client.get(address).status, writer.delete(address).status) == (410, 410)
    assert writer.patch(address, {"year": 1999}).status == 410
    assert writer.client.get(f"{address}/credits").status == 410


@pytest.mark.contract("errors.410")
def test_a_tombstone_is_kept_for_thirty_days(writer: Writer) -> None:
    address = f"/api/movies/{full_film().pk}"
    writer.delete(address)
    Change.objects.update(at="2001-01-01T00:00:00Z")
    assert writer.client.get(address).status == 404


def test_a_draft_that_is_deleted_was_never_there(writer: Writer) -> None:
    address = writer.post("/api/movies", {"title": "X", "published": False}).headers["Location"]
    assert writer.delete(address).status == 204
    assert writer.client.get(address).status == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_what_is_not_there_cannot_be_changed(writer: Writer, method: str) -> None:
    value = None if method == "DELETE" else {"title": "X"}
    assert writer.send(method, "/api/movies/123456", value).status == 404
    assert writer.send(method, "/api/movies/imdb:tt0000001", value).status == 404
    assert writer.send(method, "/api/movies/9223372036854775808", value).status == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_an_external_id_leads_to_the_films_own_address(writer: Writer, method: str) -> None:
    film = full_film()
    answer = writer.send(method, "/api/movies/imdb:tt0079944", None if method == "DELETE" else {"title": "X"})
    assert (answer.status, answer.headers["Location"]) == (307, f"/api/movies/{film.pk}")
    assert Film.objects.get().title == "Stalker"


@pytest.mark.contract("writes.bearer", "writes.scopes", "errors.401", "errors.403")
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_change_needs_a_token_with_the_scope(client: Client, method: str) -> None:
    path = "/api/movies" if method == "POST" else f"/api/movies/{full_film().pk}"
    media_type = "application/merge-patch+json" if method == "PATCH" else "application/json"
    body = None if method == "DELETE" else b"{}"
    headers = {} if body is None else {"Content-Type": media_type}
    assert client.request(method, path, data=body, headers=headers).status == 401
    headers |= bearer(Scope.READ_MOVIES, Scope.WRITE_PEOPLE)
    answer = client.request(method, path, data=body, headers=headers)
    assert (answer.status, 'scope="movies:write"' in answer.headers["WWW-Authenticate"]) == (403, True)


@pytest.mark.contract("errors.409")
def test_an_external_id_that_another_film_has_is_a_clash_that_names_it(writer: Writer) -> None:
    film = full_film()
    answer = writer.post("/api/movies", {"title": "X", "external_ids": {"tmdb": "1", "imdb": "tt0079944"}})
    assert answer.status == 409
    assert answer.codes == {"#/external_ids/imdb": "taken"}
    assert f"/api/movies/{film.pk}" in answer.json["detail"]


@pytest.mark.contract("writes.whole")
def test_a_change_that_fails_leaves_nothing_behind(writer: Writer) -> None:
    full_film()
    films, people = Film.objects.count(), Person.objects.count()
    clashing = {**WHOLE, "external_ids": {"imdb": "tt0079944"}}
    assert writer.post("/api/movies", clashing).status == 409
    assert (Film.objects.count(), Person.objects.count(), Collection.objects.count()) == (films, people, 0)


@pytest.mark.contract("addresses.merged")
def test_the_old_id_of_a_merged_film_leads_on_with_method_and_query(writer: Writer) -> None:
    old, new = (writer.post("/api/movies", {"title": title}).json["id"] for title in "ab")
    services.merge_films(kept_id=new, merged_id=old)
    answer = writer.client.get(f"/api/movies/{old}?fields=id")
    assert (answer.status, answer.headers["Location"]) == (308, f"/api/movies/{new}?fields=id")
    assert writer.client.get(f"/api/movies/{old}/credits").headers["Location"] == f"/api/movies/{new}/credits"
    assert writer.patch(f"/api/movies/{old}", {"year": 1999}).status == 308
