"""A curator who has logged in, a film and a person."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalog.models import Film, Person


@pytest.fixture
def curator(db: None) -> User:
    return User.objects.create_superuser("curator", "curator@example.org", "a long password")


@pytest.fixture
def browser(curator: User) -> Client:
    """Django's client, logged in as the curator."""
    client = Client()
    client.force_login(curator)
    return client


@pytest.fixture
def film(db: None) -> Film:
    return Film.objects.create(title="Stalker", year=1979, published=True)


@pytest.fixture
def person(db: None) -> Person:
    return Person.objects.create(name="Andrei Tarkovsky")
