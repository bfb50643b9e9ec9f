"""The sample that the product ships: its form, and reading it with every fault named by film and field."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec

from catalog.values import (
    GENRE_SLUG_LENGTH,
    NAME_LENGTH,
    PERSON_NAME_LENGTH,
    TITLE_LENGTH,
    Department,
    Precision,
    Status,
)
from catalog.values.members import Budget, Minutes, Revenue, Year

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "sample.json"

TEXT = r"(?s)\A[^\s\0]([^\0]*[^\s\0])?\Z"
Text = Annotated[str, msgspec.Meta(pattern=TEXT)]
Name = Annotated[str, msgspec.Meta(pattern=TEXT, max_length=NAME_LENGTH)]
PersonName = Annotated[str, msgspec.Meta(pattern=TEXT, max_length=PERSON_NAME_LENGTH)]
FilmTitle = Annotated[str, msgspec.Meta(pattern=TEXT, max_length=TITLE_LENGTH)]
Genre = Annotated[str, msgspec.Meta(pattern=r"\w", max_length=GENRE_SLUG_LENGTH)]
Imdb = Annotated[str, msgspec.Meta(pattern=r"\Att[0-9]{7,10}\Z")]
Tmdb = Annotated[str, msgspec.Meta(pattern=r"\A[1-9][0-9]{0,11}\Z")]
Wikidata = Annotated[str, msgspec.Meta(pattern=r"\AQ[1-9][0-9]{0,11}\Z")]


class SampleError(Exception):
    """A sample file that breaks its form; one line that names the film and the field."""


class PersonFacts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person by name and, where known, birth and death."""

    name: PersonName
    birth_date: date | None = None
    birth_precision: Precision | None = None
    death_date: date | None = None
    death_precision: Precision | None = None

    def __post_init__(self) -> None:
        check_precision("birth", self.birth_date, self.birth_precision)
        check_precision("death", self.death_date, self.death_precision)
        if self.birth_date and self.death_date and self.death_date < self.birth_date:
            raise ValueError("death_date is before birth_date")


class Role(PersonFacts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place in the cast; the list gives the billing."""

    character: Text | None = None


class Work(PersonFacts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place in the crew."""

    department: Department
    job: Name


class FurtherTitle(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A title in a region (ISO 3166-1) or language (ISO 639)."""

    title: FilmTitle
    region: str | None = None
    language: str | None = None


class Ids(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What other catalogues call the film."""

    imdb: Imdb | None = None
    wikidata: Wikidata | None = None
    tmdb: Tmdb | None = None


class SampleFilm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One film: minutes, whole US dollars, codes of ISO 3166-1 and 639, and ids as the sources write them."""

    title: FilmTitle
    original_title: Text | None = None
    year: Year
    release_date: date | None = None
    release_precision: Precision | None = None
    runtime: Minutes | None = None
    overview: Text | None = None
    tagline: Text | None = None
    original_language: str | None = None
    status: Status = Status.RELEASED
    budget: Budget | None = None
    revenue: Revenue | None = None
    countries: list[str] = []
    languages: list[str] = []
    genres: list[Genre] = []
    keywords: list[Name] = []
    companies: list[Name] = []
    collection: Name | None = None
    titles: list[FurtherTitle] = []
    cast: list[Role] = []
    crew: list[Work] = []
    external_ids: Ids = Ids()

    def __post_init__(self) -> None:
        check_precision("release", self.release_date, self.release_precision)
        check_once("titles", [(title.title, title.region, title.language) for title in self.titles])
        check_once("cast", [(role.name, role.birth_date, role.character) for role in self.cast])
        check_once("crew", [(work.name, work.birth_date, work.job) for work in self.crew])


class File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file; films are looked at one by one, so that a fault can name its film."""

    films: list[Any]


def check_precision(what: str, day: date | None, precision: Precision | None) -> None:
    """Raises ValueError when only one of a date and its precision is known."""
    if (day is None) != (precision is None):
        raise ValueError(f"{what}_date and {what}_precision go together")


def check_once(what: str, entries: Sequence[tuple[object, ...]]) -> None:
    """Raises ValueError when a list says the same thing twice."""
    for entry, times in Counter(entries).items():
        if times > 1:
            raise ValueError(f"{what} holds {entry[0]} twice")


def read(path: Path = SAMPLE) -> list[SampleFilm]:
    """The films of a sample file. Raises SampleError."""
    try:
        file = msgspec.json.decode(path.read_bytes(), type=File)
    except (OSError, msgspec.MsgspecError) as error:
        raise SampleError(f"{path.name}: {error}") from error
    return [film(value, number) for number, value in enumerate(file.films, 1)]


def film(value: Any, number: int) -> SampleFilm:
    """One film, the `number`th of its file. Raises SampleError."""
    try:
        return msgspec.convert(value, SampleFilm)
    except msgspec.ValidationError as error:
        title = value.get("title") if isinstance(value, dict) else None
        raise SampleError(f"film {number} ({title or 'without a title'}): {error}") from error
