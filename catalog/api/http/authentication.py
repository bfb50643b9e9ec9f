"""Bearer tokens (RFC 6750): what a request brings, and what it is told when that does not do."""

from datetime import UTC, datetime

import msgspec
from aiohttp import web

from catalog import selectors, services
from catalog.errors import Forbidden, Unknown
from catalog.values import Access

CHALLENGE = 'Bearer realm="moviedb"'
ANYBODY = Access(0, "anybody", frozenset())


class Unauthorized(Exception):
    """There is no token where one is needed, or one that cannot be a token. Answered with 401.

    code: of RFC 6750, section 3.1; None where the request brought no token at all.
    """

    def __init__(self, detail: str, code: str | None = None) -> None:
        super().__init__(detail)
        self.code = code


class Demand(msgspec.Struct, frozen=True):
    """A token's digest, and the scope that it must have; None where any token does."""

    digest: str
    scope: str | None


def bearer_digest(request: web.Request) -> str | None:
    """The digest of the request's token; None where it brings none. Raises Unauthorized for what cannot be one."""
    given = request.headers.getall("Authorization", ())
    if not given:
        return None
    scheme, _, text = given[0].partition(" ")
    if len(given) > 1 or scheme.lower() != "bearer":
        raise Unauthorized("Authorization takes one token, as 'Bearer mdb_…', and no other scheme.")
    digest = services.token_digest(text.strip(" "))
    if digest is None:
        raise Unauthorized("This cannot be a token: its form or its check digits are wrong.", "invalid_token")
    return digest


def admitted(demand: Demand) -> Access:
    """The bearer, let in; runs in the executor, one query. Raises Unknown and Forbidden."""
    access = selectors.access(demand.digest)
    if access is None:
        raise Unknown("There is no such token.")
    if access.revoked is not None:
        raise Unknown("The token has been revoked.")
    if access.expires is not None and access.expires <= datetime.now(UTC):
        raise Unknown("The token has expired.")
    if demand.scope is not None and demand.scope not in access.scopes:
        raise Forbidden(f"The token lacks the scope {demand.scope}.", scope=demand.scope)
    return access


def challenge(*, code: str | None = None, detail: str = "", scope: str | None = None) -> tuple[str, str]:
    """The header WWW-Authenticate (RFC 6750, section 3): what is wrong with the token, and what it would need."""
    parts = [CHALLENGE]
    if code is not None:
        parts += [f'error="{code}"', f'error_description="{detail}"']
    if scope is not None:
        parts.append(f'scope="{scope}"')
    return "WWW-Authenticate", ", ".join(parts)
