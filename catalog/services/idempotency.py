"""Idempotency keys (IETF draft-ietf-httpapi-idempotency-key-header): an answer is kept with what the request did.

The record is written in the request's own transaction: either both are there or neither is, whatever crashes. A
request of several transactions claims its key first, and keeps the answer in the last of them.
"""

from datetime import timedelta
from hashlib import sha256

import msgspec
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog.errors import KeyInUse, KeyReused
from catalog.registers import KeptAnswer

KEPT_HOURS = 24
LEASE_SECONDS = 30.0
"""A claim that no transaction has renewed for so long is nobody's: the process that had it is gone, or its client."""

CLAIMED = 0
"""The status in the record of a claim; `request` then holds the claim's owner."""

IN_USE = "The request with this Idempotency-Key is still being worked on."


class Kept(msgspec.Struct, frozen=True):
    """What a request was answered with. version: of the film or person, for the entity tag."""

    status: int
    body: bytes
    location: str | None
    version: int | None


def digest(*parts: bytes) -> str:
    """One name for several texts, whatever bytes they hold."""
    return sha256(b"".join(len(part).to_bytes(8) + part for part in parts)).hexdigest()


@transaction.atomic
def kept_answer(*, key: str, request: str) -> Kept | None:
    """What the request with this key was answered with; None where it is to be done now.

    key, request: digests. Until the transaction ends nobody else works on the key: KeyInUse is raised to them.
    Raises KeyReused where another request came with it.
    """
    record = standing(key)
    if record is None:
        return None
    if record.status == CLAIMED:
        raise KeyInUse(IN_USE)
    if record.request != request:
        raise KeyReused("This Idempotency-Key came with another body before: a new request needs a new key.")
    return Kept(record.status, bytes(record.body), record.location, record.version)


@transaction.atomic
def claim(*, key: str, owner: str) -> bool:
    """Take a key for a request of several transactions; whether there was no answer yet. Raises KeyInUse."""
    record = standing(key)
    if record is None:
        keep_answer(key=key, request=owner, kept=Kept(CLAIMED, b"", None, None))
    elif record.status == CLAIMED:
        raise KeyInUse(IN_USE)
    return record is None


def renew(*, key: str, owner: str) -> None:
    """Keep a claim for another while, in a transaction of its request. Raises KeyInUse where others have it by now."""
    if not claimed(key, owner).update(at=timezone.now()):
        raise KeyInUse("Another request has taken over this Idempotency-Key.")


def give_up(*, key: str, owner: str) -> None:
    """Give a claim back: its request has failed, and may run again."""
    claimed(key, owner).delete()


def claimed(key: str, owner: str) -> QuerySet[KeptAnswer]:
    return KeptAnswer.objects.filter(pk=key, request=owner, status=CLAIMED)


def standing(key: str) -> KeptAnswer | None:
    """The record of a key that still holds. Raises KeyInUse where another transaction is at work on it."""
    if not taken(key):
        raise KeyInUse(IN_USE)
    record = KeptAnswer.objects.filter(pk=key).first()
    if record is None:
        return None
    holds = timedelta(seconds=LEASE_SECONDS) if record.status == CLAIMED else timedelta(hours=KEPT_HOURS)
    return record if record.at >= timezone.now() - holds else None


def taken(key: str) -> bool:
    """Take the key for this transaction; whether it was free. SQLite has one writer, for whom any key is free."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        # 63 bits of the digest: two keys that share them would only wait for each other's end.
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [int(key[:16], 16) >> 1])
        return bool(cursor.fetchone() == (True,))


def keep_answer(*, key: str, request: str, kept: Kept) -> None:
    """Keep what the request was answered with, in its own transaction, or the last of them."""
    record = {**msgspec.structs.asdict(kept), "request": request, "at": timezone.now()}
    KeptAnswer.objects.update_or_create(pk=key, defaults=record)


def prune_answers() -> int:
    """Drop the answers that are older than they are kept. Returns how many."""
    old = KeptAnswer.objects.filter(at__lt=timezone.now() - timedelta(hours=KEPT_HOURS))
    return old.delete()[0]
