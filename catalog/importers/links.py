"""What ties films to genres, people and pages, written for many films at once."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from django.db.models import Count, F
from django.utils import timezone

from catalog import services
from catalog.models import CastCredit, Film, FilmExternalId, FilmOrigin
from catalog.values import IdSource

PAGE_LENGTH = 300
"""The longest page that can be an external id (`FilmExternalId.value`)."""


def add_genres(genres: Mapping[int, Sequence[str]]) -> None:
    """Give each film, by id, the genres of these names."""
    ids = services.ensure_genres(names=set(chain.from_iterable(genres.values())))
    # Names with one slug are one genre, so a film may name one twice.
    pairs = {(film_id, ids[name]): None for film_id, names in genres.items() for name in names}
    through = Film.genres.through
    through.objects.bulk_create(through(film_id=film_id, genre_id=genre_id) for film_id, genre_id in pairs)


def add_cast(cast: Mapping[int, Sequence[str]]) -> None:
    """Give each film, by id, a cast of the people of these names, billed in this order."""
    ids = services.ensure_people(names=dict.fromkeys(chain.from_iterable(cast.values())))
    CastCredit.objects.bulk_create(
        CastCredit(film_id=film_id, person_id=ids[name], order=order)
        for film_id, names in cast.items()
        for order, name in enumerate(names)
    )


def link_pages(*, source: IdSource, pages: Iterable[str]) -> None:
    """Make pages that belong to one film only that film's external ids; those shared by several are nobody's."""
    origins = FilmOrigin.objects.filter(source=source, page__in=set(pages))
    counts = dict(origins.order_by().values_list("page").annotate(films=Count("id")))
    own = {page for page, films in counts.items() if films == 1 and page and len(page) <= PAGE_LENGTH}
    holders = dict(origins.filter(film__isnull=False).values_list("page", "film_id"))
    FilmExternalId.objects.bulk_create(
        [FilmExternalId(film_id=holders[page], source=source, value=page) for page in own & holders.keys()],
        # A curator may have given the film another page, or the page to another film: that stands.
        ignore_conflicts=True,
    )
    _unlink(source=source, pages=counts.keys() - own)


def _unlink(*, source: IdSource, pages: Iterable[str]) -> None:
    """Take from the films what used to look like a page of their own."""
    ids = FilmExternalId.objects.filter(source=source, value__in=pages, film__origins__page=F("value"))
    films = list(ids.values_list("film_id", flat=True))
    FilmExternalId.objects.filter(pk__in=list(ids.values_list("pk", flat=True))).delete()
    Film.objects.filter(pk__in=films).update(version=F("version") + 1, updated=timezone.now())
