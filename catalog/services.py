"""What writes: functions that the importers, the admin and the API share. Each is whole or not at all."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify

from catalog.errors import Fault, Invalid, NotFound
from catalog.fields import fold
from catalog.models import Collection, Company, Film, Genre, Keyword, Person, Rating
from catalog.values import RATING_MAX

T = TypeVar("T")

LOOKUP_SIZE = 2000
"""Values that one query asks for: both databases limit the parameters of a statement."""

GENRE_SLUG_LENGTH, KEYWORD_SLUG_LENGTH = 100, 200

NAME_KEY_LENGTH = 200
"""As much of a folded text as `Person.name_key` and `Film.title_key` keep."""


def portions(values: Iterable[T], *, size: int = LOOKUP_SIZE) -> Iterator[Sequence[T]]:
    """The values in lists of `size`; the last may be shorter.

    >>> list(portions("abc", size=2))
    [['a', 'b'], ['c']]
    """
    portion: list[T] = []
    for value in values:
        portion.append(value)
        if len(portion) == size:
            yield portion
            portion = []
    if portion:
        yield portion


@lru_cache(maxsize=10_000)
def slug(name: str, *, length: int) -> str:
    """A name as an address has it, at most `length` characters; scripts other than Latin stay as they are.

    Raises Invalid for a name without a letter or digit.

    >>> slug("Film noir", length=100), slug("時代劇", length=100)
    ('film-noir', '時代劇')
    """
    found = (slugify(name) or slugify(name, allow_unicode=True))[:length].strip("-_")
    if not found:
        raise Invalid([Fault("/name", "no_letters", f"{name!r} has no letter or digit")])
    return found


@transaction.atomic
def ensure_genres(*, names: Iterable[str]) -> dict[str, int]:
    """The id of each name's genre, made where there was none. Names with one slug are one genre."""
    return _ensure_by_slug(Genre, names, length=GENRE_SLUG_LENGTH)


@transaction.atomic
def ensure_keywords(*, names: Iterable[str]) -> dict[str, int]:
    """The id of each name's keyword, made where there was none. Names with one slug are one keyword."""
    return _ensure_by_slug(Keyword, names, length=KEYWORD_SLUG_LENGTH)


@transaction.atomic
def ensure_companies(*, names: Iterable[str]) -> dict[str, int]:
    """The id of each company by its exact name, made where there was none."""
    return _ensure_by_name(Company, names)


@transaction.atomic
def ensure_collections(*, names: Iterable[str]) -> dict[str, int]:
    """The id of each collection by its exact name, made where there was none."""
    return _ensure_by_name(Collection, names)


@transaction.atomic
def ensure_people(*, names: Iterable[str]) -> dict[str, int]:
    """The id of a person for each exact name, made where there was none.

    Of several people with one name it is the first that the catalogue knew: a source that gives nothing but names
    cannot tell them apart.
    """
    wanted = dict.fromkeys(names)
    found = _people(wanted)
    missing = [Person(name=name) for name in wanted if name not in found]
    return found | {person.name: person.pk for person in Person.objects.bulk_create(missing)}


def people_named(name: str) -> QuerySet[Person]:
    """The people of exactly this name."""
    return Person.objects.filter(name_key=fold(name)[:NAME_KEY_LENGTH], name=name)


@transaction.atomic
def refresh_rating(*, film_id: int) -> None:
    """Work out a film's rating (0 to 10, two decimals, None without votes) and votes from its sources' ratings.

    Each source weighs as much as it has votes. Raises NotFound for an unknown film.
    """
    film = Film.objects.select_for_update().filter(pk=film_id).first()
    if film is None:
        raise NotFound(f"There is no film {film_id}.")
    rating, votes = overall(Rating.objects.filter(film=film).values_list("average", "scale", "count"))
    if (film.rating, film.votes) != (rating, votes):
        film.rating, film.votes = rating, votes
        film.save(update_fields=["rating", "votes"])


def overall(ratings: Iterable[tuple[float, int, int]]) -> tuple[float | None, int]:
    """The weighted average on a scale of ten, and all votes, of (average, scale, count) triples.

    >>> overall([(4.0, 5, 1), (6.0, 10, 3)])
    (6.5, 4)
    """
    known = list(ratings)
    votes = sum(count for _, _, count in known)
    if not votes:
        return None, 0
    return round(sum(average / scale * RATING_MAX * count for average, scale, count in known) / votes, 2), votes


def _people(names: Iterable[str]) -> dict[str, int]:
    wanted = set(names)
    found: dict[str, int] = {}
    for keys in portions({fold(name)[:NAME_KEY_LENGTH] for name in wanted}):
        people = Person.objects.filter(name_key__in=keys).order_by("-id").values_list("name", "id")
        found |= {name: person_id for name, person_id in people if name in wanted}
    return found


def _ensure_by_slug(model: type[Genre] | type[Keyword], names: Iterable[str], *, length: int) -> dict[str, int]:
    slugs = {name: slug(name, length=length) for name in names}
    ids = _ids_by_slug(model, slugs.values())
    missing = {key: name for name, key in reversed(slugs.items()) if key not in ids}
    if missing:
        # Somebody else may make the same one at this moment: theirs is as good as ours.
        rows = [model(slug=key, name=name) for key, name in missing.items()]
        model.objects.bulk_create(rows, ignore_conflicts=True)  # type: ignore[arg-type]
        ids |= _ids_by_slug(model, missing)
    return {name: ids[key] for name, key in slugs.items()}


def _ids_by_slug(model: type[Genre] | type[Keyword], slugs: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for keys in portions(set(slugs)):
        found |= dict(model.objects.filter(slug__in=keys).values_list("slug", "id"))
    return found


def _ensure_by_name(model: type[Company] | type[Collection], names: Iterable[str]) -> dict[str, int]:
    wanted = dict.fromkeys(names)
    ids = _ids_by_name(model, wanted)
    missing = [model(name=name) for name in wanted if name not in ids]
    if missing:
        model.objects.bulk_create(missing, ignore_conflicts=True)  # type: ignore[arg-type]
        ids |= _ids_by_name(model, [row.name for row in missing])
    return ids


def _ids_by_name(model: type[Company] | type[Collection], names: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for keys in portions(set(names)):
        found |= dict(model.objects.filter(name__in=keys).values_list("name", "id"))
    return found
