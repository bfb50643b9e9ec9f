"""Changes that say which version they change: If-Match and its kin."""

from collections.abc import Iterator

import pytest

from catalog.api.keys import Policy
from catalog.models import Film, Person
from tests.catalog.api.client import SharedConnectionExecutor, run_client
from tests.catalog.api.writing import Writer, full_film


@pytest.fixture
def film(writer: Writer) -> Film:
    return full_film()


@pytest.fixture
def strict(db: None) -> Iterator[Writer]:
    """A service that takes no change without If-Match."""
    executor = SharedConnectionExecutor()
    for client in run_client(executor, Policy(require_if_match=True)):
        yield Writer(client)
    executor.close()


@pytest.mark.contract("writes.if_match", "errors.412")
def test_the_tag_of_the_present_version_lets_a_change_through_once(writer: Writer, film: Film) -> None:
    address = f"/api/movies/{film.pk}"
    tag = writer.client.get(address).headers["ETag"]
    assert writer.patch(address, {"year": 1980}, If_Match=tag).status == 200
    answer = writer.patch(address, {"year": 1981}, If_Match=tag)
    assert (answer.status, answer.json["type"]) == (412, "/api/problems/precondition-failed")
    assert writer.client.get(address).json["year"] == 1980


@pytest.mark.contract("fresh.if_match")
def test_a_tag_of_any_representation_names_the_version(writer: Writer, film: Film) -> None:
    address = f"/api/movies/{film.pk}"
    tag = writer.client.get(f"{address}?fields=id", headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    assert writer.delete(address, If_Match=tag).status == 204


@pytest.mark.parametrize("made", ['"{}.x.identity"', '"0.x.y", "{}.x.br"', "*", ' "a" ,"{}.x.gzip"'])
def test_these_match(writer: Writer, film: Film, made: str) -> None:
    assert writer.patch(f"/api/movies/{film.pk}", {}, If_Match=made.format(film.version)).status == 200


@pytest.mark.contract("promise.opaque")
@pytest.mark.parametrize("made", ['W/"{}.x.identity"', '"0.x.identity"', '"{}"', '"x{}.x.br"', '"{}.x"', '""'])
def test_these_do_not_match(writer: Writer, film: Film, made: str) -> None:
    assert writer.patch(f"/api/movies/{film.pk}", {}, If_Match=made.format(film.version)).status == 412


@pytest.mark.contract("errors.400")
@pytest.mark.parametrize("made", ["1", '"a', "", '"a" "b"', '"a",', ',"a"', '*, "a"', 'w/"a"', '"a b"', '"a"b'])
def test_what_is_no_list_of_tags_is_refused(writer: Writer, film: Film, made: str) -> None:
    assert writer.patch(f"/api/movies/{film.pk}", {}, If_Match=made).codes == {"#": "bad_etag"}


def test_a_version_that_never_was_fits_no_film(writer: Writer, film: Film) -> None:
    assert writer.delete(f"/api/movies/{film.pk}", If_Match='"9999999999.x.br"').status == 412


def test_if_none_match_forbids_what_is_there(writer: Writer, film: Film) -> None:
    address = f"/api/movies/{film.pk}"
    assert writer.put(address, {"title": "X"}, If_None_Match="*").status == 412
    assert writer.put(address, {"title": "X"}, If_None_Match=f'W/"{film.version}.x.br"').status == 412
    assert writer.put(address, {"title": "X"}, If_None_Match='"0.x.br"').status == 200


@pytest.mark.parametrize(
    "date, status",
    [("Sat, 01 Jan 2000 00:00:00 GMT", 412), ("Fri, 01 Jan 2100 00:00:00 GMT", 200), ("yesterday", 200)],
)
def test_a_date_may_say_the_version(writer: Writer, film: Film, date: str, status: int) -> None:
    """One that is no date counts as absent (RFC 9110, 13.1.4)."""
    assert writer.patch(f"/api/movies/{film.pk}", {"year": 1980}, If_Unmodified_Since=date).status == status


def test_if_match_goes_before_a_date(writer: Writer, film: Film) -> None:
    old = "Sat, 01 Jan 2000 00:00:00 GMT"
    assert writer.patch(f"/api/movies/{film.pk}", {}, If_Match="*", If_Unmodified_Since=old).status == 200


@pytest.mark.contract("writes.required", "errors.428")
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_strict_service_takes_no_change_without_if_match(strict: Writer, method: str) -> None:
    addresses = {
        f"/api/movies/{full_film().pk}": "title",
        f"/api/people/{Person.objects.create(name='Ann').pk}": "name",
    }
    for address, name in addresses.items():
        value = None if method == "DELETE" else {name: "X"}
        assert strict.send(method, address, value).status == 428
        assert strict.send(method, address, value, If_Match="*").status in {200, 204}


def test_a_strict_service_still_takes_new_films(strict: Writer) -> None:
    assert strict.post("/api/movies", {"title": "X"}).status == 201
