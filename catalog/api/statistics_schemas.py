"""What answers look like that count films or compare them."""

import msgspec

from catalog.api.schemas import Facets, Page, Partial
from catalog.values.members import Average, Count, Year
from catalog.values.resources import FilmSummary


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over the films: votes, minutes, the mean of the known ratings, and the first and last known year."""

    movies: Count
    votes: Count
    runtime: Count
    rating: Average | None
    first_year: Year | None
    last_year: Year | None


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """Films counted, all or those that a filter chooses."""

    totals: Totals | None
    by: Facets
    partial: Partial


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """How many people and genres two films have in common."""

    people: Count
    genres: Count


class SimilarFilm(msgspec.Struct, frozen=True, kw_only=True):
    """A film like another, and what it shares with it."""

    movie: FilmSummary
    shared: Shared


class SimilarFilms(msgspec.Struct, frozen=True, kw_only=True):
    """Films like another, the most alike first."""

    data: list[SimilarFilm]
    page: Page
    partial: Partial
