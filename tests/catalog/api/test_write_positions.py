"""The header Write-Position: told by every change on PostgreSQL, brought back by any read."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from django.db import connection

from catalog.api import bulk
from catalog.api.app import ALL
from catalog.api.http.write_positions import LENGTH, NAME, decoded, encoded
from catalog.changes import replay
from catalog.models import Person
from catalog.values.replication import WritePosition
from tests.catalog.api.client import Answer, Client
from tests.catalog.api.contract import DOCUMENT, operations, resolved
from tests.catalog.api.writing import Writer, full_film
from tests.catalog.changes.test_positions import only_on

POSITION = WritePosition(0x16_B374_D848, 2, 81, 1_700_000_000_123_456)
BEGINNING = WritePosition(0, 1, 0, 0)

FILM, PERSON, WEBHOOK = "/api/movies/{film}", "/api/people/{person}", "/api/webhooks/{webhook}"
ADDRESS = {"url": "https://films.example.org/hook"}
CHANGES: dict[str, tuple[str, str, Any]] = {
    "create_movie": ("POST", "/api/movies", {"title": "X"}),
    "replace_movie": ("PUT", FILM, {"title": "X"}),
    "change_movie": ("PATCH", FILM, {"title": "X"}),
    "delete_movie": ("DELETE", FILM, None),
    "write_movies": ("POST", "/api/movies/bulk?mode=insert", [{"title": "X"}]),
    "create_person": ("POST", "/api/people", {"name": "X"}),
    "replace_person": ("PUT", PERSON, {"name": "X"}),
    "change_person": ("PATCH", PERSON, {"name": "X"}),
    "delete_person": ("DELETE", PERSON, None),
    "create_webhook": ("POST", "/api/webhooks", ADDRESS),
    "delete_webhook": ("DELETE", WEBHOOK, None),
}
"""Each operation that changes something, as it succeeds."""


@pytest.fixture
def replicated(db: None) -> None:
    only_on("postgresql")


REPLICATED = pytest.mark.usefixtures("replicated")
"""About a database that has more than one server; the tests' own stands for the primary."""

READS = sorted({each.path for each in ALL if each.method == "GET"})


@pytest.mark.parametrize("position", [POSITION, BEGINNING, WritePosition(2**63 - 1, 2**31 - 1, 2**63 - 1, -1)])
def test_a_position_is_read_as_it_was_written(position: WritePosition) -> None:
    assert decoded(encoded(position)) == position
    assert len(encoded(position)) == LENGTH


def mistyped() -> Iterator[str]:
    """Values that are none: cut, stretched, changed in a place, spelt in another way, of other characters."""
    right = encoded(POSITION)
    yield from ("", "0/16B374D848", "x" * 60_000, right[:-1], f"{right}A", f"{right}=", f"{right}, {right}")
    yield from (f"{right[:20]}{'A' if right[20] != 'A' else 'B'}{right[21:]}", right[:-1] + "é", "-" + right[1:])
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    yield right[:-1] + last[last.index(right[-1]) + 1]


@pytest.mark.contract("promise.opaque")
@pytest.mark.parametrize("text", list(mistyped()), ids=lambda text: text[:50])
def test_what_is_no_position_is_known(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the text itself is all that it says
        decoded(text)


@pytest.mark.contract("fresh.own_bad")
@pytest.mark.parametrize("path", READS)
def test_every_read_refuses_what_is_no_position(client: Client, path: str) -> None:
    path = path.replace("{id}", "1").replace("{slug}", "gone")
    answer = client.get(path, headers={NAME: encoded(POSITION)[:-1]})
    assert (answer.status, answer.codes) == (400, {"#": "bad_position"})
    assert NAME in answer.json["detail"]


@pytest.mark.contract("fresh.own_bad")
def test_two_positions_are_one_too_many(client: Client) -> None:
    answer = client.get("/api/movies", headers=[(NAME, encoded(BEGINNING))] * 2)
    assert answer.codes == {"#": "bad_position"}


def sent(writer: Writer, name: str, **headers: str) -> Answer:
    """The answer to a change, of which each has its own row."""
    method, path, value = CHANGES[name]
    ids = {}
    if "{film}" in path:
        ids["film"] = full_film().pk
    if "{person}" in path:
        ids["person"] = Person.objects.create(name="Y").pk
    if "{webhook}" in path:
        ids["webhook"] = writer.post("/api/webhooks", ADDRESS).json["id"]
    return writer.send(method, path.format(**ids), value, **headers)


def test_every_change_is_looked_at() -> None:
    assert CHANGES.keys() == {each.id for each in ALL if each.method != "GET"}


@pytest.mark.contract("fresh.own")
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_says_where_the_database_stands_after_it(writer: Writer, name: str) -> None:
    answer = sent(writer, name)
    assert answer.status < 300
    assert (NAME in answer.headers) == (connection.vendor == "postgresql")
    shown = writer.client.get("/api/movies", headers={NAME: answer.headers.get(NAME, encoded(POSITION))})
    assert shown.status == 200


@REPLICATED
@pytest.mark.contract("fresh.own")
@pytest.mark.parametrize("name", ["create_movie", "write_movies", "create_webhook"])
def test_an_answer_that_is_given_again_says_where_it_stands_by_then(writer: Writer, name: str) -> None:
    first, again = sent(writer, name, Idempotency_Key="a"), sent(writer, name, Idempotency_Key="a")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert decoded(again.headers[NAME]).lsn >= decoded(first.headers[NAME]).lsn
    assert decoded(again.headers[NAME]).row_id >= decoded(first.headers[NAME]).row_id


@REPLICATED
def test_the_row_is_the_request_s_own_though_another_has_come_after(writer: Writer) -> None:
    writer.post("/api/movies", {"title": "X"}, X_Request_ID="mine")
    other = decoded(writer.post("/api/movies", {"title": "Y"}, X_Request_ID="another").headers[NAME])
    own, unknown = replay.written("mine"), replay.written("nobody's")
    assert own is not None
    assert own.row_id < other.row_id
    assert unknown is not None
    assert unknown.row_id == other.row_id


@pytest.mark.parametrize("path", ["/api/movies/999999999", "/api/movies/imdb:tt0078748"])
def test_what_changes_nothing_says_nothing(writer: Writer, path: str) -> None:
    full_film()
    answer = writer.patch(path, {"year": 1980})
    assert answer.status in {307, 404}
    assert NAME not in answer.headers


@REPLICATED
@pytest.mark.contract("fresh.own")
def test_a_bulk_write_that_breaks_off_tells_of_what_is_written(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BATCH_ROWS", 1)
    monkeypatch.setattr(bulk, "ROWS_LIMIT", 3)
    answer = writer.post("/api/movies/bulk?mode=insert", [{"title": title} for title in "abcd"])
    assert (answer.status, NAME in answer.headers) == (413, True)


AHEAD = msgspec.structs.replace(BEGINNING, lsn=2**63 - 1)


@REPLICATED
@pytest.mark.contract("fresh.own_lost", "errors.412")
@pytest.mark.parametrize("path", ["/api/movies", "/api/stats", "/api/movies.csv", "/api/changes/stream"])
def test_a_primary_that_has_not_come_so_far_never_will(client: Client, path: str) -> None:
    answer = client.get(path, headers={NAME: encoded(AHEAD)})
    assert (answer.status, NAME in answer.json["detail"]) == (412, True)


@REPLICATED
@pytest.mark.contract("fresh.own_lost")
def test_a_write_of_another_history_is_not_there(writer: Writer) -> None:
    """Its row has the id of another one."""
    position = decoded(writer.post("/api/movies", {"title": "X"}).headers[NAME])
    other = encoded(msgspec.structs.replace(position, row_at=position.row_at - 1))
    assert writer.client.get("/api/movies", headers={NAME: other}).status == 412


@pytest.mark.contract("fresh.own")
def test_the_document_tells_of_it_with_every_read_and_every_change() -> None:
    for method, _, operation in operations():
        taken = {each["name"] for each in map(resolved, operation["parameters"])}
        told = [NAME in answer["headers"] for status, answer in operation["responses"].items() if status < "300"]
        assert (NAME in taken, all(told)) == ((True, False) if method in {"get", "head"} else (False, True))
    assert NAME in DOCUMENT["components"]["headers"]
