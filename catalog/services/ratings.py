"""What all sources together think of a film."""

from collections.abc import Iterable

from django.db import transaction

from catalog.errors import NotFound
from catalog.models import Film, Rating
from catalog.values import COUNT_MAX, RATING_MAX


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

    More votes than a column holds are told as so many.

    >>> overall([(4.0, 5, 1), (6.0, 10, 3)])
    (6.5, 4)
    """
    known = list(ratings)
    votes = sum(count for _, _, count in known)
    if not votes:
        return None, 0
    weighted = sum(average / scale * RATING_MAX * count for average, scale, count in known)
    return round(weighted / votes, 2), min(votes, COUNT_MAX)
