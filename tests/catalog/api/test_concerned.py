"""The heart of finer invalidation, held against the plain truth.

Whatever changes, an answer none of whose surrogate keys has changed is, byte for byte, what would be answered now.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest
from django.utils import timezone

from catalog import changes
from catalog.api.http.cachekey import PARAMETERS
from catalog.changes import migrating, surrogates
from catalog.changes.models import Change
from catalog.changes.surrogates import Changed, Keys
from catalog.models import Film, Person
from catalog.values import FILM_SORTS, PERSON_SORTS
from tests.catalog.api.client import Answer, Client
from tests.catalog.api.random_catalogue import COUNTRIES, LANGUAGES, RandomCatalogue

pytestmark = pytest.mark.django_db(transaction=True)

SEEDS = range(int(os.environ.get("CONCERNED_SEEDS", "3")))
CHANGES, LISTS = 40, 30
"""So many changes of one catalogue, under so many kept lists; CONCERNED_SEEDS=100 makes a long run of it."""


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Thousands of access lines say nothing here."""
    caplog.set_level("WARNING", "aiohttp.access")


class Kept(NamedTuple):
    """What a client would see of an answer, and what it depends on."""

    seen: tuple[object, ...]
    keys: Keys


OTHERWISE_HELD = {b"/api/openapi.json", b"/api/changes"}
"""The document never changes; and a position from before a draft changed leads on to the same news as a later one."""

DAY = timedelta(days=1)


def ask(client: Client, path: str) -> Kept:
    answer = client.get(path)
    seen = answer.status, answer.body, answer.headers.get("ETag"), answer.headers.get("Link")
    return Kept(seen, frozenset(answer.headers.get("Surrogate-Key", "*").split()))


def filters(catalogue: RandomCatalogue) -> Iterator[str]:
    """A few conditions that choose films, at random."""
    chance = catalogue.chance
    choices = {
        "genre": [f"{no}genre-{number}" for number in range(3) for no in ("", "!")],
        "country": [*COUNTRIES, "!XA", ",".join(COUNTRIES)],
        "language": [*LANGUAGES, "!qaa"],
        "person": list(map(str, Person.objects.values_list("pk", flat=True))),
        "year": ["1951..", "..1951", "1950"],
        "rating__gte": ["7.5"],
        "votes__lte": ["1", "2"],
        "popularity__gte": ["2"],
        "runtime__lte": ["100"],
        "revenue": ["1000"],
        "title__startswith": ["i", "e", "r"],
        "q": ["ran", "ikiru", "person", "new+1", "yojinbo"],
    }
    for name in chance.sample(list(choices), chance.choice((0, 1, 1, 2))):
        yield f"{name}={chance.choice(choices[name])}"


SHOWN = (
    *("include=genres", "include=cast,crew", "include=titles,ratings", "include=companies,countries,languages"),
    *("count=exact", "count=estimated", "page=2", "fields=title", "fields=id,poster,version"),
    *("facet=genre,decade", "facet=country,language,rating,year"),
)
"""What a list may show beside the films that it chooses."""


def a_list(catalogue: RandomCatalogue) -> str:
    chance = catalogue.chance
    if chance.random() < 0.15:
        ids = chance.sample(range(1, 20), 3)
        return f"/api/movies?ids={','.join(map(str, ids))}"
    sort = chance.choice([f"{sign}{name}" for name in FILM_SORTS for sign in ("", "-") if name != "random"])
    order = "sort=random&seed=5" if chance.random() < 0.1 else f"sort={sort}"
    parts = [order, f"limit={chance.choice((1, 3, 20))}", *filters(catalogue)]
    if chance.random() < 0.6:
        parts.append(chance.choice(SHOWN))
    return f"/api/movies?{'&'.join(parts)}"


def a_list_of_people(catalogue: RandomCatalogue) -> str:
    chance = catalogue.chance
    sort = chance.choice([f"{sign}{name}" for name in PERSON_SORTS for sign in ("", "-")])
    condition = chance.choice(["", "&name__startswith=p", "&name__startswith=n", "&born=1910..", "&fields=name"])
    shown = chance.choice(["", "", "&count=exact", "&page=2"])
    return f"/api/people?sort={sort}&limit={chance.choice((1, 3))}{condition}{shown}"


def paths(client: Client, catalogue: RandomCatalogue) -> Iterator[str]:
    """Lists and the pages after some of them; films and their parts; whatever else may be kept and has one address."""
    for number in range(LISTS):
        path = a_list(catalogue) if number % 4 else a_list_of_people(catalogue)
        yield path
        following: Answer = client.get(path)
        if following.status == 200 and (page := following.json["page"]["next"]):
            yield page
    yield from (f"/api/stats?{'&'.join(filters(catalogue))}" for _ in range(LISTS // 6))
    films = list(Film.objects.values_list("pk", flat=True))
    parts = ("", "/credits", "/titles", "/similar?limit=1&fields=title")
    yield from (f"/api/movies/{film_id}{part}" for film_id in films for part in parts)
    yield from (f"/api/movies/{film_id}/similar?{'&'.join(filters(catalogue))}" for film_id in films)
    yield from (f"/api/movies/suggest?q={beginning}" for beginning in ("r", "iki", "ne", "du"))
    people = list(Person.objects.values_list("pk", flat=True))
    yield f"/api/people?ids={','.join(map(str, (*people, 999)))}"
    yield from (f"/api/people/{person_id}{part}" for person_id in people for part in ("", "/credits"))
    yield from (path.decode() for path in PARAMETERS if path not in OTHERWISE_HELD)


def outlived(client: Client, seed: int, number: int = CHANGES) -> int:
    """How often an answer outlived a change, over all of a catalogue's; fails at the first that ought not to have."""
    migrating.mend()  # a flush of the database has left the log closed
    catalogue = RandomCatalogue(seed)
    kept = {path: answer for path in paths(client, catalogue) if (answer := ask(client, path)).seen[0] == 200}
    survivals = 0
    for _ in range(number):
        token = changes.position()
        what = catalogue.change()
        changed = changes.changed_since(token)
        for path, answer in list(kept.items()):
            now = ask(client, path)
            if not concerned(answer.keys, changed):
                assert now.seen == answer.seen, f"{path} outlived {what} with keys {sorted(answer.keys)}"
                survivals += 1
            if now.seen[0] == 200:
                kept[path] = now
            else:
                del kept[path]
    return survivals


def concerned(keys: Keys, changed: Keys) -> bool:
    """What the server's shelf decides by."""
    return bool(changed) and ("*" in keys | changed or not keys.isdisjoint(changed))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_outlives_a_change_is_what_would_be_answered_now(client: Client, seed: int) -> None:
    assert outlived(client, seed) > CHANGES * LISTS // 4


@pytest.mark.parametrize("forgotten", ["film/", "films", "films.", "genres"])
def test_a_forgotten_key_is_seen(client: Client, monkeypatch: pytest.MonkeyPatch, forgotten: str) -> None:
    """The same, with keys left out of the log on purpose."""
    of_change = surrogates.of_change

    def forgetful(change: Changed) -> Iterator[str]:
        prefix = forgotten.endswith(("/", "."))
        return (key for key in of_change(change) if not (key.startswith(forgotten) if prefix else key == forgotten))

    monkeypatch.setattr(surrogates, "of_change", forgetful)
    with pytest.raises(AssertionError, match="outlived"):
        outlived(client, seed=0, number=500)


@pytest.mark.contract("changes.pruned")
def test_a_page_of_changes_does_not_outlive_its_position(client: Client) -> None:
    migrating.mend()
    since = client.get("/api/changes").json["position"]
    Film.objects.create(title="Ikiru", published=True)
    Film.objects.create(title="Ran", published=True)
    kept, films, token = ask(client, f"/api/changes?since={since}"), ask(client, "/api/movies"), changes.position()
    Change.objects.update(at=timezone.now() - DAY)
    changes.prune(timedelta(0))
    changed = changes.changed_since(token)
    assert (kept.seen[0], client.get(f"/api/changes?since={since}").status) == (200, 410)
    assert (concerned(kept.keys, changed), concerned(films.keys, changed)) == (True, False)
