"""One row of wikipedia-movie-data, checked and cleaned of what the scraper left in it."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from catalog.importers.records import FilmRecord
from catalog.values import GENRE_SLUG_LENGTH, PERSON_NAME_LENGTH, TEXT_LENGTH, TITLE_LENGTH, YEAR_MAX, YEAR_MIN

LENGTHS = {
    "title": TITLE_LENGTH,
    "href": 1000,
    "genres": GENRE_SLUG_LENGTH,
    "cast": PERSON_NAME_LENGTH,
    "extract": TEXT_LENGTH,
}
"""The longest text that each field may hold, in characters."""

GENRES = {"Animated": "Animation", "Historical": "History", "Sport": "Sports"}
"""The source's words for which the catalogue has another."""

MARKUP = re.compile(r"\.mw-parser-output[^{}]*\{[^{}]*\}|\[[a-z\d]{1,3}\]|[\u200b\u200e\u200f\u2060\ufeff]")
"""Left over from the wiki's pages: style sheets, marks of footnotes and other languages, invisible marks."""

NOTE = re.compile(r"\s*\([^()]*\)?$|(?<=\w)\]+$")
"""After a name: "(actor)", "(narrator)", a bracket left open or one never opened."""

CRUMBS = {"and his orchestra", "cast:", "dir.:", "jr.", "music by", "narrated by", "sr.", "the", "voices of"}
AND = re.compile(r"^and (?=[A-Z])")
INNER_STOP = re.compile(r"\w\.\w")
NOT_TEXT = re.compile("[\0\ud800-\udfff]")


class RowError(ValueError):
    """A row makes no sense; the text says what is wrong with it."""


class Row(msgspec.Struct, frozen=True):
    """One object of the file. What it does not name (thumbnails) is not looked at."""

    title: str
    year: Annotated[int, msgspec.Meta(ge=YEAR_MIN, le=YEAR_MAX)]
    cast: list[str] | None = None
    genres: list[str] | None = None
    href: str | None = None
    extract: str | None = None


def read(value: Any) -> tuple[FilmRecord, int]:
    """What a row says, and how many crumbs were left out of its cast. Raises RowError.

    The cast keeps its order, with each name once: names are all that the source knows of people.
    """
    try:
        row = msgspec.convert(value, Row)
    except msgspec.ValidationError as error:
        raise RowError(str(error)) from error
    cast = [person(text) for text in row.cast or ()]
    record = FilmRecord(
        title=tidy(row.title),
        year=row.year,
        page=(row.href or "").strip() or None,
        overview=(row.extract or "").strip() or None,
        genres=unique(GENRES.get(name, name) for name in map(tidy, row.genres or ()) if name),
        cast=unique(filter(None, cast)),
    )
    check(record)
    return record, cast.count(None)


def check(record: FilmRecord) -> None:
    """Raises RowError for what types cannot tell: no title, texts that are too long or hold what is no text."""
    if not record.title:
        raise RowError("has no title")
    texts = {"title": [record.title], "href": [record.page or ""], "extract": [record.overview or ""]}
    for name, held in (texts | {"genres": record.genres, "cast": record.cast}).items():
        if max(map(len, held), default=0) > LENGTHS[name]:
            raise RowError(f"{name} is longer than {LENGTHS[name]} characters")
        if NOT_TEXT.search("".join(held)):
            raise RowError(f"{name} holds a character that is no text, such as NUL")
    if not all(any(map(str.isalnum, genre)) for genre in record.genres):
        raise RowError("genres holds a name without letters")


def tidy(text: str) -> str:
    """The text composed (NFC), without the wiki's markup, with single blanks."""
    return " ".join(MARKUP.sub("", unicodedata.normalize("NFC", text)).split())


@lru_cache(maxsize=50_000)
def person(text: str) -> str | None:
    """A name without what stands around it; None for a crumb.

    >>> person("and Jim Wood (cast)"), person("Katherine MacDonald]]"), person("(narrator)")
    ('Jim Wood', 'Katherine MacDonald', None)
    """
    name = NOTE.sub("", AND.sub("", tidy(text)))
    return None if is_crumb(name) else name


def is_crumb(name: str) -> bool:
    """Whether the scraper took something for a name that is none: a bracket, "nominee)", "the life of".

    A name in small letters alone is a crumb unless it has a stop inside, as will.i.am has.
    """
    return (
        not any(map(str.isalnum, name))
        or (")" in name and "(" not in name)
        or name.casefold() in CRUMBS
        or (name.islower() and not INNER_STOP.search(name))
    )


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """The names in their order, each once."""
    return tuple(dict.fromkeys(names))
