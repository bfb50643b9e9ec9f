"""`/api/people`, `/api/people/{id}` and `/api/people/{id}/credits`."""

from datetime import date
from typing import Any

import pytest

from catalog.models import CastCredit, CrewCredit, Film, Person
from catalog.values import PERSON_DETAIL_FIELDS, PERSON_FIELDS
from tests.catalog.api.client import Answer, Client

ALL = ["Agnès Varda", "Agnes Moorehead", "Jean Renoir", "Jean Seberg", "Unknown"]


@pytest.fixture
def people(db: None) -> dict[str, Person]:
    """Five people: two born in one year, one of whom nothing is known."""
    born: dict[str, tuple[date | None, str | None]] = {
        "Agnès Varda": (date(1928, 5, 30), "day"),
        "Agnes Moorehead": (date(1900, 12, 6), "day"),
        "Jean Renoir": (date(1894, 1, 1), "year"),
        "Jean Seberg": (date(1928, 1, 1), "year"),
        "Unknown": (None, None),
    }
    return {
        name: Person.objects.create(name=name, birth_date=day, birth_precision=precision)
        for name, (day, precision) in born.items()
    }


def listed(client: Client, query: str) -> Answer:
    answer = client.get(f"/api/people?{query}")
    assert answer.status == 200, answer.json
    return answer


def names(client: Client, query: str) -> list[str]:
    return [person["name"] for person in listed(client, query).json["data"]]


@pytest.mark.contract("resources.people")
@pytest.mark.parametrize(
    "query,expected",
    [
        ("", ALL),
        ("sort=-id", ALL[::-1]),
        ("sort=name", ["Agnes Moorehead", "Agnès Varda", "Jean Renoir", "Jean Seberg", "Unknown"]),
        ("sort=birth_date", ["Jean Renoir", "Agnes Moorehead", "Jean Seberg", "Agnès Varda", "Unknown"]),
        ("sort=-birth_date", ["Agnès Varda", "Jean Seberg", "Agnes Moorehead", "Jean Renoir", "Unknown"]),
        ("sort=-birth_date,name", ["Agnès Varda", "Jean Seberg", "Agnes Moorehead", "Jean Renoir", "Unknown"]),
        ("sort=-created", ALL[::-1]),
        ("name__startswith=AGN%C3%88S", ["Agnès Varda", "Agnes Moorehead"]),
        ("name__startswith=jean%20", ["Jean Renoir", "Jean Seberg"]),
        ("born=1928", ["Agnès Varda", "Jean Seberg"]),
        ("born=1900..1928&sort=-birth_date", ["Agnès Varda", "Jean Seberg", "Agnes Moorehead"]),
        ("born=..1899", ["Jean Renoir"]),
        ("born__gte=1&born__lte=9999", ALL[:4]),
        ("born__gte=1&sort=-birth_date", ["Agnès Varda", "Jean Seberg", "Agnes Moorehead", "Jean Renoir"]),
        ("born__gte=1900&name__startswith=agnes", ["Agnès Varda", "Agnes Moorehead"]),
        ("born=1950", []),
    ],
)
def test_a_list_shows(client: Client, people: dict[str, Person], query: str, expected: list[str]) -> None:
    assert names(client, query) == expected


@pytest.mark.parametrize("sort", ["id", "-id", "name", "-name", "birth_date", "-birth_date", "created", "-updated"])
@pytest.mark.parametrize("limit", [1, 2, 5])
def test_a_walk_shows_each_person_once_in_both_directions(
    client: Client, people: dict[str, Person], sort: str, limit: int
) -> None:
    pages = [client.get(f"/api/people?limit={limit}&sort={sort}").json]
    while link := pages[-1]["page"]["next"]:
        pages.append(client.get(link).json)
    back = [pages[-1]]
    while link := back[-1]["page"]["prev"]:
        back.append(client.get(link).json)
    assert [row["name"] for page in pages for row in page["data"]] == names(client, f"sort={sort}")
    assert [page["data"] for page in reversed(back)] == [page["data"] for page in pages]


def test_the_page_before_is_found_again(client: Client, people: dict[str, Person]) -> None:
    first = client.get("/api/people?limit=2&sort=-birth_date")
    second = client.get(first.json["page"]["next"])
    assert client.get(second.json["page"]["prev"]).json["data"] == first.json["data"]
    assert 'rel="prev"' in second.headers["Link"]


def test_people_by_id_keep_their_order_and_the_missing_are_listed(client: Client, people: dict[str, Person]) -> None:
    ids = [people["Jean Seberg"].pk, 999_999, people["Agnès Varda"].pk]
    answer = listed(client, f"ids={','.join(map(str, ids))}&fields=name").json
    assert answer["data"] == [{"name": "Jean Seberg"}, {"name": "Agnès Varda"}]
    assert answer["missing"] == [999_999]


def test_fields_choose(client: Client, people: dict[str, Person]) -> None:
    assert tuple(listed(client, "limit=1").json["data"][0]) == PERSON_FIELDS
    assert listed(client, "limit=1&fields=name,id").json["data"] == [
        {"name": "Agnès Varda", "id": people["Agnès Varda"].pk}
    ]


@pytest.mark.parametrize(
    "query,pointer,code",
    [
        ("sort=year", "#/sort", "unknown_sort"),
        ("sort=random", "#/sort", "unknown_sort"),
        ("sort=id,name", "#/sort", "misplaced"),
        ("sort=name,-name", "#/sort", "duplicate"),
        ("sort=name,id,created", "#/sort", "too_many"),
        ("seed=7", "#/seed", "unknown_parameter"),
        ("title__startswith=a", "#/title__startswith", "unknown_parameter"),
        ("fields=title", "#/fields", "unknown_field"),
        ("fields=external_ids", "#/fields", "unknown_field"),
        ("born=1928..1900", "#/born", "empty_range"),
        ("born=0", "#/born", "out_of_range"),
        ("born__gte=x", "#/born__gte", "not_whole"),
        ("born__lte=10000", "#/born__lte", "out_of_range"),
        ("name__startswith=", "#/name__startswith", "blank"),
        ("name__startswith=%CC%81", "#/name__startswith", "blank"),
        ("ids=0", "#/ids", "out_of_range"),
        ("ids=1&sort=name", "#/sort", "misplaced"),
        ("ids=1&born=1900", "#/born", "misplaced"),
        ("cursor=x", "#/cursor", "bad_cursor"),
        ("limit=201", "#/limit", "out_of_range"),
    ],
)
def test_a_bad_parameter_is_named(client: Client, query: str, pointer: str, code: str) -> None:
    answer = client.get(f"/api/people?{query}")
    assert (answer.status, answer.codes) == (400, {pointer: code})


def test_faults_of_syntax_and_of_values_are_told_at_once(client: Client) -> None:
    answer = client.get("/api/people?limit=0&name__startswith=%CC%81")
    assert answer.codes == {"#/limit": "out_of_range", "#/name__startswith": "blank"}


def test_a_cursor_of_films_is_none_of_people(client: Client, people: dict[str, Person]) -> None:
    Film.objects.bulk_create([Film(title="A", published=True), Film(title="B", published=True)])
    cursor = client.get("/api/movies?limit=1").json["page"]["next"].partition("cursor=")[2]
    assert client.get(f"/api/people?cursor={cursor}").codes == {"#/cursor": "other_list"}


@pytest.fixture
def varda(people: dict[str, Person]) -> Person:
    """With ids elsewhere, and credits in two films and a draft."""
    person = people["Agnès Varda"]
    person.external_ids.create(source="imdb", value="nm0889513")
    person.external_ids.create(source="wikidata", value="Q201180")
    for title, year, published in (("Cléo", 1962, True), ("Faces Places", 2017, True), ("Draft", 2018, False)):
        film = Film.objects.create(title=title, year=year, published=published)
        CrewCredit.objects.create(film=film, person=person, department="Directing", job="Director")
    CastCredit.objects.create(film=Film.objects.get(title="Faces Places"), person=person, character="Herself", order=3)
    return person


@pytest.mark.contract("resources.person")
def test_a_person_has_every_field_of_the_contract(client: Client, varda: Person) -> None:
    answer = client.get(f"/api/people/{varda.pk}")
    assert tuple(answer.json) == PERSON_DETAIL_FIELDS
    assert answer.json["external_ids"] == {"imdb": "nm0889513", "wikidata": "Q201180"}
    assert (answer.json["birth_date"], answer.json["death_date"]) == ("1928-05-30", None)


def test_fields_of_one_person(client: Client, varda: Person) -> None:
    answer = client.get(f"/api/people/{varda.pk}?fields=name")
    version = Person.objects.get(pk=varda.pk).version
    assert answer.json == {"name": "Agnès Varda"}
    assert answer.headers["ETag"].startswith(f'"{version}.')
    assert client.get(f"/api/people/{varda.pk}?fields=title").codes == {"#/fields": "unknown_field"}


@pytest.mark.contract("addresses.external")
@pytest.mark.parametrize("name", ["imdb:nm0889513", "wikidata:Q201180"])
@pytest.mark.parametrize("part", ["", "/credits"])
def test_an_external_id_leads_to_the_person(client: Client, varda: Person, name: str, part: str) -> None:
    answer = client.get(f"/api/people/{name}{part}")
    assert (answer.status, answer.headers["Location"]) == (307, f"/api/people/{varda.pk}{part}")
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "name,status", [("0", 404), ("9" * 20, 404), ("imdb:nm0000001", 404), ("varda", 400), ("imdb:x", 400), ("a:1", 400)]
)
@pytest.mark.parametrize("part", ["", "/credits"])
def test_what_names_nobody_is_told(client: Client, varda: Person, name: str, status: int, part: str) -> None:
    assert client.get(f"/api/people/{name}{part}").status == status


@pytest.mark.contract("resources.person_credits")
def test_credits_are_those_in_published_films_the_newest_first(client: Client, varda: Person) -> None:
    shown: Any = client.get(f"/api/people/{varda.pk}/credits").json
    assert list(shown) == ["id", "name", "cast", "crew"]
    assert [(each["movie"]["title"], each["movie"]["year"], each["job"]) for each in shown["crew"]] == [
        ("Faces Places", 2017, "Director"),
        ("Cléo", 1962, "Director"),
    ]
    assert [(each["character"], each["order"]) for each in shown["cast"]] == [("Herself", 3)]


@pytest.mark.contract("addresses.head")
def test_people_are_read_in_other_ways_like_any_resource(client: Client, varda: Person) -> None:
    for path in (f"/api/people/{varda.pk}", f"/api/people/{varda.pk}/credits"):
        assert client.request("HEAD", path).status == 200
        assert "GET, HEAD, OPTIONS" in client.request("OPTIONS", path).headers["Allow"]
        assert client.get(f"{path}/").headers["Location"] == path
        assert client.get(f"{path}?colour=red").codes == {"#/colour": "unknown_parameter"}


def test_credits_in_very_many_films_depend_on_everything(
    client: Client, varda: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.api.people.KEYS_LIMIT", 1)
    assert "Surrogate-Key" not in client.get(f"/api/people/{varda.pk}/credits").headers


def test_answers_depend_on_the_people_and_films_that_they_show(client: Client, varda: Person) -> None:
    films = {f"film/{pk}" for pk in Film.objects.filter(published=True).values_list("pk", flat=True)}
    keys = {
        path: set(client.get(path).headers["Surrogate-Key"].split(" "))
        for path in ("/api/people?born=1928&sort=name&limit=1", f"/api/people/{varda.pk}/credits")
    }
    assert list(keys.values()) == [
        {f"person/{varda.pk}", "people", "people.birth_date", "people.name_key"},
        {f"person/{varda.pk}", "films", *films},
    ]
