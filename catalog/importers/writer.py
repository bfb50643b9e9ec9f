"""Writing what a source says into the catalogue, a batch of films at a time.

A film is found again by the key of its row (`FilmOrigin`). The origin keeps a digest of what the source said last, and
a part of a film (overview, genres, cast) is written only where it still stands as the source had left it: what a
curator has changed, unpublished or deleted since stays so, and a row that says nothing new changes nothing.
"""

from collections.abc import Sequence

from django.db import connection, transaction

from catalog.importers.links import add_cast, add_genres, link_pages
from catalog.importers.match import films_by_facts
from catalog.importers.records import FilmRecord
from catalog.importers.report import Report
from catalog.importers.revise import NOTHING, Revision, revise, said
from catalog.models import Film, FilmOrigin
from catalog.values import IdSource

WRITTEN_TABLES = (
    *("catalog_film", "catalog_film_genres", "catalog_castcredit", "catalog_filmexternalid", "catalog_filmorigin"),
    *("catalog_genre", "catalog_person"),
)


def keep_others_out() -> None:
    """Let no second import write until this transaction ends; on SQLite its BEGIN IMMEDIATE has done so already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE catalog_filmorigin IN SHARE ROW EXCLUSIVE MODE")


def refresh_statistics() -> None:
    """Tell PostgreSQL's planner how large the tables have become.

    It would find out by itself a minute after the commit; until then it plans, and checks foreign keys, as if they
    were as small as before.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(WRITTEN_TABLES)}")


class Writer:
    """Writes one source's films and counts in `report` what became of them."""

    def __init__(self, source: IdSource, report: Report) -> None:
        self.source = source
        self.report = report

    @transaction.atomic
    def write(self, records: Sequence[FilmRecord]) -> None:
        """Add the films that are new and change those of which the source says something else than last time.

        A key may stand in `records` once at most.
        """
        known = self._known(records)
        new = [record for record in records if record.key not in known]
        matched = self._match(new)
        self._add([record for record in new if record.key not in matched])
        link_pages(source=self.source, pages=[record.page for record in new if record.page])
        known |= matched
        self._revise([(known[record.key], record) for record in records if record.key in known])

    def _known(self, records: Sequence[FilmRecord]) -> dict[str, FilmOrigin]:
        found = FilmOrigin.objects.filter(source=self.source, key__in=[record.key for record in records])
        return {origin.key: origin for origin in found}

    def _match(self, records: Sequence[FilmRecord]) -> dict[str, FilmOrigin]:
        """Tie records to films that stand here from elsewhere, as if the source had said nothing of them so far."""
        films = films_by_facts(source=self.source, records=records)
        origins = [self._origin(record, films[record.key]) for record in records if record.key in films]
        for origin in origins:
            origin.said = NOTHING
        self.report.matched += len(origins)
        return {origin.key: origin for origin in FilmOrigin.objects.bulk_create(origins)}

    def _add(self, records: Sequence[FilmRecord]) -> None:
        films = Film.objects.bulk_create(
            Film(title=record.title, year=record.year, overview=record.overview, published=True) for record in records
        )
        added = {film.pk: record for film, record in zip(films, records, strict=True)}
        FilmOrigin.objects.bulk_create(self._origin(record, film_id) for film_id, record in added.items())
        add_genres({film_id: record.genres for film_id, record in added.items()})
        add_cast({film_id: record.cast for film_id, record in added.items()})
        self.report.added += len(films)

    def _origin(self, record: FilmRecord, film_id: int) -> FilmOrigin:
        return FilmOrigin(film_id=film_id, source=self.source, key=record.key, page=record.page, said=said(record))

    def _revise(self, told: Sequence[tuple[FilmOrigin, FilmRecord]]) -> None:
        standing = [Revision(origin.film_id, origin, record) for origin, record in told if origin.film_id is not None]
        changed = revise(standing)
        self.report.changed += changed
        self.report.unchanged += len(standing) - changed
        self.report.deleted += len(told) - len(standing)
