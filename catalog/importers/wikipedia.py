"""Films from the JSON of wikipedia-movie-data: one array of objects with title, year, cast, genres, href, extract.

The file is read twice: first to find the rows that tell of one film, and whatever is wrong, before anything is
written; then to write. Only digests of the rows' keys are held in between.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import ijson

from catalog import changes
from catalog.importers.progress import Track
from catalog.importers.records import FilmRecord, joined
from catalog.importers.report import Report
from catalog.importers.source import Source, SourceError
from catalog.importers.wikipedia_row import RowError, read
from catalog.importers.writer import Writer, keep_others_out, refresh_statistics
from catalog.services import portions
from catalog.values import IdSource

BATCH_SIZE = 1000


def load(source: Source, *, track: Track) -> Report:
    """Bring the catalogue up to the file: all of it or, when anything is raised, nothing.

    Rows with one title, year and page are one film, in this file and in those loaded before; rows that make no
    sense are skipped and reported. Raises SourceError when the file is no JSON array or cannot be read to its end.
    """
    report = Report()
    keys = survey(source, report, track=track)
    films = track(records(source, keys), label="Writing films", total=len(keys))
    with changes.bulk():
        keep_others_out()
        writer = Writer(IdSource.WIKIPEDIA, report)
        for batch in portions(films, size=BATCH_SIZE):
            writer.write(batch)
        refresh_statistics()
    return report


def survey(source: Source, report: Report, *, track: Track) -> Counter[str]:
    """How many rows tell of each film, by its key. Counts rows, repeats, crumbs and faults in `report`."""
    keys: Counter[str] = Counter()
    for value in track(values(source), label="Checking rows"):
        report.rows += 1
        try:
            record, crumbs = read(value)
        except RowError as error:
            report.skip(report.rows, str(error))
        else:
            keys[record.key] += 1
            report.crumbs += crumbs
    report.repeats = keys.total() - len(keys)
    return keys


def records(source: Source, keys: Mapping[str, int]) -> Iterator[FilmRecord]:
    """Each film once, when the last of the rows that tell of it has been read."""
    waiting: dict[str, list[FilmRecord]] = {}
    for value in values(source):
        try:
            record, _ = read(value)
        except RowError:
            continue
        told = [*waiting.pop(record.key, []), record]
        if len(told) < keys[record.key]:
            waiting[record.key] = told
        else:
            yield joined(told)


def values(source: Source) -> Iterator[Any]:
    """The members of the array that the file is, one at a time. Raises SourceError where it is none."""
    count = 0
    check_array(source)
    try:
        for value in ijson.items(source.open(), "item"):
            count += 1
            yield value
    except ijson.IncompleteJSONError as error:
        if "premature EOF" in str(error):
            raise SourceError(f"{source.name} is cut short: its JSON ends too early, after row {count:,}.") from error
        raise SourceError(f"{source.name} is not JSON: it makes no sense after row {count:,}.") from error


def check_array(source: Source) -> None:
    """Raises SourceError when the first character is not the `[` of an array."""
    content = source.open()
    first = content.read(1)
    while first.isspace():
        first = content.read(1)
    if first != b"[":
        raise SourceError(f"{source.name} is not a JSON array of films: it should begin with [.")
