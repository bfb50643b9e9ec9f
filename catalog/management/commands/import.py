# ruff: noqa: N999  Django names a command after its module
"""`moviedb import wikipedia FILE` and `moviedb import sample`: films from elsewhere into the catalogue."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from catalog.importers import sample, sample_file, wikipedia
from catalog.importers.progress import shown
from catalog.importers.report import Report
from catalog.importers.sample_file import SAMPLE, SampleError
from catalog.importers.source import SourceError, opened
from catalog.models import Film
from catalog.search import index


class Command(BaseCommand):
    """Each source is a word after `import`; what it does not take is told on standard error."""

    help = "Bring films from elsewhere into the catalogue; what is there already is not doubled."

    def add_arguments(self, parser: CommandParser) -> None:
        """A sub-command for each source."""
        sources = parser.add_subparsers(dest="source", metavar="SOURCE", required=True)
        from_wikipedia = sources.add_parser("wikipedia", help="films as in the JSON of wikipedia-movie-data")
        from_wikipedia.add_argument("file", metavar="FILE", help="a JSON array, gzip or not; - is standard input")
        from_sample = sources.add_parser("sample", help="famous films that come with the product")
        from_sample.add_argument("--if-empty", action="store_true", help="do nothing when there is any film")
        from_sample.add_argument("--file", type=Path, default=SAMPLE, help="another file of the same form")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  Django gives both
        """Raises CommandError, one line, when nothing could be imported; rows that were skipped are no error."""
        try:
            report = self.load(options)
        except (SourceError, SampleError) as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            reason = str(error).strip().splitlines()[0]
            raise CommandError(f"Nothing was imported; the database says: {reason}") from error
        except KeyboardInterrupt as error:
            raise CommandError("Stopped; nothing was imported.", returncode=130) from error
        # Told rather than left to the first who search: they would not wait for so many.
        index.catch_up()
        if report is None:
            self.stdout.write("There are films already, so the sample was not loaded.")
            return
        for complaint in report.complaints():
            self.stderr.write(complaint)
        self.stdout.write(report.summary())

    def load(self, options: dict[str, Any]) -> Report | None:
        """Run the importer that the command line names. None when it was not wanted."""
        if options["source"] == "sample":
            return self.load_sample(options["file"], if_empty=options["if_empty"])
        with opened(options["file"]) as source, shown() as track:
            return wikipedia.load(source, track=track)

    def load_sample(self, file: Path, *, if_empty: bool) -> Report | None:
        """The sample, unless it is wanted for an empty catalogue only and this one is not."""
        if if_empty and Film.objects.exists():
            return None
        return sample.load(sample_file.read(file))
