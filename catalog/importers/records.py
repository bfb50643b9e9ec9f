"""What a source says of a film, in the form that every importer hands to the writer."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec


@dataclass(frozen=True, kw_only=True)
class FilmRecord:
    """A film by one source. The key is the same as long as the source means the same film; the rest may change."""

    title: str
    year: int
    page: str | None = None
    overview: str | None = None
    genres: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()

    @cached_property
    def key(self) -> str:
        """Title, year and page together. No two of them will do: films share titles within a year, and pages too."""
        return digest([self.title, self.year, self.page])

    @property
    def fullness(self) -> tuple[int, int, int, str]:
        """Orders records of one film by how much they say; the last part makes the order total."""
        text = digest([self.cast, self.genres, self.overview])
        return len(self.cast), len(self.genres), len(self.overview or ""), text


def joined(records: Iterable[FilmRecord]) -> FilmRecord:
    """One record of all that `records`, of one and the same film, say; their order makes no difference.

    The fullest leads: its overview stands and its cast comes first; the others add whom it left out.
    """
    leading = sorted(records, key=lambda record: record.fullness, reverse=True)
    first = leading[0]
    return FilmRecord(
        title=first.title,
        year=first.year,
        page=first.page,
        overview=next((record.overview for record in leading if record.overview), None),
        genres=tuple(dict.fromkeys(genre for record in leading for genre in record.genres)),
        cast=tuple(dict.fromkeys(name for record in leading for name in record.cast)),
    )


def digest(value: Any) -> str:
    """A short name of a JSON value that tells equal from different."""
    return hashlib.blake2b(msgspec.json.encode(value), digest_size=16).hexdigest()
