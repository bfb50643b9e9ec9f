"""`moviedb get /api/movies?limit=2`: an answer of the API without a running server."""

import os
import sys
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser

from moviedb import database, startup
from moviedb.inprocess import Head, ask

MISUSED = 2
REFUSED, BROKEN = 4, 5
"""Exit codes of answers 4xx and 5xx; 0 is any other."""

ALLOWED = "/?#[]@!$&'()*+,;=:%-._~"
"""What stands in an address as it is (RFC 3986, 2.2 and 2.3); the rest is encoded for whoever types it."""


class Command(BaseCommand):
    help = "Print what the API answers, without a server: the same handlers, in this process."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="path and query, such as '/api/movies?limit=2'")
        parser.add_argument("-i", "--include", action="store_true", help="print the status and the headers too")
        parser.add_argument("-I", "--head", action="store_true", help="ask by HEAD: print these alone")
        parser.add_argument("-H", "--header", action="append", default=[], help="'Name: value'; may be repeated")
        parser.add_argument("--token", default=os.environ.get("MOVIEDB_TOKEN"), help="default: $MOVIEDB_TOKEN")

    def handle(self, *, address: str, head: bool, **options: Any) -> None:
        """Print the answer; end with its exit code. Raises CommandError and Refused where there is nothing to ask."""
        if not (address == "/api" or address.startswith(("/api/", "/api?"))):
            raise CommandError("an address of the API begins with /api", returncode=MISUSED)
        headers = [parsed(line) for line in options["header"]]
        if options["token"]:
            headers.append(("Authorization", f"Bearer {options['token']}"))
        check_database()
        printer = Printer(heads=options["include"] or head)
        answer = ask("HEAD" if head else "GET", quote(address, safe=ALLOWED), headers, printer.heard)
        if code := exit_code(answer.status):
            sys.stdout.flush()
            sys.exit(code)


def parsed(line: str) -> tuple[str, str]:
    """Name and value of a header as people type it. Raises CommandError."""
    name, colon, value = line.partition(":")
    if not colon or not name.strip() or not line.isprintable() or not line.isascii():
        raise CommandError(f"a header is 'Name: value', not {line!r}", returncode=MISUSED)
    return name.strip(), value.strip()


def check_database() -> None:
    """Refuse a database that is not there or does not fit the code: nothing is made or migrated by a question."""
    file = database.sqlite_file()
    if file is not None and not file.exists():
        raise CommandError(f"there is no database at {file} yet: run `moviedb migrate`")
    startup.refuse_misfit(database.migrations())


def exit_code(status: int) -> int:
    return {4: REFUSED, 5: BROKEN}.get(status // 100, 0)


class Printer:
    """Writes an answer to standard output: as it comes, or, JSON on a terminal, indented."""

    def __init__(self, *, heads: bool) -> None:
        self.heads = heads
        self.terminal = sys.stdout.isatty()
        self.kept = b""

    def heard(self, head: Head, part: bytes, more: bool) -> None:
        if self.heads:
            self.heads = False
            lines = [f"{name}: {value}" for name, value in head.headers]
            self.write("\n".join([f"HTTP/1.1 {head.status} {HTTPStatus(head.status).phrase}", *lines, "\n"]).encode())
        if not (self.terminal and head.header("content-type").endswith("json")):
            self.write(part)
            return
        self.kept += part
        if not more and self.kept:
            self.write(msgspec.json.format(self.kept, indent=2) + b"\n")

    def write(self, text: bytes) -> None:
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()
