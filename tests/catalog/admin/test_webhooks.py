"""Webhooks as curators see them."""

from typing import Any

import pytest
from django.test import Client

from catalog.registers import Webhook, WebhookAttempt
from catalog.services import queue

pytestmark = pytest.mark.django_db

ADD = "/admin/catalog/webhook/add/"


@pytest.fixture
def webhook(admin_client: Client) -> Webhook:
    admin_client.post(ADD, {"url": "https://example.org/changes", "description": "Mirror"})
    return Webhook.objects.get()


def test_a_webhook_is_made_and_its_secret_shown_once(admin_client: Client) -> None:
    page = admin_client.post(ADD, {"url": "https://example.org/changes", "description": ""})
    webhook = Webhook.objects.get()
    assert webhook.secret in page.content.decode()
    assert queue.is_due()
    shown = admin_client.get(f"/admin/catalog/webhook/{webhook.pk}/change/").content.decode()
    assert webhook.secret not in shown


def test_an_address_inside_the_private_network_is_refused(admin_client: Client, settings: Any) -> None:
    settings.WEBHOOKS_ANYWHERE = False
    page = admin_client.post(ADD, {"url": "http://10.0.0.1/", "description": ""})
    assert "must not lie inside a private network" in page.content.decode()
    assert not Webhook.objects.exists()


def test_its_attempts_are_listed(admin_client: Client, webhook: Webhook) -> None:
    WebhookAttempt.objects.create(webhook=webhook, message_id="msg_x", status=503, error="", seconds=0.1)
    page = admin_client.get(f"/admin/catalog/webhook/{webhook.pk}/change/").content.decode()
    assert "msg_x" in page
    assert "503" in page
    assert "Mirror" in admin_client.get("/admin/catalog/webhook/").content.decode()


def test_its_description_can_be_changed(admin_client: Client, webhook: Webhook) -> None:
    rows = {f"attempts-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")}
    answer = admin_client.post(f"/admin/catalog/webhook/{webhook.pk}/change/", {"description": "Other", **rows})
    assert answer.status_code == 302
    webhook.refresh_from_db()
    assert (webhook.description, webhook.url) == ("Other", "https://example.org/changes")


def test_a_disabled_one_can_be_tried_again(admin_client: Client, webhook: Webhook) -> None:
    Webhook.objects.update(disabled="2026-01-01T00:00:00Z", failures=9)
    action = {"action": "enable", "_selected_action": [webhook.pk]}
    admin_client.post("/admin/catalog/webhook/", action)
    webhook.refresh_from_db()
    assert (webhook.disabled, webhook.failures) == (None, 0)
