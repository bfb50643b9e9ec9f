"""Idempotency keys (IETF draft-ietf-httpapi-idempotency-key-header): an answer is kept with what the request did.

The record is written in the request's own transaction: either both are there or neither is, whatever crashes.
"""

from datetime import timedelta
from hashlib import sha256

import msgspec
from django.db import connection, transaction
from django.utils import timezone

from catalog.errors import KeyInUse, KeyReused
from catalog.registers import KeptAnswer

KEPT_HOURS = 24


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
    if not taken(key):
        raise KeyInUse("The request with this Idempotency-Key is still being worked on.")
    since = timezone.now() - timedelta(hours=KEPT_HOURS)
    record = KeptAnswer.objects.filter(pk=key).first()
    if record is None or record.at < since:
        return None
    if record.request != request:
        raise KeyReused("This Idempotency-Key came with another body before: a new request needs a new key.")
    return Kept(record.status, bytes(record.body), record.location, record.version)


def taken(key: str) -> bool:
    """Take the key for this transaction; whether it was free. SQLite has one writer, for whom any key is free."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        # 63 bits of the digest: two keys that share them would only wait for each other's end.
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [int(key[:16], 16) >> 1])
        return bool(cursor.fetchone() == (True,))


def keep_answer(*, key: str, request: str, kept: Kept) -> None:
    """Keep what the request was answered with, in its own transaction."""
    KeptAnswer.objects.update_or_create(
        pk=key,
        defaults={
            "request": request,
            "status": kept.status,
            "body": kept.body,
            "location": kept.location,
            "version": kept.version,
            "at": timezone.now(),
        },
    )


def prune_answers() -> int:
    """Drop the answers that are older than they are kept. Returns how many."""
    old = KeptAnswer.objects.filter(at__lt=timezone.now() - timedelta(hours=KEPT_HOURS))
    return old.delete()[0]
