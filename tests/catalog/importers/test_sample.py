"""The sample loads into an empty catalogue, doubles nothing, and names film and field where it is wrong."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog.importers.sample_file import read
from catalog.models import CastCredit, Film, FilmExternalId, Person

pytestmark = pytest.mark.django_db

IKIRU: dict[str, Any] = {
    "title": "Ikiru",
    "original_title": "生きる",
    "year": 1952,
    "release_date": "1952-10-09",
    "release_precision": "day",
    "runtime": 143,
    "original_language": "ja",
    "countries": ["JP"],
    "languages": ["ja"],
    "genres": ["Drama"],
    "keywords": ["old age"],
    "companies": ["Toho"],
    "collection": "Late works",
    "titles": [{"title": "To Live", "region": "US", "language": "en"}],
    "cast": [{"name": "Takashi Shimura", "character": "Kanji Watanabe"}],
    "crew": [{"name": "Akira Kurosawa", "department": "Directing", "job": "Director"}],
    "external_ids": {"imdb": "tt0044741", "wikidata": "Q735784", "tmdb": None},
}

Loaded = Callable[..., str]


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    """Loads films as a sample file and gives what the command says."""

    def run(*films: Any) -> str:
        path = tmp_path / "sample.json"
        path.write_text(json.dumps({"films": films}))
        said = StringIO()
        call_command("import", "sample", "--file", str(path), stdout=said)
        return said.getvalue()

    return run


def test_the_products_own_sample_is_published_whole() -> None:
    said = StringIO()
    call_command("import", "sample", stdout=said)
    assert Film.objects.filter(published=True).count() == len(read()) >= 60
    assert f"{len(read())} films added" in said.getvalue()


def test_a_film_comes_with_all_that_belongs_to_it(loaded: Loaded) -> None:
    loaded(IKIRU)
    film = Film.objects.get(title="Ikiru", runtime=143, original_language="ja", collection__name="Late works")
    linked = [film.genres, film.keywords, film.companies, film.countries, film.languages]
    assert [str(group.get()) for group in linked] == ["Drama", "old age", "Toho", "Japan", "Japanese"]
    assert [str(film.cast.get()), str(film.crew.get()), str(film.titles.get())] == [
        "Takashi Shimura as Kanji Watanabe", "Akira Kurosawa, Director", "To Live"
    ]  # fmt: skip
    assert sorted(map(str, film.external_ids.all())) == ["imdb:tt0044741", "wikidata:Q735784"]


def test_a_film_that_stands_by_an_id_is_left_as_it_is(loaded: Loaded) -> None:
    film = Film.objects.create(title="To Live")
    FilmExternalId.objects.create(film=film, source="imdb", value="tt0044741")
    assert "0 films added" in loaded(IKIRU)
    assert Film.objects.get().title == "To Live"


def test_a_film_that_stands_by_its_facts_is_left_as_it_is(loaded: Loaded) -> None:
    film = Film.objects.create(title="Ikiru", year=1952)
    CastCredit.objects.create(film=film, person=Person.objects.create(name="Takashi Shimura"))
    loaded(IKIRU)
    assert Film.objects.get() == film


def test_the_same_sample_twice_is_the_same_catalogue(loaded: Loaded) -> None:
    loaded(IKIRU)
    assert loaded(IKIRU) == "1 rows: 0 films added, 0 changed, 1 as they were.\n"
    assert (Film.objects.count(), Person.objects.count()) == (1, 2)


def test_an_empty_catalogue_may_be_a_condition() -> None:
    Film.objects.create(title="Mine")
    said = StringIO()
    call_command("import", "sample", "--if-empty", stdout=said)
    assert Film.objects.count() == 1
    assert said.getvalue() == "There are films already, so the sample was not loaded.\n"


@pytest.mark.parametrize(
    "known, given, people", [(None, "1905-03-12", 1), ("1905-03-12", None, 1), ("1905-03-12", "1950-01-01", 2)]
)
def test_people_of_one_name_are_told_apart_by_birth(
    loaded: Loaded, known: str | None, given: str | None, people: int
) -> None:
    Person.objects.create(name="Takashi Shimura", birth_date=known, birth_precision=known and "day")
    role = {"name": "Takashi Shimura", "birth_date": given, "birth_precision": given and "day"}
    loaded(IKIRU | {"cast": [role], "crew": []})
    births = Person.objects.values_list("birth_date", flat=True)
    assert len(births) == people
    assert None not in births


@pytest.mark.parametrize(
    "change, fault",
    [
        ({"year": 1300}, r"film 1 \(Ikiru\): Expected `int` >= 1870 - at `$.year`"),
        ({"title": ""}, r"film 1 \(without a title\): Expected `str` matching regex .* - at `$.title`"),
        ({"titel": "Ikiru"}, r"film 1 \(Ikiru\): Object contains unknown field `titel`"),
        ({"release_precision": None}, r"film 1 \(Ikiru\): release_date and release_precision go together"),
        ({"release_date": "9.10.1952"}, r"film 1 \(Ikiru\): Invalid RFC3339 encoded date - at `$.release_date`"),
        ({"cast": [{"name": "A", "birth_date": "1905-03-12"}]}, "birth_date and birth_precision go together.*cast"),
        ({"crew": [{"name": "A", "department": "Catering", "job": "Cook"}]}, "Catering.* at `$.crew.0..department`"),
        ({"cast": [{"name": "A"}, {"name": "A"}]}, r"film 1 \(Ikiru\): cast holds A twice"),
        ({"external_ids": {"imdb": "44741"}}, r"film 1 \(Ikiru\): .* - at `$.external_ids.imdb`"),
        ({"countries": ["JP", "XX"]}, "Ikiru: countries: there is no code XX"),
        ({"original_language": "jp"}, "Ikiru: original_language: there is no code jp"),
        ({"titles": [{"title": "To Live", "region": "UK"}]}, "Ikiru: titles, To Live: there is no code UK"),
    ],
)
def test_a_fault_names_the_film_and_the_field(loaded: Loaded, change: dict[str, Any], fault: str) -> None:
    with pytest.raises(CommandError, match=fault.replace("$", r"\$")):
        loaded(IKIRU | change)
    assert not Film.objects.exists()


def test_a_dead_person_was_born_before(loaded: Loaded) -> None:
    life = {"birth_date": "1982-02-11", "birth_precision": "day", "death_date": "1905-03-12", "death_precision": "day"}
    with pytest.raises(CommandError, match=r"film 1 \(Ikiru\): death_date is before birth_date"):
        loaded(IKIRU | {"cast": [{"name": "Takashi Shimura", **life}]})


@pytest.mark.parametrize("content", ["", "[]", '{"films": 7}', '{"films": [7]}'])
def test_what_is_no_sample_says_so(tmp_path: Path, content: str) -> None:
    path = tmp_path / "sample.json"
    path.write_text(content)
    with pytest.raises(CommandError, match=r"sample.json: |film 1 \(without a title\): "):
        call_command("import", "sample", "--file", str(path))


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"absent.json: .*No such file"):
        call_command("import", "sample", "--file", str(tmp_path / "absent.json"))
