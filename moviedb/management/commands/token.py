"""`moviedb token create|list|revoke`: what lets programs in."""

import argparse
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from catalog import services
from catalog.errors import Invalid
from catalog.registers import Token
from catalog.values import Scope
from settings.environment import whole

DAYS_DEFAULT, DAYS_MAX = 365, 36_500


class Command(BaseCommand):
    help = "Make, list and revoke the tokens with which programs use the API."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="create|list|revoke")
        create = actions.add_parser("create", help="make a token and print it, once")
        create.add_argument("name", help="who will use it; the change log says so")
        create.add_argument(
            *("--scope", "-s"),
            action="append",
            required=True,
            choices=[str(each) for each in Scope],
            dest="scopes",
            help="may be repeated",
        )
        expiry = create.add_mutually_exclusive_group()
        expiry.add_argument(
            "--days", type=days, default=DAYS_DEFAULT, help=f"how long it holds; default: {DAYS_DEFAULT}"
        )
        expiry.add_argument("--for-ever", action="store_true", help="it never expires")
        actions.add_parser("list", help="all tokens, and when each was used last; not the tokens themselves")
        actions.add_parser("revoke", help="end a token at once").add_argument("name", help="its name or id")

    def handle(self, *, action: str, **options: Any) -> None:
        """Do it. Raises CommandError for a name that is taken, CatalogError for one that is unknown."""
        if action == "create":
            self.create(options["name"], options["scopes"], None if options["for_ever"] else options["days"])
        elif action == "list":
            self.list()
        else:
            services.revoke_token(name=options["name"])
            self.stdout.write(f"revoked: {options['name']}")

    def create(self, name: str, scopes: list[Scope], days: int | None) -> None:
        """Print the token alone on standard output, so that it can be piped, and the rest beside it."""
        expires = None if days is None else timezone.now() + timedelta(days=days)
        try:
            _, text = services.create_token(name=name, scopes=scopes, expires=expires)
        except Invalid as error:
            raise CommandError(" ".join(fault.detail for fault in error.faults)) from error
        self.stderr.write(f"Keep it: it is shown only now. It holds {until(expires)}.")
        self.stdout.write(text)

    def list(self) -> None:
        for token in Token.objects.order_by("id"):
            state = f"revoked {day(token.revoked)}" if token.revoked else f"holds {until(token.expires)}"
            used = f"used {day(token.last_used)}" if token.last_used else "never used"
            self.stdout.write(f"{token.pk}  {token.name}  …{token.hint}  {token.scopes}  {state}  {used}")


def days(value: str) -> int:
    try:
        return int(whole(1, DAYS_MAX)(value))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"should be {error}; it is {value!r}") from error


def until(expires: datetime | None) -> str:
    return f"until {day(expires)}" if expires else "for ever"


def day(when: datetime | None) -> str:
    return f"{when:%Y-%m-%d}" if when else "never"
