"""`/api/webhooks`: whoever has a token subscribes addresses to what changes."""

from typing import Any

import pytest

from catalog.registers import Webhook
from catalog.services import queue, webhooks
from catalog.values import Scope
from tests.catalog.api.client import Answer, Client, bearer

pytestmark = pytest.mark.django_db

WEBHOOKS = "/api/webhooks"
URL = "https://example.org/changes"


@pytest.fixture
def robot(db: None) -> dict[str, str]:
    return bearer(Scope.READ_MOVIES)


def post(client: Client, headers: dict[str, str], **body: Any) -> Answer:
    return client.request("POST", WEBHOOKS, json=body, headers=headers)


@pytest.mark.contract("resources.webhooks")
def test_a_webhook_is_made_and_its_secret_told_once(client: Client, robot: dict[str, str]) -> None:
    answer = post(client, robot, url=URL, description="Mirror")
    assert answer.status == 201
    assert answer.json["secret"].startswith("whsec_")
    shown = client.get(answer.headers["Location"], headers=robot)
    assert shown.json == {name: value for name, value in answer.json.items() if name != "secret"}
    assert queue.is_due()


def test_a_secret_may_be_brought_along(client: Client, robot: dict[str, str]) -> None:
    secret = webhooks.new_secret()
    assert post(client, robot, url=URL, secret=secret).json["secret"] == secret


@pytest.mark.contract("writes.key_kept")
def test_a_webhook_that_is_made_with_a_key_is_made_once(client: Client, robot: dict[str, str]) -> None:
    headers = {**robot, "Idempotency-Key": "once"}
    first, again = (post(client, headers, url=URL) for _ in range(2))
    assert (again.status, again.body, again.headers["Idempotency-Replayed"]) == (201, first.body, "true")
    assert again.headers["Location"] == first.headers["Location"]
    assert Webhook.objects.count() == 1
    assert post(client, headers, url=f"{URL}/2").status == 422


@pytest.mark.contract("resources.webhooks", "resources.webhook")
def test_each_token_sees_its_own(client: Client, robot: dict[str, str]) -> None:
    made = [post(client, robot, url=f"{URL}/{number}").json["id"] for number in range(2)]
    other = bearer(Scope.READ_MOVIES, name="other")
    assert [each["id"] for each in client.get(WEBHOOKS, headers=robot).json["data"]] == made[::-1]
    assert client.get(WEBHOOKS, headers=other).json == {"data": []}
    assert client.get(f"{WEBHOOKS}/{made[0]}", headers=other).status == 404
    assert client.request("DELETE", f"{WEBHOOKS}/{made[0]}", headers=other).status == 404


@pytest.mark.contract("resources.webhook")
def test_a_webhook_can_be_ended(client: Client, robot: dict[str, str]) -> None:
    address = post(client, robot, url=URL).headers["Location"]
    assert client.request("DELETE", address, headers=robot).status == 204
    assert client.request("DELETE", address, headers=robot).status == 404
    assert not Webhook.objects.exists()
    assert not queue.is_due()


@pytest.mark.parametrize("method, path", [("GET", WEBHOOKS), ("GET", f"{WEBHOOKS}/1"), ("DELETE", f"{WEBHOOKS}/1")])
def test_without_a_token_there_are_none(client: Client, method: str, path: str) -> None:
    assert client.request(method, path).status == 401


def test_a_token_needs_the_scope(client: Client) -> None:
    assert client.get(WEBHOOKS, headers=bearer(Scope.WRITE_PEOPLE)).status == 403


@pytest.mark.parametrize(
    "body, faults",
    [
        ({}, {"#/url": "required"}),
        ({"url": "http://10.0.0.1/"}, {"#/url": "bad_address"}),
        ({"url": "http://localhost:22/", "colour": "red"}, {"#/url": "bad_address", "#/colour": "unknown_member"}),
        ({"url": URL, "secret": "whsec_short"}, {"#/secret": "bad_secret"}),
        ({"url": URL, "secret": "x" * 40}, {"#/secret": "bad_secret"}),
    ],
)
def test_every_fault_is_told(
    client: Client, robot: dict[str, str], body: dict[str, Any], faults: dict[str, str]
) -> None:
    answer = post(client, robot, **body)
    assert (answer.status, answer.codes) == (422, faults)


@pytest.mark.parametrize("webhook_id", ["x", "0", "9" * 18, "9" * 25, "1.5"])
def test_no_such_webhook_is_404(client: Client, robot: dict[str, str], webhook_id: str) -> None:
    assert client.get(f"{WEBHOOKS}/{webhook_id}", headers=robot).status == 404


def test_a_token_has_so_many_and_no_more(
    client: Client, robot: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "WEBHOOKS_LIMIT", 1)
    assert post(client, robot, url=URL).status == 201
    assert post(client, robot, url=URL).codes == {"#": "too_many"}
