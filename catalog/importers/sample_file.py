"""The sample that the product ships: its form, and reading it with every fault named by film and field."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec

from catalog.values import MONEY_MAX, YEAR_MAX, YEAR_MIN, Department, Precision, Status

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "sample.json"

Text = Annotated[str, msgspec.Meta(pattern=r"\A\S(.*\S)?\Z")]
Money = Annotated[int, msgspec.Meta(ge=1, le=MONEY_MAX)]
Imdb = Annotated[str, msgspec.Meta(pattern=r"\Att[0-9]{7,10}\Z")]
Wikidata = Annotated[str, msgspec.Meta(pattern=r"\AQ[1-9][0-9]*\Z")]


class SampleError(Exception):
    """A sample file that breaks its form; one line that names the film and the field."""


class PersonFacts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person by name and, where known, birth and death."""

    name: Text
    birth_date: date | None = None
    birth_precision: Precision | None = None
    death_date: date | None = None
    death_precision: Precision | None = None


class Role(PersonFacts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place in the cast; the list gives the billing."""

    character: Text | None = None


class Work(PersonFacts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place in the crew."""

    department: Department
    job: Text


class FurtherTitle(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A title in a region (ISO 3166-1) or language (ISO 639)."""

    title: Text
    region: str | None = None
    language: str | None = None


class Ids(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What other catalogues call the film."""

    imdb: Imdb | None = None
    wikidata: Wikidata | None = None
    tmdb: Annotated[int, msgspec.Meta(ge=1)] | None = None


class SampleFilm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One film: minutes, whole US dollars, codes of ISO 3166-1 and 639, and ids as the sources write them."""

    title: Text
    original_title: Text | None = None
    year: Annotated[int, msgspec.Meta(ge=YEAR_MIN, le=YEAR_MAX)]
    release_date: date | None = None
    release_precision: Precision | None = None
    runtime: Annotated[int, msgspec.Meta(ge=1)] | None = None
    overview: Text | None = None
    tagline: Text | None = None
    original_language: str | None = None
    status: Status = Status.RELEASED
    budget: Money | None = None
    revenue: Money | None = None
    countries: list[str] = []
    languages: list[str] = []
    genres: list[Text] = []
    keywords: list[Text] = []
    companies: list[Text] = []
    collection: Text | None = None
    titles: list[FurtherTitle] = []
    cast: list[Role] = []
    crew: list[Work] = []
    external_ids: Ids = Ids()


class File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file; films are looked at one by one, so that a fault can name its film."""

    films: list[Any]


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
