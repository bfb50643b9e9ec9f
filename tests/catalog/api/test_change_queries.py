"""docs/api.md, Writes: a change takes a number of queries that does not grow with what it changes."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.api.app import ALL
from catalog.models import Country, Genre, Language
from tests.catalog.api.writing import Writer

APART = {"write_movies", "create_webhook", "delete_webhook"}
"""Rows one after the other, and what has no relations."""


def film(size: int, name: str) -> dict[str, Any]:
    """A film with so many in each relation; of what has names, with none that another film has."""
    names = [f"{name} {number}" for number in range(size)]
    return {
        "title": name,
        "genres": list(Genre.objects.values_list("slug", flat=True)[:size]),
        "countries": list(Country.objects.values_list("code", flat=True)[:size]),
        "languages": list(Language.objects.values_list("code", flat=True)[:size]),
        **{relation: [{"name": each} for each in names] for relation in ("keywords", "companies")},
        "titles": [{"title": each} for each in names],
        "cast": [{"person": {"name": each}, "character": "X"} for each in names],
        "crew": [{"person": {"name": f"{each}, too"}, "department": "Crew", "job": "B"} for each in names],
    }


def counted(writer: Writer, size: int) -> dict[str, int]:
    """The queries of each change of a film with so many in each relation, and of a person; for each one its id."""
    taken: dict[str, int] = {}

    def send(operation: str, method: str, path: str, value: Any = None) -> str:
        with CaptureQueriesContext(connection) as captured:
            answer = writer.send(method, path, value)
        assert answer.status < 300, answer.body
        taken[operation] = len(captured)
        return answer.headers.get("Location", path)

    address = send("create_movie", "POST", "/api/movies", film(size, f"A {size}"))
    send("replace_movie", "PUT", address, film(size, f"B {size}"))
    send("change_movie", "PATCH", address, {"cast": film(size, f"C {size}")["cast"]})
    send("delete_movie", "DELETE", address)
    address = send("create_person", "POST", "/api/people", {"name": "A"})
    send("replace_person", "PUT", address, {"name": "B"})
    send("change_person", "PATCH", address, {"name": "C"})
    send("delete_person", "DELETE", address)
    return taken


@pytest.mark.contract("writes.queries")
def test_each_change_takes_the_same_queries_however_much_it_changes(transactional_db: None, writer: Writer) -> None:
    Genre.objects.bulk_create([Genre(name=f"G{number}", slug=f"g{number}") for number in range(9)])
    counted(writer, 1)  # what is looked up once in a process is known from now on
    small, large = counted(writer, 2), counted(writer, 9)
    assert small == large
    assert set(small) == {each.id for each in ALL if each.method != "GET"} - APART
