"""Bringing films up to what a source says now, part by part, and leaving to curators what they have changed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F
from django.utils import timezone

from catalog.importers.links import add_cast, add_genres
from catalog.importers.records import FilmRecord, digest
from catalog.models import CastCredit, Film, FilmOrigin
from catalog.services import slug
from catalog.values import GENRE_SLUG_LENGTH

Said = dict[str, str]
Role = tuple[str, str | None]


def parts(*, overview: str | None, genres: Iterable[str], cast: Sequence[Role]) -> Said:
    """A digest of each part of a film: `genres` are slugs, in any order, `cast` is (name, character) as billed."""
    return {"overview": digest(overview), "genres": digest(sorted(genres)), "cast": digest(cast)}


NOTHING = parts(overview=None, genres=(), cast=())
"""What a source has said of a film that it has not told of yet."""


def said(record: FilmRecord) -> Said:
    """The digests of what a record says."""
    slugs = {slug(name, length=GENRE_SLUG_LENGTH) for name in record.genres}
    return parts(overview=record.overview, genres=slugs, cast=[(name, None) for name in record.cast])


@dataclass(frozen=True)
class Revision:
    """A film that stands in the catalogue, where it came from, and what its source says now."""

    film_id: int
    origin: FilmOrigin
    record: FilmRecord

    def due(self, standing: Said) -> list[str]:
        """The parts to write: those that the source says anew and that stand as it had left them."""
        last, now = self.origin.said, said(self.record)
        return [part for part in now if now[part] != last.get(part) == standing[part]]


def revise(revisions: Sequence[Revision]) -> int:
    """Write what is due and remember what was said. Returns how many films changed."""
    news = [revision for revision in revisions if said(revision.record) != revision.origin.said]
    standing = _standing([revision.film_id for revision in news])
    due: dict[str, dict[int, FilmRecord]] = {part: {} for part in NOTHING}
    for revision in news:
        for part in revision.due(standing[revision.film_id]):
            due[part][revision.film_id] = revision.record
        revision.origin.said = said(revision.record)
    FilmOrigin.objects.bulk_update([revision.origin for revision in news], ["said"])
    return _write(overviews=due["overview"], genres=due["genres"], cast=due["cast"])


def _write(
    *, overviews: Mapping[int, FilmRecord], genres: Mapping[int, FilmRecord], cast: Mapping[int, FilmRecord]
) -> int:
    films = [Film(pk=film_id, overview=record.overview) for film_id, record in overviews.items()]
    Film.objects.bulk_update(films, ["overview"])
    Film.genres.through.objects.filter(film_id__in=genres).delete()
    add_genres({film_id: record.genres for film_id, record in genres.items()})
    CastCredit.objects.filter(film_id__in=cast).delete()
    add_cast({film_id: record.cast for film_id, record in cast.items()})
    changed = overviews.keys() | genres.keys() | cast.keys()
    Film.objects.filter(pk__in=changed).update(version=F("version") + 1, updated=timezone.now())
    return len(changed)


def _standing(film_ids: Collection[int]) -> dict[int, Said]:
    genres: defaultdict[int, list[str]] = defaultdict(list)
    for film_id, slug_ in Film.genres.through.objects.filter(film_id__in=film_ids).values_list(
        "film_id", "genre__slug"
    ):
        genres[film_id].append(slug_)
    cast: defaultdict[int, list[Role]] = defaultdict(list)
    credits_ = CastCredit.objects.filter(film_id__in=film_ids).order_by("order", "id")
    for film_id, name, character in credits_.values_list("film_id", "person__name", "character"):
        cast[film_id].append((name, character))
    films = Film.objects.filter(pk__in=film_ids).values_list("id", "overview")
    return {film_id: parts(overview=text, genres=genres[film_id], cast=cast[film_id]) for film_id, text in films}
