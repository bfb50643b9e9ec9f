"""`/api/movies/{id}/credits` and `/titles`."""

import pytest

from catalog.models import CastCredit, CrewCredit, Film, Person, Title
from tests.catalog.api.client import Client


@pytest.fixture
def film(db: None) -> Film:
    """A film with cast out of order, crew, two titles and an id at IMDb."""
    film = Film.objects.create(title="Alien", published=True)
    weaver, skerritt, scott = (Person.objects.create(name=name) for name in ("Weaver", "Skerritt", "Scott"))
    CastCredit.objects.create(film=film, person=weaver, character="Ripley", order=1)
    CastCredit.objects.create(film=film, person=skerritt, order=0)
    CrewCredit.objects.create(film=film, person=scott, department="Directing", job="Director")
    Title.objects.create(film=film, title="Obcy", region_id="PL", language_id="pl")
    Title.objects.create(film=film, title="Alien, le huitième passager", language_id="fr")
    film.external_ids.create(source="imdb", value="tt0078748")
    return film


@pytest.fixture(params=["credits", "titles"])
def part(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.contract("resources.credits")
def test_credits_stand_in_billing_order(client: Client, film: Film) -> None:
    shown = client.get(f"/api/movies/{film.pk}/credits").json
    assert [(each["person"]["name"], each["character"]) for each in shown["cast"]] == [
        ("Skerritt", None),
        ("Weaver", "Ripley"),
    ]
    assert [(each["person"]["name"], each["job"]) for each in shown["crew"]] == [("Scott", "Director")]


@pytest.mark.contract("resources.titles")
def test_titles_have_region_and_language_and_stand_in_the_order_in_which_they_were_given(
    client: Client, film: Film
) -> None:
    shown = client.get(f"/api/movies/{film.pk}/titles").json
    assert [(each["title"], each["region"], each["language"]) for each in shown["titles"]] == [
        ("Obcy", "PL", "pl"),
        ("Alien, le huitième passager", None, "fr"),
    ]
    assert (shown["id"], shown["title"]) == (film.pk, "Alien")


@pytest.mark.contract("resources.credits", "resources.titles")
def test_a_part_is_what_the_film_itself_shows(client: Client, film: Film, part: str) -> None:
    """One definition for both: the same records, and a tag that begins with the film's version."""
    answer = client.get(f"/api/movies/{film.pk}/{part}")
    whole = client.get(f"/api/movies/{film.pk}").json
    assert answer.json == {name: whole[name] for name in answer.json}
    assert answer.headers["ETag"].startswith(f'"{whole["version"]}.')


@pytest.mark.contract("addresses.external")
def test_an_external_id_leads_to_the_part_of_the_film(client: Client, film: Film, part: str) -> None:
    answer = client.get(f"/api/movies/imdb:tt0078748/{part}")
    assert (answer.status, answer.headers["Location"]) == (307, f"/api/movies/{film.pk}/{part}")
    assert answer.headers["Cache-Control"] == "no-cache"


def test_a_draft_and_what_never_was_are_not_found(client: Client, film: Film, part: str) -> None:
    draft = Film.objects.create(title="Draft")
    assert [client.get(f"/api/movies/{each}/{part}").status for each in (draft.pk, 999_999)] == [404, 404]


def test_a_part_takes_no_parameter_and_no_bad_id(client: Client, film: Film, part: str) -> None:
    assert client.get(f"/api/movies/{film.pk}/{part}?fields=id").codes == {"#/fields": "unknown_parameter"}
    assert client.get(f"/api/movies/alien/{part}").codes == {"#": "bad_id"}


@pytest.mark.contract("addresses.head")
def test_a_part_is_read_in_other_ways_like_any_resource(client: Client, film: Film, part: str) -> None:
    path = f"/api/movies/{film.pk}/{part}"
    assert client.request("HEAD", path).status == 200
    assert client.request("OPTIONS", path).headers["Allow"] == "GET, HEAD, OPTIONS"
    assert client.get(f"{path}/").headers["Location"] == path


def test_a_part_depends_on_its_film(client: Client, film: Film, part: str) -> None:
    assert client.get(f"/api/movies/{film.pk}/{part}").headers["Surrogate-Key"] == f"film/{film.pk}"
