import argparse
import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from moviedb import startup
from server import config
from settings.environment import whole


class Command(BaseCommand):
    help = "Serve the catalogue: the admin at /admin, the API at /api, one process."
    requires_system_checks = []  # a start is measured; `moviedb check` and `moviedb doctor` make them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=settings.HOST, help="default: $HOST, else 127.0.0.1")
        parser.add_argument("--port", type=port, default=settings.PORT, help="default: $PORT, else 8000; 0: a free one")

    def handle(self, *, host: str, port: int, **_options: Any) -> None:
        """Serve until SIGTERM or Ctrl-C. Raises CommandError when the port can't be had, or the set-up not be used."""
        try:
            started = config.serve("asgi:application", host=host, port=port, listening=self.listening)
        except (OSError, UnicodeError) as error:
            raise CommandError(f"can't listen on {host}:{port}: {reason(error)}") from error
        if not started:
            raise CommandError("the server did not start; the lines above say why")

    def listening(self, address: str) -> None:
        """The port is ours: make ready what may fail, while a fault can still be said in one line."""
        startup.prepare_storage()
        settings.PORT = int(address.rpartition(":")[2])  # for the one-time link: it may have been 0, or an option
        self.stdout.write(f"moviedb listens on {address}/ (Ctrl-C ends it)")
        self.stdout.flush()


def reason(error: OSError | UnicodeError) -> str:
    """The system's own words, without what Python adds to them."""
    if isinstance(error, OSError) and (error.errno or 0) > 0:
        return os.strerror(error.errno or 0)
    return getattr(error, "strerror", None) or str(error)


def port(value: str) -> int:
    try:
        return int(whole(0, 65535)(value))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"should be {error}; it is {value!r}") from error
