"""Django as its own documentation would set it up behind each kind of server; imported before any model."""

import os
from typing import Any

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.production")


def kept_connections(database: dict[str, Any]) -> dict[str, Any]:
    """For servers whose threads live long: each keeps its connection; none of the options that moviedb's own need."""
    return {**database, "CONN_MAX_AGE": None, "OPTIONS": {}}


def pooled_connections(database: dict[str, Any]) -> dict[str, Any]:
    """For ASGI, where a request's thread ends with it: psycopg's pool; SQLite, which has none, connects each time."""
    return {**database, "OPTIONS": {} if "sqlite3" in database["ENGINE"] else {"pool": True}}


def configure(*, urls: str | None = None, pooled: bool = False) -> None:
    """Set Django up with the addresses in the module `urls` and the one middleware that nearly every site has."""
    chosen = pooled_connections if pooled else kept_connections
    settings.DATABASES["default"] = chosen(settings.DATABASES["default"])
    settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
    if urls:
        settings.ROOT_URLCONF = urls
    django.setup()
