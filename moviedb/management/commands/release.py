"""`moviedb release`: what a platform runs once for each new version, before it starts any process of it."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection


class Command(BaseCommand):
    """Migrates a database that lives elsewhere; the embedded one is on a disk that the release phase has not."""

    help = "Migrate PostgreSQL before a new version starts; the embedded database is migrated by `serve` itself."

    def handle(self, *_args: Any, **options: Any) -> None:
        if connection.vendor == "sqlite":
            self.stdout.write("The embedded database is migrated when the server starts: nothing to do.")
            return
        call_command("migrate", interactive=False, verbosity=options["verbosity"], stdout=self.stdout)
