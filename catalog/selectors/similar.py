"""Films that share people and genres with another."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Count, QuerySet

from catalog.drivers import Row
from catalog.models import CastCredit, CrewCredit, Film
from catalog.prepared import Parameter, Several, prepared, room_for, spread, together
from catalog.selectors.absent import no_film
from catalog.selectors.conditions import Condition, Values, conditions
from catalog.selectors.counting import chosen
from catalog.selectors.deadline import Deadline, OutOfTime
from catalog.selectors.films import films_by_id
from catalog.values import FilmQuery, SimilarFilms

BILLED, CREWED = 20, 10
"""The people who count: so many of the cast in billing order, and of the crew."""

POOL = 200
"""Films that are looked at for their genres, and no more than this are shown."""

CREDITS_READ = 4000
"""Credits that are looked at: of 30 people who have more, those in the newest entries."""

PERSON_WEIGHT = 3
"""A shared person tells more than a shared genre, of which a film has few and a catalogue not many more."""

FILM = Parameter("film", BigIntegerField())


class Shared(NamedTuple):
    """What a film has in common with another, and what decides between those that have as much."""

    film_id: int
    people: int
    genres: int
    popularity: float

    @property
    def rank(self) -> tuple[float, float, int]:
        """Ascending: what shares most first, then fame, then the older entry."""
        return -(PERSON_WEIGHT * self.people + self.genres), -self.popularity, self.film_id


class Among(NamedTuple):
    """Where similar films are looked for: beside this film, among those that meet the conditions."""

    wanted: tuple[Condition, ...]
    values: Values


def similar(film_id: int, query: FilmQuery, seconds: float | None = None) -> SimilarFilms:
    """Of the published films that `query` chooses those that share most with one, at most `limit` of up to POOL.

    The same at every request, in whatever order `query` has. Nine queries at most, and those of `conditions`. Raises
    Invalid as `films` does; NotFound, Gone and Moved for a film that is not published.
    """
    wanted, values, partly = conditions(query)
    found, cast, crew, genres = together([existing(), billed(), crewed(), genres_of()], {FILM.name: film_id})
    if not found:
        raise no_film(film_id)
    people = sorted({row[0] for row in (*cast, *crew)})
    among = Among(wanted, {**values, FILM.name: film_id})
    shared, missing = ranked(among, people, [row[0] for row in genres], Deadline(seconds))
    shown = shared[: query.limit]
    records = films_by_id([each.film_id for each in shown], query.fields) if shown else {}
    return SimilarFilms(
        films=[records[each.film_id] for each in shown if each.film_id in records],
        shared=[{"people": each.people, "genres": each.genres} for each in shown if each.film_id in records],
        ids=tuple(records),
        people=tuple(people),
        partial=[*partly, *missing],
    )


def ranked(among: Among, people: list[int], genres: list[int], deadline: Deadline) -> tuple[list[Shared], list[str]]:
    """The films that share something, the best first, and the names of what there was no time to look at."""
    by_people: dict[int, Shared] = {}
    by_genres: dict[int, Shared] = {}
    try:
        if people:
            with deadline.held():
                by_people = sharing_people(among, people, genres)
    except OutOfTime:
        return [], ["people", "genres"]
    try:
        if genres:
            with deadline.held():
                query = sharing_genres(room_for(genres), among.wanted)
                rows = query.rows({**among.values, **spread("shared", genres)}, limit=POOL)
                by_genres = {other: Shared(other, 0, count, fame) for other, count, fame in rows}
    except OutOfTime:
        return best(by_people.values()), ["genres"]
    return best({**by_genres, **by_people}.values()), []


def best(shared: Iterable[Shared]) -> list[Shared]:
    """The best POOL of them, the best first."""
    return sorted(shared, key=lambda each: each.rank)[:POOL]


def sharing_people(among: Among, people: list[int], genres: list[int]) -> dict[int, Shared]:
    """The films that share people, of these POOL of most, and how many genres each of these shares. Three queries."""
    values = {**among.values, **spread("sharing", people)}
    pairs: set[tuple[int, int]] = set()
    fame: dict[int, float] = {}
    for role in ROLES:
        for other, person_id, popularity in credited(role, room_for(people), among.wanted).rows(
            values, limit=CREDITS_READ
        ):
            pairs.add((other, person_id))
            fame[other] = popularity
    counts: dict[int, int] = {}
    for other, _ in pairs:
        counts[other] = counts.get(other, 0) + 1
    most = best(Shared(other, count, 0, fame[other]) for other, count in counts.items())
    common = genres_shared([each.film_id for each in most], genres)
    return {each.film_id: each._replace(genres=common.get(each.film_id, 0)) for each in most}


def genres_shared(films: list[int], genres: list[int]) -> dict[int, int]:
    """How many of `genres` each of the films has; those that have none are left out. One query."""
    if not films or not genres:
        return {}
    rows = common(room_for(films), room_for(genres)).rows({**spread("other", films), **spread("genre", genres)})
    return dict(rows)


ROLES: dict[str, Any] = {"cast": CastCredit.objects, "crew": CrewCredit.objects}
GENRES = Film.genres.through.objects


def several(name: str, room: int) -> Several:
    return Several(name, BigIntegerField(), room)


@prepared
def existing() -> "QuerySet[Film, Row]":
    """The film, if it is published."""
    return Film.objects.filter(published=True, pk=FILM).order_by().values_list("pk")


@prepared
def billed() -> "QuerySet[CastCredit, Row]":
    """The people of the cast who count."""
    return CastCredit.objects.filter(film_id=FILM).order_by("order", "id").values_list("person_id")[:BILLED]


@prepared
def crewed() -> "QuerySet[CrewCredit, Row]":
    """The people of the crew who count."""
    return CrewCredit.objects.filter(film_id=FILM).order_by("order", "id").values_list("person_id")[:CREWED]


@prepared
def genres_of() -> "QuerySet[Any, Row]":
    """The film's genres."""
    return GENRES.filter(film_id=FILM).order_by("genre_id").values_list("genre_id")


def others(links: "QuerySet[Any]", wanted: tuple[Condition, ...]) -> "QuerySet[Any]":
    """Links of the other published films that meet the conditions."""
    rows = links.filter(film__published=True).exclude(film_id=FILM)
    return rows.filter(film_id__in=chosen(wanted).values("pk")) if wanted else rows


@prepared
def credited(role: str, room: int, wanted: tuple[Condition, ...]) -> "QuerySet[Any, Row]":
    """Credits of these people in other films: film, person, the film's popularity."""
    rows = others(ROLES[role].filter(person_id__in=several("sharing", room)), wanted)
    return rows.order_by("-film_id", "-id").values_list("film_id", "person_id", "film__popularity")


@prepared
def sharing_genres(room: int, wanted: tuple[Condition, ...]) -> "QuerySet[Any, Row]":
    """Other films with most of these genres: film, how many of them, its popularity."""
    rows = others(GENRES.filter(genre_id__in=several("shared", room)), wanted)
    counted = rows.values("film_id").annotate(shared=Count("genre_id"))
    most: QuerySet[Any, Any] = counted.order_by("-shared", "-film__popularity", "film_id")
    return most.values_list("film_id", "shared", "film__popularity")


@prepared
def common(films: int, genres: int) -> "QuerySet[Any, Row]":
    """How many of these genres each of these films has."""
    rows: QuerySet[Any, Any] = GENRES.filter(film_id__in=several("other", films), genre_id__in=several("genre", genres))
    counted: QuerySet[Any, Any] = rows.order_by().values_list("film_id").annotate(shared=Count("genre_id"))
    return counted
