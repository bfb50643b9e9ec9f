"""Many films in one request."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
import pytest

from catalog.api import bulk
from catalog.api.http.problems import BadRequest
from catalog.api.http.rows import ArrayRows, LineRows
from catalog.api.keys import Policy
from catalog.changes.models import Change
from catalog.models import Film
from tests.catalog.api.client import Answer, SharedConnectionExecutor, run_client
from tests.catalog.api.writing import Writer, full_film

UPSERT = "/api/movies/bulk?key=imdb_id"


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"title": f"Film {number}", "external_ids": {"imdb": f"tt{number:07}"}, **more}


def lines(writer: Writer, path: str, rows: list[Any]) -> Answer:
    body = b"\n".join(each if isinstance(each, bytes) else msgspec.json.encode(each) for each in rows)
    return writer.post(path, body, Content_Type="application/jsonl")


@pytest.mark.contract("resources.bulk")
def test_rows_are_made_and_changed_by_key(writer: Writer) -> None:
    film = full_film()
    answer = writer.post(UPSERT, [row(1), {"external_ids": {"imdb": "tt0079944"}, "runtime": 161}])
    assert (answer.status, answer.json["created"], answer.json["updated"]) == (200, 1, 1)
    assert [each["status"] for each in answer.json["rows"]] == [201, 200]
    film.refresh_from_db()
    assert (film.runtime, film.title) == (161, "Stalker")


@pytest.mark.contract("resources.bulk")
def test_json_lines_are_rows_too(writer: Writer) -> None:
    answer = lines(writer, UPSERT, [row(1), b"", row(2)])
    assert (answer.status, answer.json["created"], Film.objects.count()) == (200, 2, 2)


def test_the_same_again_changes_nothing(writer: Writer) -> None:
    writer.post(UPSERT, [row(1)])
    before = Change.objects.count()
    assert writer.post(UPSERT, [row(1)]).json["updated"] == 1
    assert Change.objects.count() == before


@pytest.mark.contract("errors.partial")
def test_a_row_that_fails_leaves_the_others(writer: Writer) -> None:
    full_film()
    bad = [row(3, year=1), {"title": "X"}, b"{", [], row(4, external_ids={"imdb": "tt0000004", "tmdb": "x"})]
    answer = lines(writer, UPSERT, [row(1), *bad, row(2)])
    assert (answer.status, answer.json["created"], answer.json["failed"]) == (207, 2, 5)
    problems = {each["row"]: each["problem"] for each in answer.json["rows"] if "problem" in each}
    assert [problems[number]["status"] for number in (1, 2, 3, 4, 5)] == [422, 422, 400, 422, 422]
    assert problems[1]["errors"][0]["pointer"] == "#/year"
    assert Film.objects.count() == 3


def test_a_row_with_several_faults_says_how_many_and_lists_them(writer: Writer) -> None:
    [result] = writer.post(UPSERT, [{"titel": "X"}]).json["rows"]
    assert result["problem"]["detail"] == f"The row has {len(result['problem']['errors'])} faults: see errors."


@pytest.mark.contract("resources.bulk", "writes.whole")
def test_atomic_rows_are_all_written_or_none(writer: Writer) -> None:
    answer = writer.post(f"{UPSERT}&atomic=true", [row(1), row(2, year=1), row(3, genres=["x"])])
    assert (answer.status, answer.codes) == (422, {"#/1/year": "out_of_range", "#/2/genres/0": "unknown_value"})
    assert not Film.objects.exists()
    assert writer.post(f"{UPSERT}&atomic=true", [row(1), row(2)]).json["created"] == 2


@pytest.mark.contract("resources.bulk")
def test_a_trial_tells_and_writes_nothing(writer: Writer) -> None:
    answer = writer.post(f"{UPSERT}&dry_run=true", [row(1), row(1, year=1999), row(2, year=1)])
    assert (answer.status, [each["status"] for each in answer.json["rows"]]) == (207, [201, 200, 422])
    assert (answer.json["dry_run"], Film.objects.exists()) == (True, False)


@pytest.mark.contract("resources.bulk")
@pytest.mark.parametrize("mode, status", [("insert", 409), ("update", 200)])
def test_a_mode_says_what_becomes_of_a_film_that_is_there(writer: Writer, mode: str, status: int) -> None:
    writer.post(UPSERT, [row(1)])
    assert [each["status"] for each in writer.post(f"{UPSERT}&mode={mode}", [row(1)]).json["rows"]] == [status]


@pytest.mark.parametrize("mode, status", [("insert", 201), ("update", 404)])
def test_a_mode_says_what_becomes_of_a_film_that_is_not_there(writer: Writer, mode: str, status: int) -> None:
    assert [each["status"] for each in writer.post(f"{UPSERT}&mode={mode}", [row(1)]).json["rows"]] == [status]


def test_without_a_key_every_row_is_new(writer: Writer) -> None:
    answer = writer.post("/api/movies/bulk?mode=insert", [{"title": "X"}, {"title": "X"}])
    assert (answer.json["created"], Film.objects.count()) == (2, 2)


def test_a_film_may_be_told_by_our_own_id(writer: Writer) -> None:
    film = full_film()
    rows: list[Any] = [{"id": film.pk, "year": 1980}, {"id": 99, "title": "X"}, {"title": "X"}, {"id": "1"}]
    answer = writer.post("/api/movies/bulk?key=id", rows)
    assert [each["status"] for each in answer.json["rows"]] == [200, 404, 422, 422]


@pytest.mark.parametrize(
    "query, pointer, code",
    [
        ("", "#/key", "required"),
        ("key=imdb", "#/key", "unknown_key"),
        ("key=imdb_id&mode=replace", "#/mode", "unknown_mode"),
        ("key=imdb_id&atomic=1", "#/atomic", "unknown_value"),
        ("key=imdb_id&dryrun=true", "#/dryrun", "unknown_parameter"),
    ],
)
def test_a_query_that_means_nothing_is_a_bad_request(writer: Writer, query: str, pointer: str, code: str) -> None:
    answer = writer.post(f"/api/movies/bulk?{query}", [])
    assert (answer.status, answer.codes) == (400, {pointer: code})


@pytest.mark.parametrize("body", [b"{}", b"7", b"[1", b"", b"[] []", b'["a', b"[}", b"x[]", b"[1]x"])
def test_what_is_no_array_is_refused(writer: Writer, body: bytes) -> None:
    assert writer.post(UPSERT, body, Content_Type="application/json").status == 400


@pytest.mark.contract("limits.atomic")
def test_more_rows_than_a_transaction_bears_are_refused(writer: Writer) -> None:
    answer = lines(writer, f"{UPSERT}&atomic=true", [b"{}"] * 10_001)
    assert (answer.status, "10,000 rows" in answer.json["detail"]) == (413, True)


def test_many_rows_are_written_in_several_hops(writer: Writer) -> None:
    answer = lines(writer, UPSERT, [row(number) for number in range(250)])
    assert (answer.json["created"], writer.client.executor.hops) == (250, 4)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_an_array_is_read_in_any_pieces(size: int) -> None:
    body = b' [ {"a": "]\\\\\\"[,"} , [1,{"b":"\\\\"}], "x,y" ,7]\n'
    rows = ArrayRows(1000)
    found = [row for at in range(0, len(body), size) for row in rows.feed(body[at : at + size])]
    assert list(rows.close()) == []
    assert [msgspec.json.decode(each) for each in found] == msgspec.json.decode(body)


@pytest.mark.parametrize(
    "body, count", [(b"[]", 0), (b" [ ] ", 0), (b"[1]", 1), (b"[1,]", 2), (b"[,1]", 2), (b"[,]", 2)]
)
def test_the_rows_of_an_array_are_counted_with_the_empty_ones(body: bytes, count: int) -> None:
    assert len(list(ArrayRows(100).feed(body))) == count


def test_lines_are_read_in_any_pieces() -> None:
    rows = LineRows(100)
    found = [*rows.feed(b"1\n\r\n2"), *rows.feed(b"3\n"), *rows.feed(b"4"), *rows.close()]
    assert found == [b"1", b"23", b"4"]


def test_a_row_is_never_held_beyond_its_limit(writer: Writer) -> None:
    body = b'[{"title": "' + b"x" * 2_100_000
    from_outside = pytest.raises(Exception, match="2,000,000 bytes")
    with from_outside:
        list(ArrayRows(2_000_000).feed(body))
    with from_outside:
        list(LineRows(2_000_000).feed(body))


def test_an_array_that_goes_on_after_its_end_is_none() -> None:
    with pytest.raises(BadRequest):
        list(ArrayRows(100).feed(b"[1] [2]"))


async def stalling(number: int) -> AsyncIterator[bytes]:
    """Rows of JSON Lines, then nothing for a while, and no end."""
    yield b"".join(msgspec.json.encode(row(each)) + b"\n" for each in range(number))
    await asyncio.sleep(5)


@pytest.fixture
def hurried(db: None) -> Iterator[Writer]:
    """A service with little time for a bulk write."""
    executor = SharedConnectionExecutor()
    for client in run_client(executor, Policy(bulk_seconds=2.0)):
        yield Writer(client)
    executor.close()


@pytest.mark.contract("limits.body", "errors.408")
@pytest.mark.parametrize("atomic, written", [("true", 0), ("false", 5)])
def test_rows_that_take_too_long_are_408_and_whole_batches_of_them_stay(
    hurried: Writer, monkeypatch: pytest.MonkeyPatch, atomic: str, written: int
) -> None:
    monkeypatch.setattr(bulk, "BATCH_ROWS", 5)  # written long before the time is over
    headers = {**hurried.token, "Content-Type": "application/jsonl"}
    path = f"{UPSERT}&atomic={atomic}"
    answer = hurried.client.request("POST", path, data=stalling(6), headers=headers)
    assert (answer.status, Film.objects.count()) == (408, written)
