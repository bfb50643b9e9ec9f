"""`moviedb token`."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog import services
from catalog.errors import NotFound
from catalog.registers import Token

pytestmark = pytest.mark.django_db


def said(*words: str, **options: Any) -> str:
    """What `moviedb token` prints on standard output."""
    out = io.StringIO()
    call_command("token", *words, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


@pytest.mark.contract("writes.once")
def test_a_new_token_is_printed_alone() -> None:
    text = said("create", "robot", "--scope", "movies:read", "--scope", "movies:write").rstrip("\n")
    token = Token.objects.get(name="robot", scopes="movies:read movies:write")
    assert services.token_digest(text) == token.digest
    assert token.expires


def test_a_token_may_hold_for_ever() -> None:
    said("create", "robot", "--scope", "movies:read", "--for-ever")
    assert Token.objects.get().expires is None


@pytest.mark.contract("writes.once", "writes.hash")
def test_the_list_shows_no_token() -> None:
    text = said("create", "robot", "--scope", "movies:read").strip()
    line = said("list")
    assert all(told in line for told in ("robot", "never used", text[-4:]))
    assert text not in line


def test_a_token_is_revoked_by_name() -> None:
    said("create", "robot", "--scope", "movies:read")
    assert said("revoke", "robot") == "revoked: robot\n"
    assert "revoked" in said("list")


def test_a_name_that_is_taken_is_one_line() -> None:
    said("create", "robot", "--scope", "movies:read")
    with pytest.raises(CommandError, match="There is a token named 'robot' already"):
        said("create", "robot", "--scope", "movies:read")


def test_revoking_nobody_is_told() -> None:
    with pytest.raises(NotFound, match="no token 'robot'"):
        said("revoke", "robot")


@pytest.mark.parametrize("words", [[], ["create", "x"], ["create", "x", "--scope", "all"], ["revoke"]])
def test_words_that_are_missing_or_unknown_are_told(words: list[str]) -> None:
    with pytest.raises(CommandError):
        said(*words)


def test_a_scope_that_is_none_is_told_which_there_are() -> None:
    with pytest.raises(CommandError, match="'movies:read', 'movies:write', 'people:write'"):
        said("create", "robot", "--scope", "all")


@pytest.mark.parametrize("days", ["0", "x", "36501"])
def test_days_that_are_none_are_told(days: str) -> None:
    with pytest.raises(CommandError, match="should be a whole number from 1 to 36500"):
        said("create", "robot", "--scope", "movies:read", "--days", days)
