"""Tokens: how programs say who they are. One is shown once, when it is made; only its digest is kept.

A token is `mdb_`, 43 characters that stand for 32 random bytes, and 6 for the CRC32 of all before them: scanners can
tell a leaked one from noise without asking us, and what was mistyped is refused without asking the database.
"""

import hashlib
import re
import secrets
import zlib
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from catalog.errors import Fault, Invalid, NotFound
from catalog.registers import TOKEN_NAME_LENGTH, Token
from catalog.values import Scope

PREFIX = "mdb_"
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SECRET_BYTES = 32
SECRET_LENGTH, CHECK_LENGTH = 43, 6
"""As many characters as 256 and 32 bits need at 62 digits."""

TOKEN = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{SECRET_LENGTH + CHECK_LENGTH}}}", re.ASCII)
HINT_LENGTH = 4


def base62(number: int, *, length: int) -> str:
    """A number of 0 or more, written with 62 digits, with zeros before it up to `length`.

    >>> base62(62 * 62 - 1, length=4)
    '00zz'
    """
    digits = []
    while number:
        number, rest = divmod(number, len(DIGITS))
        digits.append(DIGITS[rest])
    return "".join(reversed(digits)).rjust(length, DIGITS[0])


def checked(text: str) -> str:
    """The text with the check digits of its CRC32 behind it."""
    return text + base62(zlib.crc32(text.encode()), length=CHECK_LENGTH)


def new_text() -> str:
    """A token that nobody has."""
    number = int.from_bytes(secrets.token_bytes(SECRET_BYTES))
    return checked(PREFIX + base62(number, length=SECRET_LENGTH))


def token_digest(text: str) -> str | None:
    """What is kept of a token: its SHA-256, in hexadecimal. None for what cannot be a token: form or check is wrong."""
    if not TOKEN.fullmatch(text) or checked(text[:-CHECK_LENGTH]) != text:
        return None
    return hashlib.sha256(text.encode()).hexdigest()


def create_token(*, name: str, scopes: Collection[Scope], expires: datetime | None = None) -> tuple[int, str]:
    """The id and text of a new token. The text is kept nowhere: whoever gets it here must keep it.

    name: who will use it, 1 to 200 characters; it stands in the change log, and no two tokens share one.
    Raises Invalid with every fault.
    """
    name = name.strip()
    faults = list(_token_faults(name, scopes, expires))
    if faults:
        raise Invalid(faults)
    text = new_text()
    token = Token.objects.create(
        name=name,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        hint=text[-HINT_LENGTH:],
        scopes=" ".join(sorted(set(scopes))),
        expires=expires,
    )
    return token.pk, text


def _token_faults(name: str, scopes: Collection[Scope], expires: datetime | None) -> "list[Fault]":
    faults = []
    if not name or len(name) > TOKEN_NAME_LENGTH:
        faults.append(Fault("#/name", "length", f"A name has 1 to {TOKEN_NAME_LENGTH} characters."))
    elif Token.objects.filter(name=name).exists():
        faults.append(Fault("#/name", "taken", f"There is a token named '{name}' already."))
    if not scopes:
        faults.append(Fault("#/scopes", "required", "A token needs a scope, otherwise it is good for nothing."))
    if expires is not None and expires <= timezone.now():
        faults.append(Fault("#/expires", "past", "The expiry must be in the future."))
    return faults


def revoke_token(*, name: str) -> None:
    """End a token at once; it stays listed. Raises NotFound where no token that still works has that name or id."""
    known = Q(name=name) | (Q(pk=int(name)) if re.fullmatch("[0-9]{1,18}", name, re.ASCII) else Q())
    if not Token.objects.filter(known, revoked=None).update(revoked=timezone.now()):
        raise NotFound(f"There is no token '{name}' that has not been revoked.")


@transaction.atomic
def note_uses(*, uses: Mapping[int, datetime]) -> None:
    """Keep when each token, by id, was used last. Nothing that an answer shows changes."""
    for token_id, when in sorted(uses.items()):
        Token.objects.filter(Q(last_used=None) | Q(last_used__lt=when), pk=token_id).update(last_used=when)
