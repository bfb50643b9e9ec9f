"""Loading the product's own sample. A film that stands in the catalogue already is left as it is."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

import msgspec
from django.db.models import Q

from catalog import changes, services
from catalog.importers.match import films_by_facts
from catalog.importers.records import FilmRecord
from catalog.importers.report import Report
from catalog.importers.sample_file import PersonFacts, SampleError, SampleFilm
from catalog.models import CastCredit, Country, CrewCredit, Film, FilmExternalId, Language, Person, Title
from catalog.values import IdSource

Coded = TypeVar("Coded", Country, Language)

OWN_FIELDS = (
    *("title", "original_title", "year", "release_date", "release_precision", "runtime", "overview", "tagline"),
    *("status", "budget", "revenue"),
)
LIFE = ("birth_date", "birth_precision", "death_date", "death_precision")


@changes.bulk()
def load(films: Iterable[SampleFilm]) -> Report:
    """Publish the films that the catalogue does not have. Raises SampleError, and then nothing was written."""
    report = Report()
    for film in films:
        report.rows += 1
        if stands(film):
            report.unchanged += 1
        else:
            add(film)
            report.added += 1
    return report


def stands(film: SampleFilm) -> bool:
    """Whether the catalogue has the film: by an id of another catalogue, or by title, year and somebody of the cast."""
    ids = Q(pk__in=[])
    for source, value in ids_of(film).items():
        ids |= Q(source=source, value=value)
    if FilmExternalId.objects.filter(ids).exists():
        return True
    record = FilmRecord(title=film.title, year=film.year, cast=tuple(role.name for role in film.cast))
    return bool(films_by_facts(source=IdSource.WIKIDATA, records=[record]))


def ids_of(film: SampleFilm) -> dict[str, str]:
    """The film's ids by source, without those that are unknown."""
    return {source: value for source, value in msgspec.structs.asdict(film.external_ids).items() if value}


def add(film: SampleFilm) -> None:
    """Write one film and all that belongs to it. Raises SampleError for a code that is not known."""
    row = Film(published=True, **plain(film, OWN_FIELDS))
    row.original_language = one(Language, film.original_language, f"{film.title}: original_language")
    if film.collection:
        row.collection_id = services.ensure_collections(names=[film.collection])[film.collection]
    row.save()
    add_links(row, film)
    add_titles(row, film)
    add_credits(row, film)
    FilmExternalId.objects.bulk_create(
        FilmExternalId(film=row, source=source, value=value) for source, value in ids_of(film).items()
    )


def add_links(row: Film, film: SampleFilm) -> None:
    """Tie the film to its genres, keywords, companies, countries and languages."""
    row.genres.set(services.ensure_genres(names=film.genres).values())
    row.keywords.set(services.ensure_keywords(names=film.keywords).values())
    row.companies.set(services.ensure_companies(names=film.companies).values())
    row.countries.set(some(Country, film.countries, f"{film.title}: countries"))
    row.languages.set(some(Language, film.languages, f"{film.title}: languages"))


def add_titles(row: Film, film: SampleFilm) -> None:
    """Write the film's titles by region and language."""
    for title in film.titles:
        what = f"{film.title}: titles, {title.title}"
        region, language = one(Country, title.region, what), one(Language, title.language, what)
        Title.objects.create(film=row, title=title.title, region=region, language=language)


def add_credits(row: Film, film: SampleFilm) -> None:
    """Write cast and crew in the order of the lists."""
    CastCredit.objects.bulk_create(
        CastCredit(film=row, person=person(role), order=order, character=role.character)
        for order, role in enumerate(film.cast)
    )
    CrewCredit.objects.bulk_create(
        CrewCredit(film=row, person=person(work), order=order, **plain(work, ("department", "job")))
        for order, work in enumerate(film.crew)
    )


def person(facts: PersonFacts) -> Person:
    """The person of this name and birth date, made where there is none; an unknown date fits any, and is filled in."""
    same_day = Q(birth_date__isnull=True) | Q(birth_date=facts.birth_date) if facts.birth_date else Q()
    found = services.people_named(facts.name).filter(same_day).order_by("id").first() or Person(name=facts.name)
    news = {name: value for name, value in plain(facts, LIFE).items() if value and getattr(found, name) is None}
    for name, value in news.items():
        setattr(found, name, value)
    if news or found.pk is None:
        found.save()
    return found


def plain(facts: msgspec.Struct, names: Iterable[str]) -> dict[str, Any]:
    """Some fields of a struct as a model takes them: dates, and enumerations by their value."""
    values = msgspec.to_builtins(facts, builtin_types=(date,))
    return {name: values[name] for name in names}


def one(model: type[Coded], code: str | None, what: str) -> Coded | None:
    """The country or language with this code, None for none. Raises SampleError for an unknown code."""
    return some(model, [code], what)[0] if code else None


def some(model: type[Coded], codes: Sequence[str], what: str) -> list[Coded]:
    """The countries or languages with these codes, in order. Raises SampleError for an unknown code."""
    rows = model.objects.in_bulk(codes)
    if unknown := [code for code in codes if code not in rows]:
        raise SampleError(f"{what}: there is no code {', '.join(unknown)}")
    return [rows[code] for code in codes]
