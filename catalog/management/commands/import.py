"""`moviedb import wikipedia FILE` and `moviedb import sample`: films from elsewhere into the catalogue."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from catalog.importers import wikipedia
from catalog.importers.progress import shown
from catalog.importers.report import Report
from catalog.importers.source import SourceError, opened


class Command(BaseCommand):
    """Each source is a word after `import`; what it does not take is told on standard error."""

    help = "Bring films from elsewhere into the catalogue; what is there already is not doubled."

    def add_arguments(self, parser: CommandParser) -> None:
        """A sub-command for each source."""
        sources = parser.add_subparsers(dest="source", metavar="SOURCE", required=True)
        from_wikipedia = sources.add_parser("wikipedia", help="films as in the JSON of wikipedia-movie-data")
        from_wikipedia.add_argument("file", metavar="FILE", help="a JSON array, gzip or not; - is standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError, one line, when nothing could be imported; rows that were skipped are no error."""
        try:
            report = self.load(options)
        except SourceError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            reason = str(error).strip().splitlines()[0]
            raise CommandError(f"Nothing was imported; the database says: {reason}") from error
        except KeyboardInterrupt as error:
            raise CommandError("Stopped; nothing was imported.", returncode=130) from error
        for complaint in report.complaints():
            self.stderr.write(complaint)
        self.stdout.write(report.summary())

    def load(self, options: dict[str, Any]) -> Report:
        """Run the importer that the command line names."""
        with opened(options["file"]) as source, shown() as track:
            return wikipedia.load(source, track=track)
