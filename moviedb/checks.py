"""Django's system checks for what moviedb's speed and safety hang on, made by `moviedb check` and `doctor`."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from settings.base import SQLITE_PRAGMAS

POOLED = "pool"


@register
def connections_end_with_their_request(**_: Any) -> list[CheckMessage]:
    """The admin runs on threads that end with each request, so that a kept connection would leak."""
    kept = [
        alias for alias, database in settings.DATABASES.items()
        if database.get("CONN_MAX_AGE", 0) != 0 and POOLED not in database.get("OPTIONS", {})
    ]  # fmt: skip
    return [
        Error(
            f"CONN_MAX_AGE of the database {alias!r} is not 0: under ASGI each admin request would leak a connection.",
            hint="Set CONN_MAX_AGE to 0. The API's executor keeps its own connections whatever it is.",
            id="moviedb.E001",
        )
        for alias in kept
    ]


@register
def sqlite_takes_the_lock_at_begin(**_: Any) -> list[CheckMessage]:
    """A transaction that reads first and then writes fails at once with SQLite's default BEGIN, when another writes."""
    return [
        Error(
            f"Transactions of the SQLite database {alias!r} do not begin with BEGIN IMMEDIATE.",
            hint="Take OPTIONS from settings.base.sqlite_options().",
            id="moviedb.E002",
        )
        for alias, options in sqlite_databases()
        if options.get("transaction_mode") != "IMMEDIATE"
    ]


@register
def sqlite_has_its_pragmas(**_: Any) -> list[CheckMessage]:
    """Every connection must set the pragmas; that a file system takes them is verified at start."""
    return [
        Error(
            f"Connections to the SQLite database {alias!r} do not set {', '.join(missing)}.",
            hint="Take OPTIONS from settings.base.sqlite_options().",
            id="moviedb.E003",
        )
        for alias, options in sqlite_databases()
        if (missing := [each for each in SQLITE_PRAGMAS if f"PRAGMA {each}=" not in options.get("init_command", "")])
    ]


@register
def hosts_are_named(**_: Any) -> list[CheckMessage]:
    """With no host named every request is refused."""
    if settings.ALLOWED_HOSTS:
        return []
    return [Error("ALLOWED_HOSTS is empty: every request would be refused.", id="moviedb.E004")]


def sqlite_databases() -> list[tuple[str, dict[str, Any]]]:
    """Alias and OPTIONS of each SQLite database."""
    return [
        (alias, database.get("OPTIONS", {}))
        for alias, database in settings.DATABASES.items()
        if database["ENGINE"].endswith(".sqlite3")
    ]
