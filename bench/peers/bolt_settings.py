"""django-bolt is an app of the project and starts by a command, so it has settings of its own."""

from bench.peers.setup import kept_connections
from settings import production
from settings.production import *  # noqa: F403

INSTALLED_APPS = [*(name for name in production.INSTALLED_APPS if name != "moviedb"), "django_bolt"]
"""Without moviedb's own checks, which ask for what moviedb needs."""
DATABASES = {"default": kept_connections(vars(production)["DATABASES"]["default"])}
BOLT_API = ["bench.peers.bolt:api"]
