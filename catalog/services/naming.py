"""Rows that are found by their name, and made where there is none: genres, keywords, companies, collections, people."""

from collections.abc import Iterable
from functools import lru_cache

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify

from catalog.errors import Fault, Invalid
from catalog.fields import fold
from catalog.models import Collection, Company, Genre, Keyword, Person
from catalog.portions import portions
from catalog.values import GENRE_SLUG_LENGTH, SLUG_LENGTH

NAME_KEY_LENGTH = 200
"""As much of a folded text as `Person.name_key` and `Film.title_key` keep."""


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
    return _ensure_by_slug(Keyword, names, length=SLUG_LENGTH)


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


def people_by_name(names: Iterable[str]) -> dict[str, list[int]]:
    """The ids of all people of exactly these names, by name; names that nobody has are left out."""
    wanted = set(names)
    found: dict[str, list[int]] = {}
    for keys in portions({fold(name)[:NAME_KEY_LENGTH] for name in wanted}):
        for name, person_id in Person.objects.filter(name_key__in=keys).order_by("id").values_list("name", "id"):
            if name in wanted:
                found.setdefault(name, []).append(person_id)
    return found


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
