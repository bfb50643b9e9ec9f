"""What a webhook's address gets, and which addresses get nothing."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from django.db import connection
from django.utils import timezone

from catalog import services
from catalog.api.webhook_sender import Sender, signature
from catalog.changes import migrating
from catalog.errors import NotFound
from catalog.models import Film
from catalog.registers import Job, Webhook, WebhookAttempt
from catalog.services import queue, webhooks
from catalog.services.webhooks import WAITS, Alarm, Message, Outcome
from catalog.values import Scope
from tests.catalog.api.client import SharedConnectionExecutor
from tests.catalog.changes.log import film

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Receiver:
    """A server that takes webhooks, with the sender and its loop; `status` is what it answers."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.runner = runner
        self.status = 204
        self.headers: dict[str, str] = {}
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.executor = SharedConnectionExecutor()
        self.sender = Sender(self.executor.run, anywhere=True)
        app = web.Application()
        app.router.add_post("/", self.take)
        self.server = TestServer(app)
        runner.run(self.server.start_server())

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status, headers=self.headers)

    @property
    def url(self) -> str:
        return str(self.server.make_url("/"))

    def subscribe(self, **more: Any) -> Webhook:
        return webhooks.create_webhook(url=self.url, **{"token_id": None, **more})

    def work(self) -> float | None:
        """Do the job of the only webhook, and settle it as the worker would; when it is due again."""
        (job,) = queue.take(1, 60.0)
        again = self.runner.run(self.sender(job))
        queue.settle(job, again)
        return again

    def send(self, url: str, **more: Any) -> Outcome:
        sender = Sender(self.executor.run, **more)
        return self.runner.run(sender.send(Message(1, url, SECRET, "msg_1", b"{}")))


@pytest.fixture
def receiver(transactional_db: None) -> Iterator[Receiver]:
    migrating.mend()
    with asyncio.Runner() as runner:
        made = Receiver(runner)
        yield made
        runner.run(made.server.close())
        made.executor.close()


@pytest.mark.contract("webhooks.signature")
def test_the_signature_is_that_of_the_rules_example() -> None:
    body = b'{"test": 2432232314}'
    signed = signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.contract("webhooks.signature")
def test_a_change_is_told_and_signed(receiver: Receiver) -> None:
    webhook = receiver.subscribe()
    made = film()
    assert receiver.work() == 0.0
    ((headers, body),) = receiver.got
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(webhook.secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    told = json.loads(body)
    assert (told["type"], [change["id"] for change in told["data"]["changes"]]) == ("catalogue.changed", [made.pk])


def test_what_was_told_is_told_once(receiver: Receiver) -> None:
    receiver.subscribe()
    film()
    assert [receiver.work(), receiver.work()] == [0.0, webhooks.IDLE_SECONDS]
    assert len(receiver.got) == 1


@pytest.mark.contract("webhooks.signature")
def test_a_message_that_was_not_taken_comes_again_word_for_word(receiver: Receiver) -> None:
    receiver.subscribe()
    film()
    receiver.status = 500
    assert receiver.work() == WAITS[0]
    Film.objects.update(title="meanwhile")
    Job.objects.update(due=timezone.now())
    receiver.status = 200
    assert receiver.work() == 0.0
    (first, body), (second, again) = receiver.got
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    assert receiver.work() == 0.0
    assert b"meanwhile" in receiver.got[-1][1]


def test_attempts_are_written_down(receiver: Receiver) -> None:
    receiver.subscribe()
    film()
    receiver.status = 503
    receiver.work()
    Webhook.objects.update(url="http://127.0.0.1:1/")
    Job.objects.update(due=timezone.now())
    receiver.work()
    last, first = WebhookAttempt.objects.all()
    assert (first.status, first.error, last.status) == (503, "", None)
    assert "Cannot connect" in last.error


@pytest.mark.contract("webhooks.end")
def test_after_days_of_failures_a_webhook_is_disabled(receiver: Receiver) -> None:
    webhook = receiver.subscribe()
    film()
    receiver.status = 500
    waits = []
    while (again := receiver.work()) is not None:
        waits.append(again)
        Job.objects.update(due=timezone.now())
    assert tuple(waits) == WAITS
    assert 3 * 86400 < sum(waits) < 4 * 86400
    webhook.refresh_from_db()
    assert webhook.disabled is not None
    assert not Job.objects.exists()


@pytest.mark.contract("webhooks.end")
def test_who_answers_410_is_told_no_more(receiver: Receiver) -> None:
    receiver.subscribe()
    film()
    receiver.status = 410
    assert receiver.work() is None


@pytest.mark.contract("webhooks.end")
def test_a_disabled_webhook_goes_on_where_it_stood(receiver: Receiver) -> None:
    webhook = receiver.subscribe()
    film()
    receiver.status = 410
    receiver.work()
    receiver.status = 200
    webhooks.enable_webhook(webhook_id=webhook.pk)
    assert receiver.work() == 0.0
    assert receiver.got[0][1] == receiver.got[1][1]


@pytest.mark.contract("webhooks.public")
def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.status, receiver.headers = 302, {"Location": receiver.url}
    outcome = receiver.send(receiver.url, anywhere=True)
    assert (outcome.status, outcome.succeeded, len(receiver.got)) == (302, False, 1)


def test_a_webhook_of_a_revoked_token_is_told_nothing(receiver: Receiver) -> None:
    token_id, _ = services.create_token(name="robot", scopes=[Scope.READ_MOVIES])
    webhook = receiver.subscribe(token_id=token_id)
    services.revoke_token(name="robot")
    film()
    assert receiver.work() is None
    webhook.refresh_from_db()
    assert webhook.disabled is not None


def test_a_deleted_webhook_is_told_nothing(receiver: Receiver) -> None:
    token_id, _ = services.create_token(name="robot", scopes=[Scope.READ_MOVIES])
    webhook = receiver.subscribe(token_id=token_id)
    with pytest.raises(NotFound):
        webhooks.delete_webhook(webhook_id=webhook.pk, token_id=token_id + 1)
    webhooks.delete_webhook(webhook_id=webhook.pk, token_id=token_id)
    assert not Job.objects.exists()
    job = queue.Taken(1, webhooks.KIND, str(webhook.pk), None, 0, "")
    assert receiver.runner.run(receiver.sender(job)) is None


def test_a_lost_position_is_told_as_a_reset(receiver: Receiver) -> None:
    receiver.subscribe()
    migrating.renew(connection, epoch="another")
    receiver.work()
    assert json.loads(receiver.got[0][1])["data"]["reset"] is True


@pytest.mark.contract("webhooks.public")
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/",
        "http://127.1:8000/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://localhost:8000/",
        "http://[::1]:8000/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1]/",
        "http://10.1.2.3/",
        "http://169.254.169.254/latest/",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://user:word@1.1.1.1/",
        "http://1.1.1.1:22/",
        "ftp://1.1.1.1/",
    ],
)
def test_no_webhook_goes_inside_the_private_network(receiver: Receiver, url: str) -> None:
    outcome = receiver.send(url)
    assert outcome.status is None
    assert "must " in outcome.error or "canonical" in outcome.error


def test_the_alarm_wakes_who_waits_and_leaves_who_has_failed(receiver: Receiver) -> None:
    alarm = Alarm()
    assert not alarm.is_needed()
    receiver.subscribe()
    receiver.work()
    alarm.ring()
    receiver.work()
    assert not alarm.is_needed()
    assert not queue.is_due()
    film()
    assert alarm.is_needed()
    alarm.ring()
    assert queue.is_due()
    receiver.status = 500
    receiver.work()
    alarm.ring()
    assert not queue.is_due()


def test_the_alarm_rings_again_for_who_was_just_being_looked_at(receiver: Receiver) -> None:
    alarm = Alarm()
    receiver.subscribe()
    receiver.work()
    alarm.ring()
    (job,) = queue.take(1, 60.0)
    film()
    alarm.ring()
    queue.settle(job, webhooks.IDLE_SECONDS)
    assert alarm.is_needed()


def test_of_attempts_the_latest_are_kept(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "ATTEMPTS_KEPT", 2)
    receiver.subscribe()
    for number in range(4):
        film(title=str(number))
        receiver.work()
    assert WebhookAttempt.objects.count() == 2
