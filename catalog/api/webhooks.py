"""`/api/webhooks`: the addresses that a token's bearer has subscribed to what changes."""

from datetime import datetime
from functools import partial
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import UNSET, Meta, UnsetType

from catalog.api import params
from catalog.api.hop import hop_as
from catalog.api.http.answers import SHARED, coded, coding_of, freshness, json_answer, raw_query
from catalog.api.http.bodies import parsed
from catalog.api.http.negotiation import JSON
from catalog.api.http.operations import Answer, Body, Operation
from catalog.api.http.parsers import shown
from catalog.api.http.validation import validated
from catalog.api.keys import POLICY
from catalog.api.representations import encode
from catalog.api.writing import APPLIED, REPLAYED, Done, Write, written
from catalog.errors import Invalid, NotFound
from catalog.selectors import webhooks as stored
from catalog.selectors.webhooks import WebhookRecord
from catalog.services import webhooks
from catalog.services.addresses import URL_LENGTH, checked_url
from catalog.values import ID_MAX, Scope
from catalog.values.members import Id

ADDRESS = "/api/webhooks"
DESCRIPTION_LENGTH, SECRET_LENGTH = 200, 100

Url = Annotated[
    str,
    Meta(min_length=1, max_length=URL_LENGTH, description="Where to send.", examples=["https://example.org/changes"]),
]
Description = Annotated[str, Meta(max_length=DESCRIPTION_LENGTH, description="What it is for.")]
Secret = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=SECRET_LENGTH,
        description="`whsec_` and base64 of 24 to 64 bytes, by which messages are signed.",
    ),
]


class WebhookChanges(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said of a subscription; without a secret one is made."""

    url: Url | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    secret: Secret | UnsetType = UNSET


class WebhookInput(WebhookChanges, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new subscription."""

    url: Url


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription. failures: attempts in a row that have failed; disabled: since when nothing is sent any more.

    secret: shown only in the answer that made it.
    """

    id: Id
    url: Url
    description: Description
    failures: Annotated[int, Meta(ge=0)]
    disabled: datetime | None
    last_success: datetime | None
    created: datetime
    secret: Secret | UnsetType = UNSET


class Webhooks(msgspec.Struct, frozen=True):
    """Every webhook of the token, the newest first."""

    data: list[Webhook]


async def webhook_list(request: web.Request) -> web.Response:
    """The bearer's webhooks."""
    params.nothing(raw_query(request))
    found = await hop_as(request, lambda access: stored.webhooks(access.id))
    body = encode(Webhooks([on_the_wire(each) for each in found]))
    return json_answer(request, coded(body, coding_of(request)))


async def webhook(request: web.Request) -> web.Response:
    """One of the bearer's webhooks."""
    params.nothing(raw_query(request))
    webhook_id = id_of(request)
    found = await hop_as(request, lambda access: stored.webhook(webhook_id, access.id))
    return json_answer(request, coded(encode(on_the_wire(found)), coding_of(request)))


async def create_webhook(request: web.Request) -> web.Response:
    """A new webhook, with its secret."""
    params.nothing(raw_query(request))
    return await written(request, partial(created, request.app[POLICY].webhooks_anywhere))


def created(anywhere: bool, write: Write) -> Done:
    """The new webhook; runs in the executor. Raises BadRequest, and Invalid with all faults."""
    given, form = validated(parsed(write.body), WebhookInput, WebhookChanges)
    faults = list(form.faults)
    if given.url is not UNSET:
        try:
            checked_url(given.url, anywhere=anywhere)
        except Invalid as error:
            faults += error.faults
    if faults:
        raise Invalid(faults)
    made = webhooks.create_webhook(
        url=str(given.url),
        token_id=write.access.id,
        description=given.description or "",
        secret=given.secret or None,
    )
    shown = on_the_wire(stored.webhook(made.pk, write.access.id), secret=made.secret)
    return Done(status=201, body=encode(shown), location=f"{ADDRESS}/{made.pk}")


async def delete_webhook(request: web.Request) -> web.Response:
    """A webhook no longer."""
    params.nothing(raw_query(request))
    webhook_id = id_of(request)
    await hop_as(request, lambda access: webhooks.delete_webhook(webhook_id=webhook_id, token_id=access.id), write=True)
    return web.Response(status=204, headers=dict((*SHARED, freshness(request))))


def id_of(request: web.Request) -> int:
    """The id in the address. Raises NotFound for what can be none."""
    text = request.match_info["id"]
    if not text.isascii() or not text.isdigit() or int(text[:20]) > ID_MAX or len(text) > 19:
        raise NotFound(f"There is no webhook {shown(text)}.")
    return int(text)


def on_the_wire(record: WebhookRecord, secret: str | UnsetType = UNSET) -> Webhook:
    return Webhook(**msgspec.structs.asdict(record), secret=secret)


BODY = Body(content={JSON: WebhookInput}, limit_bytes=16_384)
SAME = Answer(description="The client has it already.")
ID = {"type": "integer", "minimum": 1, "maximum": ID_MAX, "description": "The webhook's id."}
OPERATIONS = (
    Operation(
        id="list_webhooks",
        method="GET",
        path=ADDRESS,
        handler=webhook_list,
        summary="List your webhooks",
        description="Those that the token has made.",
        tag="webhooks",
        answers={
            200: Answer(description="The webhooks.", content={JSON: Webhooks}),
            304: Answer(description="As before."),
        },
        scope=Scope.READ_MOVIES,
        problems=(400,),
    ),
    Operation(
        id="create_webhook",
        method="POST",
        path=ADDRESS,
        handler=create_webhook,
        summary="Subscribe an address",
        description="From now on the address is sent what changes, in messages of up to a hundred changes, signed by "
        "the rules of Standard Webhooks, and repeated for three days where it does not take them. A change may come "
        "twice; of two states the one with the higher version is the later.",
        tag="webhooks",
        body=BODY,
        answers={
            201: Answer(
                description="The webhook; its secret is shown only now.",
                content={JSON: Webhook},
                headers={"Location": "Its address.", "Preference-Applied": APPLIED, **REPLAYED},
            )
        },
        scope=Scope.READ_MOVIES,
        problems=(400, 409, 422),
    ),
    Operation(
        id="get_webhook",
        method="GET",
        path=ADDRESS + "/{id}",
        handler=webhook,
        summary="Show one webhook",
        tag="webhooks",
        path_parameters={"id": ID},
        answers={
            200: Answer(description="The webhook.", content={JSON: Webhook}),
            304: Answer(description="As before."),
        },
        scope=Scope.READ_MOVIES,
        problems=(404,),
    ),
    Operation(
        id="delete_webhook",
        method="DELETE",
        path=ADDRESS + "/{id}",
        handler=delete_webhook,
        summary="End a subscription",
        tag="webhooks",
        path_parameters={"id": ID},
        answers={204: Answer(description="Nothing is sent there any more.")},
        scope=Scope.READ_MOVIES,
        problems=(404,),
    ),
)
