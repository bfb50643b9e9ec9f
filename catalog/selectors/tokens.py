"""Who may come in."""

from django.db.models import QuerySet, TextField

from catalog.drivers import Row
from catalog.prepared import Parameter, prepared
from catalog.registers import Token
from catalog.values import Access


def access(digest: str) -> Access | None:
    """What the token with that SHA-256 (hexadecimal) is good for; None where there is no such token. One query."""
    rows = bearing().rows({"digest": digest})
    if not rows:
        return None
    token_id, name, scopes, expires, revoked = rows[0]
    return Access(token_id, name, frozenset(scopes.split()), expires, revoked)


@prepared
def bearing() -> "QuerySet[Token, Row]":
    """The token of a digest."""
    tokens = Token.objects.filter(digest=Parameter("digest", TextField())).order_by()
    return tokens.values_list("id", "name", "scopes", "expires", "revoked")
