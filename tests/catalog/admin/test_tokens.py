"""Tokens in the admin: made, shown once, revoked."""

import re

import pytest
from django.test import Client

from catalog import services
from catalog.registers import Token
from catalog.values import Scope

LIST, ADD = "/admin/catalog/token/", "/admin/catalog/token/add/"


@pytest.mark.contract("writes.once")
def test_a_token_is_shown_once_when_it_is_made(browser: Client) -> None:
    answer = browser.post(ADD, {"name": "robot", "scopes": ["movies:read", "movies:write"]})
    shown = re.findall(r"mdb_[0-9A-Za-z]{49}", answer.content.decode())
    assert [services.token_digest(text) for text in shown] == [Token.objects.get().digest]
    assert "no-store" in answer["Cache-Control"]
    assert shown[0] not in browser.get(LIST).content.decode()


@pytest.mark.parametrize(
    "given, told",
    [
        ({"scopes": ["movies:read"]}, "This field is required."),
        ({"name": "robot"}, "This field is required."),
        ({"name": "robot", "scopes": ["all"]}, "is not one of the available choices"),
        ({"name": "old", "scopes": ["movies:read"]}, "Token with this Name already exists."),
        (
            {"name": "robot", "scopes": ["movies:read"], "expires_0": "2001-01-01", "expires_1": "00:00"},
            "in the future",
        ),
    ],
)
def test_what_is_wrong_with_a_token_is_said(browser: Client, given: dict[str, str], told: str) -> None:
    services.create_token(name="old", scopes=[Scope.READ_MOVIES])
    assert told in browser.post(ADD, given).content.decode()


def test_tokens_are_revoked_from_the_list(browser: Client) -> None:
    token_id, _ = services.create_token(name="robot", scopes=[Scope.READ_MOVIES])
    browser.post(LIST, {"action": "revoke", "_selected_action": [token_id]})
    assert Token.objects.get().revoked


def test_a_token_can_be_looked_at_but_not_changed_or_deleted(browser: Client) -> None:
    token_id, _ = services.create_token(name="robot", scopes=[Scope.READ_MOVIES])
    assert browser.get(f"{LIST}{token_id}/change/").status_code == 200
    assert browser.post(f"{LIST}{token_id}/change/", {"name": "x"}).status_code == 403
    assert browser.post(f"{LIST}{token_id}/delete/", {"post": "yes"}).status_code == 403
