"""Webhooks: changes of the catalogue, told to an address that somebody has subscribed.

A webhook stands at a position among the changes. What follows it becomes one message, which is kept until the address
has taken it, word for word and under one name, and only then does the webhook go on: nothing is left out, and an
address that is away for days finds the present state of what has changed, not every step. Signed and sent by the rules
of Standard Webhooks (https://www.standardwebhooks.com).
"""

import base64
import binascii
import secrets
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from catalog import changes
from catalog.changes import feed
from catalog.errors import Fault, Gone, Invalid, NotFound
from catalog.registers import Job, Webhook, WebhookAttempt
from catalog.selectors.changes import ChangePage
from catalog.selectors.changes import changes as changes_since
from catalog.services import queue

KIND = "webhook"
SECRET_PREFIX = "whsec_"  # noqa: S105  what every secret begins with
SECRET_BYTES = (24, 64)
URL_LENGTH = 2000
MESSAGE_CHANGES = 100
WEBHOOKS_LIMIT = 20
"""Of one token."""

ATTEMPTS_KEPT = 200
ERROR_LENGTH = 300
IDLE_SECONDS = 3600.0
"""Until a webhook is looked at without having been woken."""

MINUTE, HOUR = 60.0, 3600.0
WAITS = (5.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
"""Between attempts, by the example of the rules: after the last, some three days on, the webhook is disabled."""


class Message(NamedTuple):
    """What is to be sent now. secret: as the subscriber has it."""

    webhook_id: int
    url: str
    secret: str
    id: str
    body: bytes


class Outcome(NamedTuple):
    """What became of an attempt: the status that was answered, or why there is none, after how many seconds."""

    status: int | None
    error: str
    seconds: float

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


Render = Callable[[ChangePage], bytes]
"""A page of changes as the body of a message."""


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES[0])).decode()


def secret_bytes(secret: str) -> bytes:
    """The key that a secret stands for. Raises ValueError for what is none."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError(secret) from error
    if not secret.startswith(SECRET_PREFIX) or not SECRET_BYTES[0] <= len(key) <= SECRET_BYTES[1]:
        raise ValueError(secret)
    return key


@transaction.atomic
def create_webhook(*, url: str, token_id: int | None, description: str = "", secret: str | None = None) -> Webhook:
    """Subscribe an address, which has been judged, to what changes from now on. Raises Invalid."""
    faults = []
    if secret is not None:
        try:
            secret_bytes(secret)
        except ValueError:
            form = f"'{SECRET_PREFIX}' and base64 of {SECRET_BYTES[0]} to {SECRET_BYTES[1]} bytes"
            faults.append(Fault("#/secret", "bad_secret", f"A secret is {form}."))
    if token_id is not None and Webhook.objects.filter(token_id=token_id).count() >= WEBHOOKS_LIMIT:
        faults.append(Fault("#", "too_many", f"A token may have at most {WEBHOOKS_LIMIT} webhooks."))
    if faults:
        raise Invalid(faults)
    webhook = Webhook.objects.create(
        url=url, token_id=token_id, description=description, secret=secret or new_secret(), position=feed.end()
    )
    start(webhook)
    return webhook


def start(webhook: Webhook) -> None:
    """Let a webhook be looked at."""
    queue.schedule(kind=KIND, key=str(webhook.pk))


@transaction.atomic
def delete_webhook(*, webhook_id: int, token_id: int) -> None:
    """End a subscription of that token. Raises NotFound."""
    number, _ = Webhook.objects.filter(pk=webhook_id, token_id=token_id).delete()
    if not number:
        raise NotFound(f"There is no webhook {webhook_id} of this token.")
    queue.cancel(kind=KIND, key=str(webhook_id))


def enable_webhook(*, webhook_id: int) -> None:
    """Let a disabled webhook try again from where it stands."""
    Webhook.objects.filter(pk=webhook_id).update(disabled=None, failures=0)
    queue.schedule(kind=KIND, key=str(webhook_id))


@transaction.atomic
def next_message(webhook_id: int, render: Render) -> Message | float | None:
    """What a webhook has to send, which is kept; or the seconds after which it is to be looked at again.

    None where it is disabled, or not there any more. One whose token holds no longer is disabled.
    """
    webhook = Webhook.objects.filter(pk=webhook_id, disabled=None).select_for_update().first()
    if webhook is None:
        return None
    if webhook.token_id is not None and not bears(webhook):
        Webhook.objects.filter(pk=webhook_id).update(disabled=timezone.now())
        return None
    if not webhook.message_id and not renewed(webhook, render):
        return IDLE_SECONDS
    return Message(webhook.pk, webhook.url, webhook.secret, webhook.message_id, bytes(webhook.message))


def bears(webhook: Webhook) -> bool:
    """Whether the token behind a webhook still lets somebody in."""
    token = webhook.token
    return token is not None and token.revoked is None and (token.expires is None or token.expires > timezone.now())


def renewed(webhook: Webhook, render: Render) -> bool:
    """Whether there is something to tell: then it is the webhook's message from now on."""
    try:
        page = changes_since(webhook.position, MESSAGE_CHANGES)
    except Gone:
        page = ChangePage([], feed.end(), reset=True)
    if not page.changes and not page.reset:
        if page.position != webhook.position:
            Webhook.objects.filter(pk=webhook.pk).update(position=page.position)
        return False
    webhook.message_id = f"msg_{secrets.token_urlsafe(18)}"
    webhook.message = render(page)
    webhook.message_position = page.position
    webhook.save(update_fields=["message_id", "message", "message_position"])
    return True


@transaction.atomic
def note_attempt(message: Message, outcome: Outcome) -> float | None:
    """Write down what became of an attempt; the seconds until the next, or None where there is none."""
    webhook = Webhook.objects.filter(pk=message.webhook_id, message_id=message.id).select_for_update().first()
    if webhook is None:
        return None  # deleted meanwhile
    WebhookAttempt.objects.create(
        webhook=webhook,
        message_id=message.id,
        status=outcome.status,
        error=outcome.error[:300],
        seconds=outcome.seconds,
    )
    forget_attempts(webhook)
    if outcome.succeeded:
        webhook.position, webhook.message_id, webhook.message = webhook.message_position, "", b""
        webhook.failures, webhook.last_success = 0, timezone.now()
        webhook.save()
        return 0.0
    webhook.failures += 1
    over = webhook.failures > len(WAITS) or outcome.status == HTTPStatus.GONE
    webhook.disabled = timezone.now() if over else None
    webhook.save()
    return None if over else WAITS[webhook.failures - 1]


def forget_attempts(webhook: Webhook) -> None:
    """Keep the latest attempts only."""
    old = webhook.attempts.order_by("-id").values_list("id", flat=True)[ATTEMPTS_KEPT : ATTEMPTS_KEPT + 1].first()
    if old is not None:
        webhook.attempts.filter(pk__lte=old).delete()


class Alarm:
    """Wakes the webhooks that have nothing to send when something has changed. One for a process."""

    def __init__(self) -> None:
        self.position = ""

    def is_needed(self) -> bool:
        """Whether anything has changed since webhooks were woken; not asked where there are none. Two queries."""
        if not Webhook.objects.filter(disabled=None).exists():
            return False
        return not self.position or bool(changes.changed_since(self.position))

    def ring(self) -> None:
        """Let all that wait for changes be looked at now. Those that are looked at just now get another chance."""
        position = changes.position()
        idle = Webhook.objects.filter(disabled=None, failures=0)
        jobs = Job.objects.filter(
            kind=KIND, key__in=[str(webhook_id) for webhook_id in idle.values_list("pk", flat=True)]
        )
        jobs.filter(holder="", due__gt=timezone.now() + timedelta(seconds=1)).update(due=timezone.now())
        if not jobs.exclude(holder="").exists():
            self.position = position
