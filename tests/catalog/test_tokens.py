"""Tokens: their form, what is kept of them, and their life."""

import hashlib
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog import changes, selectors, services
from catalog.errors import Invalid, NotFound
from catalog.registers import Token
from catalog.services.tokens import PREFIX, base62, checked, new_text
from catalog.values import Access, Scope

SCOPES = [Scope.WRITE_MOVIES]


def test_a_token_is_a_prefix_32_bytes_and_a_check() -> None:
    assert re.fullmatch("mdb_[0-9A-Za-z]{43}[0-9A-Za-z]{6}", new_text())
    assert new_text() != new_text()


def test_the_largest_secret_and_check_fit_their_digits() -> None:
    assert len(base62(2**256 - 1, length=43)) == 43
    assert len(base62(2**32 - 1, length=6)) == 6


@given(st.integers(0, 2**256 - 1), st.integers(4, 52), st.sampled_from("09AZaz"))
def test_one_wrong_character_is_seen_without_the_database(number: int, place: int, other: str) -> None:
    text = checked(PREFIX + base62(number, length=43))
    mistyped = text[:place] + other + text[place + 1 :]
    assert services.token_digest(text) == hashlib.sha256(text.encode()).hexdigest()
    assert mistyped == text or services.token_digest(mistyped) is None


@pytest.mark.contract("writes.hash")
@pytest.mark.django_db
def test_only_the_digest_of_a_token_is_kept() -> None:
    _, text = services.create_token(name="robot", scopes=SCOPES)
    token = Token.objects.get()
    assert text not in " ".join(str(value) for value in vars(token).values())
    assert token.digest == services.token_digest(text)


@pytest.mark.django_db
def test_a_token_is_found_by_its_digest() -> None:
    expires = timezone.now() + timedelta(days=1)
    token_id, text = services.create_token(name="robot", scopes=SCOPES, expires=expires)
    access = selectors.access(services.token_digest(text) or "")
    assert access == Access(token_id, "robot", frozenset(["movies:write"]), expires)


@pytest.mark.django_db
def test_all_that_is_wrong_with_a_new_token_is_told() -> None:
    with pytest.raises(Invalid) as raised:
        services.create_token(name=" ", scopes=[], expires=timezone.now())
    assert {fault.pointer for fault in raised.value.faults} == {"#/name", "#/scopes", "#/expires"}


@pytest.mark.django_db
def test_no_two_tokens_share_a_name() -> None:
    services.create_token(name="robot", scopes=SCOPES)
    with pytest.raises(Invalid, match="a token named 'robot' already"):
        services.create_token(name="robot", scopes=SCOPES)


@pytest.mark.django_db
def test_a_token_is_revoked_once_by_name_or_id() -> None:
    token_id, _ = services.create_token(name="robot", scopes=SCOPES)
    services.revoke_token(name=str(token_id))
    assert Token.objects.get().revoked
    with pytest.raises(NotFound):
        services.revoke_token(name="robot")


@pytest.mark.django_db
def test_noting_a_use_changes_nothing_that_an_answer_shows() -> None:
    token_id, _ = services.create_token(name="robot", scopes=SCOPES)
    before, now = changes.position(), timezone.now()
    services.note_uses(uses={token_id: now})
    services.note_uses(uses={token_id: now - timedelta(hours=1)})
    assert Token.objects.get().last_used == now
    assert not changes.changed_since(before)
