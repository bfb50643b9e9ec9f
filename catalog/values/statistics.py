"""What is counted of films, and what films have in common."""

import msgspec


class Counted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many films have one value: a year, the first of a decade, whole marks of the rating, a slug or a code."""

    value: int | str
    name: str | None = None
    count: int


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over films: votes, minutes of running time, the mean rating, the first and last year; None without any."""

    movies: int
    votes: int
    runtime: int
    rating: float | None
    first_year: int | None
    last_year: int | None


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """Films counted by facet. partial: the names of what is left out, since there was no time for it."""

    totals: Totals | None
    by: dict[str, list[Counted]]
    partial: list[str]


class SimilarFilms(msgspec.Struct, frozen=True, kw_only=True):
    """Films like another, the most alike first; of each how many people and genres it shares, and its id.

    people: those of the other film who were looked for. partial: what there was no time to look for.
    """

    films: list[msgspec.Struct]
    shared: list[dict[str, int]]
    ids: tuple[int, ...]
    people: tuple[int, ...]
    partial: list[str]
