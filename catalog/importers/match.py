"""Finding a source's film among those that stand in the catalogue from elsewhere: the sample, the admin, a client."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from catalog.fields import fold
from catalog.importers.records import FilmRecord
from catalog.models import CastCredit, Film
from catalog.services import NAME_KEY_LENGTH
from catalog.values import IdSource

Facts = tuple[str, int | None]


def films_by_facts(*, source: IdSource, records: Sequence[FilmRecord]) -> dict[str, int]:
    """The id of the film, by the record's key, that has the record's title, its year and somebody of its cast.

    Title and year alone would not do: there are two films "Carmen" of 1915. Films that this source has told of
    already are others, and so are all where more than one would fit.
    """
    candidates = _candidates(source, records)
    casts = _casts(film_id for films in candidates.values() for film_id in films)
    found: dict[str, int] = {}
    for record in records:
        names = {fold(name) for name in record.cast}
        fitting = [film_id for film_id in candidates.get(_facts(record), ()) if names & casts[film_id]]
        if len(fitting) == 1 and fitting[0] not in found.values():
            found[record.key] = fitting[0]
    return found


def _facts(record: FilmRecord) -> Facts:
    return fold(record.title)[:NAME_KEY_LENGTH], record.year


def _candidates(source: IdSource, records: Sequence[FilmRecord]) -> dict[Facts, list[int]]:
    wanted = {_facts(record) for record in records}
    films = Film.objects.filter(
        title_key__in={title for title, _ in wanted}, year__in={year for _, year in wanted}
    ).exclude(origins__source=source)
    found: defaultdict[Facts, list[int]] = defaultdict(list)
    for film_id, title, year in films.order_by("id").values_list("id", "title_key", "year"):
        found[title, year].append(film_id)
    return found


def _casts(film_ids: Iterable[int]) -> defaultdict[int, set[str]]:
    found: defaultdict[int, set[str]] = defaultdict(set)
    credits_ = CastCredit.objects.filter(film_id__in=list(film_ids))
    for film_id, name in credits_.order_by().values_list("film_id", "person__name_key"):
        found[film_id].add(name)
    return found
