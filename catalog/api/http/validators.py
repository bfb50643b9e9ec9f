"""Entity tags (RFC 9110, 8.8.3) and the question whether a client still has what it asks for (13.1.2)."""

import base64
import hashlib
import re
from collections.abc import Iterable

ENTITY_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
DIGEST_BYTES = 12


def entity_tag(body: bytes, coding: str, version: int | None = None) -> str:
    """A strong tag: `"<version>.<digest of the body before coding>.<coding>"`; a list has no version.

    Equal tags mean equal bytes, and of one film also the same version, which is what If-Match compares.
    """
    digest = base64.urlsafe_b64encode(hashlib.blake2b(body, digest_size=DIGEST_BYTES).digest()).decode()
    parts = (digest, coding) if version is None else (str(version), digest, coding)
    return f'"{".".join(parts)}"'


def still_has(if_none_match: Iterable[str], tag: str) -> bool:
    """Whether the values of If-None-Match name `tag`, by the weak comparison; `*` names whatever there is."""
    return any(value.strip() == "*" or tag in ENTITY_TAG.findall(value) for value in if_none_match)
