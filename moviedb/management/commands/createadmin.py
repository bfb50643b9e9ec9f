import secrets
import sys
from getpass import getpass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

TRIES = 3


class Command(BaseCommand):
    help = "Make a superuser. Asks for the password on a terminal; elsewhere makes one and prints it once."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", default="admin", help="default: admin")
        parser.add_argument("--email", default="", help="may be left out")

    def handle(self, *, username: str, email: str, **_options: Any) -> None:
        """Make the superuser. Raises CommandError for a name that is taken or no name, and for weak passwords."""
        user = get_user_model()(username=username, email=email, is_staff=True, is_superuser=True)
        asked = sys.stdin.isatty()
        self.check_fields(user)
        password = self.ask(user) if asked else secrets.token_urlsafe(15)
        user.set_password(password)
        try:
            user.save(force_insert=True)
        except IntegrityError as error:
            raise CommandError(f"there is a user named {username!r} already") from error
        self.stdout.write(f"superuser {username} made" + ("" if asked else f", password: {password}"))

    def check_fields(self, user: Any) -> None:
        """Raise CommandError for a name or an address that can't be taken, before a password is asked for."""
        if get_user_model().objects.filter(username=user.username).exists():
            raise CommandError(f"there is a user named {user.username!r} already")
        try:
            user.clean_fields(exclude=["password"])
        except ValidationError as error:
            faults = (f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
            raise CommandError("; ".join(faults)) from error

    def ask(self, user: Any) -> str:
        """A password, typed twice alike and strong enough. Raises CommandError when TRIES were not enough."""
        for _ in range(TRIES):
            password = getpass("Password: ")
            if password != getpass("Password (again): "):
                self.stderr.write("These were not the same.")
                continue
            try:
                validate_password(password, user)
            except ValidationError as error:
                self.stderr.write(" ".join(error.messages))
                continue
            return password
        raise CommandError("no password, no superuser")
