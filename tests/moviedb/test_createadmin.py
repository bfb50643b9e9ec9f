"""`moviedb createadmin`, with and without a terminal."""

import io
import sys
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from moviedb.management.commands import createadmin

pytestmark = pytest.mark.django_db


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


Typing = Callable[..., None]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Typing:
    """A person at a terminal who types these passwords."""

    def at_terminal(*passwords: str) -> None:
        answers = iter(passwords)
        monkeypatch.setattr(sys, "stdin", Terminal())
        monkeypatch.setattr(createadmin, "getpass", lambda _: next(answers))

    return at_terminal


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())


def create(**options: str) -> str:
    out = io.StringIO()
    call_command("createadmin", stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def test_without_a_terminal_a_password_is_made_and_printed() -> None:
    line = create(username="ann", email="ann@example.org")
    assert line.startswith("superuser ann made, password: ")
    ann = User.objects.get(username="ann", email="ann@example.org", is_superuser=True, is_staff=True)
    assert ann.check_password(line.split()[-1])


def test_each_made_password_is_another() -> None:
    assert create(username="ann").split()[-1] != create(username="eve").split()[-1]


def test_a_typed_password_is_taken_and_not_printed(typed: Typing) -> None:
    typed("a horse, correct", "a horse, correct")
    assert create() == "superuser admin made\n"
    assert User.objects.get(username="admin").check_password("a horse, correct")


def test_after_a_slip_it_may_be_typed_again(typed: Typing) -> None:
    typed("a horse, correct", "a horse, corect", "1234", "1234", "a horse, correct", "a horse, correct")
    create()
    assert User.objects.filter(username="admin").exists()


def test_three_slips_are_enough(typed: Typing) -> None:
    typed(*["1234"] * 6)
    with pytest.raises(CommandError, match="no password, no superuser"):
        create()
    assert not User.objects.exists()


def test_a_name_that_is_taken_is_refused() -> None:
    create(username="ann")
    with pytest.raises(CommandError, match=r"^there is a user named 'ann' already$"):
        create(username="ann")


def test_a_name_that_is_taken_meanwhile_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look and the write somebody else may make it; the database's own rule decides."""
    create(username="ann")
    monkeypatch.setattr(createadmin.Command, "check_fields", lambda *_: None)
    with pytest.raises(CommandError, match=r"^there is a user named 'ann' already$"):
        create(username="ann")


@pytest.mark.parametrize(
    "options, words",
    [
        ({"username": "a b"}, "username: Enter a valid username"),
        ({"username": ""}, "username: This field cannot be blank"),
        ({"email": "nowhere"}, "email: Enter a valid email address"),
    ],
)
def test_a_bad_name_or_address_is_refused(options: dict[str, str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        create(**options)
    assert not User.objects.exists()
