"""Which addresses the name of a webhook's host may have."""

import asyncio
import socket
from typing import Any

import pytest

from catalog.api.webhook_sender import PublicOnly
from catalog.services.addresses import NotPublic


@pytest.mark.contract("webhooks.public")
def test_a_name_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many public ones stand beside it: a second asking could give that one."""
    asked = []

    def found(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        kind = socket.AF_INET, socket.SOCK_STREAM, 6, ""
        return [(*kind, ("1.1.1.1", 80)), (*kind, ("192.168.0.1", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    with pytest.raises(NotPublic):
        asyncio.run(PublicOnly().resolve("example.org", 80))
    assert asked == ["example.org"]


def test_a_public_name_leads_to_the_address_that_was_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    where = socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", 80)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [where])
    (result,) = asyncio.run(PublicOnly().resolve("example.org", 80))
    assert (result["host"], result["flags"] & socket.AI_NUMERICHOST) == ("1.1.1.1", socket.AI_NUMERICHOST)
