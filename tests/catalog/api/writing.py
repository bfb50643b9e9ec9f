"""What tests of changes share: a film with all that it can have, and a client that sends JSON with a token."""

from typing import Any

import msgspec

from catalog.models import CastCredit, Company, Country, Film, Genre, Keyword, Language, Person, Title
from catalog.services import refresh_rating
from catalog.values import Scope
from tests.catalog.api.client import Answer, Client, bearer

PATCH_TYPE, JSON_TYPE = "application/merge-patch+json", "application/json"


class Writer:
    """Sends changes for a bearer of all scopes."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.token = bearer(*Scope)

    def send(self, method: str, path: str, value: Any = None, **headers: str) -> Answer:
        """What comes back for JSON; `If_Match='…'` is the header If-Match. No value, no body."""
        if isinstance(value, bytes):
            return self.send_bytes(method, path, value, **headers)
        return self.send_bytes(method, path, b"" if value is None else msgspec.json.encode(value), **headers)

    def send_bytes(self, method: str, path: str, body: bytes, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body:
            named.setdefault("Content-Type", PATCH_TYPE if method == "PATCH" else JSON_TYPE)
        return self.client.request(method, path, data=body or None, headers={**self.token, **named})

    def post(self, path: str, value: Any, **headers: str) -> Answer:
        return self.send("POST", path, value, **headers)

    def put(self, path: str, value: Any, **headers: str) -> Answer:
        return self.send("PUT", path, value, **headers)

    def patch(self, path: str, value: Any, **headers: str) -> Answer:
        return self.send("PATCH", path, value, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self.send("DELETE", path, **headers)


def full_film() -> Film:
    """A published film with something in each relation."""
    film = Film.objects.create(
        title="Stalker", year=1979, release_date="1979-05-01", release_precision="month", runtime=162,
        original_language_id="ru", published=True, tagline="The Zone wants to be respected", popularity=1.5,
    )  # fmt: skip
    person = Person.objects.create(name="Alexander Kaidanovsky")
    film.genres.set([Genre.objects.get_or_create(slug="drama", defaults={"name": "Drama"})[0]])
    film.keywords.set([Keyword.objects.create(slug="zone", name="Zone")])
    film.companies.set([Company.objects.create(name="Mosfilm", country_id="SU")])
    film.countries.set(Country.objects.filter(code="SU"))
    film.languages.set(Language.objects.filter(code="ru"))
    Title.objects.create(film=film, title="Сталкер", region_id="SU", language_id="ru")
    CastCredit.objects.create(film=film, person=person, character="Stalker")
    film.crew.create(person=person, department="Crew", job="Guide", order=3)
    film.ratings.create(source="imdb", average=8.1, scale=10, count=100)
    film.external_ids.create(source="imdb", value="tt0079944")
    refresh_rating(film_id=film.pk)
    film.refresh_from_db()
    return film
