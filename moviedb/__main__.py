"""The command line: `moviedb` or `python -m moviedb`, Django's commands and our own. Faults are one line each."""

import os
import sys
from collections.abc import Sequence
from functools import partial

from django.core.management import CommandError, ManagementUtility, get_commands
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, connections

from catalog.errors import CatalogError
from moviedb import database, doctor
from server.lifespan import Refused
from settings.environment import SettingsError

FAILED, MISUSED, INTERRUPTED, UNREAD = 1, 2, 130, 141
"""Exit codes: what was asked for failed; it must be said otherwise (arguments, settings); Ctrl-C; a closed pipe."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that `argv` (default: the process's arguments) names, `serve` when it names none.

    Returns the exit code: 0 or one of those above. With `--traceback` whatever goes wrong is raised.
    """
    words = list(sys.argv[1:] if argv is None else argv) or ["serve"]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.production")
    try:
        Utility(["moviedb", *words]).execute()
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    except Exception as error:
        if "--traceback" in words:
            raise
        return failed(error, command=words[0])
    return 0


def failed(error: Exception, *, command: str) -> int:
    """Say what went wrong on a line for each fault; returns the exit code. Raises again what is a fault of ours."""
    lines = words_for(error)
    if command == "doctor" and isinstance(error, SettingsError | Unloadable | OSError):
        return doctor.show(doctor.without_settings(lines))
    sys.stderr.writelines(f"moviedb: {line}\n" for line in lines)
    if isinstance(error, CommandError):
        return int(error.returncode)
    return MISUSED if isinstance(error, SettingsError) else FAILED


def words_for(error: Exception) -> list[str]:
    """The lines that people should read. Raises the error itself when it was not made for people."""
    if isinstance(error, DatabaseError | InterfaceError):
        return [database.plain(error)]
    if isinstance(error, OSError) and error.strerror:
        return [f"{error.filename}: {error.strerror}" if error.filename else error.strerror]
    if isinstance(error, SettingsError | CommandError | CatalogError | Refused | OSError):
        return str(error).splitlines()
    raise error


class Unloadable(CommandError):
    """The settings can't be loaded, for another reason than the environment's values."""


class Utility(ManagementUtility):
    """Django's, except that its commands raise their faults, for `main` to say in one line."""

    def fetch_command(self, subcommand: str) -> BaseCommand:
        """The command of that name. Raises CommandError when there is none, or the settings can't be loaded."""
        if self.settings_exception is not None:
            raise Unloadable(f"the settings can't be loaded: {self.settings_exception}", returncode=MISUSED)
        if subcommand not in get_commands():
            raise CommandError(f"there is no command {subcommand!r}; `moviedb help` lists them", returncode=MISUSED)
        command = super().fetch_command(subcommand)
        # Django's own prints argparse's usage, or the fault after its class name.
        command.run_from_argv = partial(run, command)  # type: ignore[method-assign]
        return command


def run(command: BaseCommand, argv: list[str]) -> None:
    """Parse `argv` (program, command, arguments) and run the command. Raises CommandError for bad arguments."""
    try:
        options = vars(command.create_parser(*argv[:2]).parse_args(argv[2:]))
    except CommandError as error:
        fault = str(error).removeprefix("Error: ")
        raise CommandError(f"{fault}; see `moviedb help {argv[1]}`", returncode=MISUSED) from error
    try:
        command.execute(*options.pop("args", ()), **options)
    finally:
        connections.close_all()


if __name__ == "__main__":
    sys.exit(main())
