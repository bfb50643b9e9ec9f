"""Webhooks, as whoever has made them sees them."""

from datetime import datetime

import msgspec

from catalog.errors import NotFound
from catalog.registers import Webhook


class WebhookRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription without its secret."""

    id: int
    url: str
    description: str
    failures: int
    disabled: datetime | None
    last_success: datetime | None
    created: datetime


FIELDS = WebhookRecord.__struct_fields__


def webhooks(token_id: int) -> list[WebhookRecord]:
    """Every webhook of a token, the newest first. One query."""
    return [WebhookRecord(**row) for row in Webhook.objects.filter(token_id=token_id).values(*FIELDS)]


def webhook(webhook_id: int, token_id: int) -> WebhookRecord:
    """One webhook of a token. One query. Raises NotFound."""
    row = Webhook.objects.filter(pk=webhook_id, token_id=token_id).values(*FIELDS).first()
    if row is None:
        raise NotFound(f"There is no webhook {webhook_id} of this token.")
    return WebhookRecord(**row)
