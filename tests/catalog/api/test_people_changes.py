"""People made, replaced, changed and deleted."""

from typing import Any

import pytest

from catalog.models import Person
from catalog.values import Scope
from tests.catalog.api.client import Client, bearer
from tests.catalog.api.writing import Writer, full_film

WHOLE = {
    "name": "Andrei Tarkovsky",
    "birth_date": "1932-04-04",
    "death_date": "1986-01-01",
    "death_precision": "year",
    "external_ids": {"imdb": "nm0001789"},
}


@pytest.mark.contract("resources.people", "writes.post")
def test_a_person_is_created_with_their_address_and_tag(writer: Writer) -> None:
    answer = writer.post("/api/people", WHOLE)
    assert (answer.status, answer.json["birth_precision"]) == (201, "day")
    shown = writer.client.get(answer.headers["Location"])
    assert (shown.json, shown.headers["ETag"]) == (answer.json, answer.headers["ETag"])


def test_what_get_shows_can_be_put_back_and_changes_nothing(writer: Writer) -> None:
    address = writer.post("/api/people", WHOLE).headers["Location"]
    before = writer.client.get(address)
    assert writer.put(address, before.json).body == before.body


@pytest.mark.contract("writes.put", "resources.person")
def test_put_takes_away_what_it_does_not_name(writer: Writer) -> None:
    address = writer.post("/api/people", WHOLE).headers["Location"]
    answer = writer.put(address, {"name": "Andrei"}).json
    assert (answer["birth_date"], answer["death_precision"], answer["external_ids"]) == (None, None, {})


@pytest.mark.contract("writes.patch", "resources.person")
def test_patch_changes_only_what_it_names(writer: Writer) -> None:
    address = writer.post("/api/people", WHOLE).headers["Location"]
    answer = writer.patch(address, {"death_date": "1986-12-29", "death_precision": "day"}).json
    assert (answer["name"], answer["birth_date"], answer["death_date"]) == (WHOLE["name"], "1932-04-04", "1986-12-29")


def test_a_person_is_changed_only_at_the_version_that_is_meant(writer: Writer) -> None:
    made = writer.post("/api/people", WHOLE)
    address, tag = made.headers["Location"], made.headers["ETag"]
    assert writer.patch(address, {"name": "A"}, If_Match=tag).status == 200
    assert writer.patch(address, {"name": "B"}, If_Match=tag).status == 412


@pytest.mark.contract("writes.prefer")
def test_minimal_is_enough_for_who_prefers_it(writer: Writer) -> None:
    made = writer.post("/api/people", WHOLE, Prefer="return=minimal")
    assert (made.status, made.body, "ETag" in made.headers) == (201, b"", True)
    changed = writer.patch(made.headers["Location"], {"name": "A"}, Prefer="return=minimal")
    assert (changed.status, changed.body, changed.headers["Preference-Applied"]) == (204, b"", "return=minimal")


@pytest.mark.contract("errors.410", "resources.person")
def test_a_deleted_person_is_gone(writer: Writer) -> None:
    address = writer.post("/api/people", WHOLE).headers["Location"]
    assert writer.delete(address).status == 204
    assert (writer.client.get(address).status, writer.delete(address).status) == (410, 410)
    assert writer.client.get(f"{address}/credits").status == 410


@pytest.mark.contract("errors.409")
def test_who_is_in_a_film_is_not_deleted(writer: Writer) -> None:
    film = full_film()
    answer = writer.delete(f"/api/people/{film.cast.get().person_id}")
    assert (answer.status, f"/api/movies/{film.pk}" in answer.json["detail"]) == (409, True)
    assert Person.objects.exists()


@pytest.mark.parametrize(
    "value, pointer, code",
    [
        ({}, "#/name", "required"),
        ({"name": None}, "#/name", "wrong_type"),
        ({"name": "x" * 301}, "#/name", "too_long"),
        ({"birth_date": "1932-02-30"}, "#/birth_date", "bad_date"),
        ({"birth_precision": "day"}, "#/birth_precision", "misplaced"),
        ({"birth_date": "1990-01-01", "death_date": "1980-01-01"}, "#/death_date", "too_early"),
        ({"external_ids": {"imdb": "tt0111161"}}, "#/external_ids/imdb", "bad_form"),
        ({"born": 1932}, "#/born", "unknown_member"),
        ({"updated": None}, "#/updated", "read_only"),
    ],
)
def test_a_value_that_breaks_a_rule_is_told(writer: Writer, value: Any, pointer: str, code: str) -> None:
    answer = writer.post("/api/people", value)
    assert (answer.status, answer.codes.get(pointer)) == (422, code)


def test_an_external_id_of_somebody_else_is_a_clash(writer: Writer) -> None:
    address = writer.post("/api/people", WHOLE).headers["Location"]
    answer = writer.post("/api/people", {"name": "B", "external_ids": WHOLE["external_ids"]})
    assert (answer.status, address in answer.json["detail"]) == (409, True)


@pytest.mark.contract("writes.scopes")
def test_people_need_their_own_scope(client: Client) -> None:
    person = Person.objects.create(name="Ann")
    headers = bearer(Scope.WRITE_MOVIES)
    assert client.request("DELETE", f"/api/people/{person.pk}", headers=headers).status == 403


def test_an_external_id_leads_to_the_persons_own_address(writer: Writer) -> None:
    address = writer.post("/api/people", WHOLE).headers["Location"]
    answer = writer.patch("/api/people/imdb:nm0001789", {"name": "A"})
    assert (answer.status, answer.headers["Location"]) == (307, address)
