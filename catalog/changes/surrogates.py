"""Surrogate keys: what an answer depends on, so that a change ends just the answers that it concerns.

An answer names its keys in the header Surrogate-Key, by which CDNs too purge what they keep; the change log tells the
keys of every change. A kept answer holds until a change has one of its keys. An answer without keys depends on
everything: any change ends it. To declare a resource, join what applies (a key too many costs hits, one too few is a
stale answer):

* for each film or person that it shows, or would show if there were one of that id: `film(12)`, `person(7)`. It covers
  all that belongs to it, and the names of genres, people and so on that it shows;
* for a list, count or statistic of films: `films("year", "cast")`, with every column and relation that decides which
  films are in it, in which order and in which group; `film_list(query)` does it for a FilmQuery;
* where that would be most of them, as in full text: ANY_FILM, which every change of a published film has;
* for people `people(…)` and ANY_PERSON alike, for vocabularies and their names GENRES, COUNTRIES and so on;
* FIXED for what never changes while the process runs.

A person's credits: `person(7)`, which every credit that comes or goes has; `film(id)` for each film that they show;
`films()`, since publishing a film brings its credits along. Genres with their numbers of films: GENRES, and
`films("film_genre")`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from catalog.changes.definitions import LINKS, NAMES
from catalog.values import Bounds, ChangeKind, Counting, FilmQuery, PersonQuery

EVERYTHING = "*"
"""The key that all answers have: what follows cannot be told, or an answer says nothing of what it depends on."""

LOG_CUT = "log"
"""The key of what is too old to be told any more: it ends the answers that depend on everything, and no others."""

FIXED = "fixed"
ANY_FILM, ANY_PERSON = "films.*", "people.*"
VOCABULARIES = {
    "genre": (GENRES := "genres"),
    "keyword": (KEYWORDS := "keywords"),
    "company": (COMPANIES := "companies"),
    "country": (COUNTRIES := "countries"),
    "language": (LANGUAGES := "languages"),
    "collection": (COLLECTIONS := "collections"),
}
"""The key of all rows of a name, by its entity in the log; each row also has one of its own, as `genre/5`."""

Keys = frozenset[str]

NAME_KEYS = {name.entity: name.key for name in NAMES}
FILM_LINKS = frozenset(link.entity for link in LINKS if link.of_film)

FILTERS: Mapping[str, Keys] = {
    "genre": frozenset(("films.film_genre", GENRES)),
    "country": frozenset(("films.film_country", COUNTRIES)),
    "language": frozenset(("films.original_language_id", LANGUAGES)),
    "person": frozenset(("films.cast", "films.crew")),
}
"""What each list filter depends on: which films bear its values, and which values there are."""

FACETS: Mapping[str, Keys] = {
    "year": frozenset(("films.year",)),
    "decade": frozenset(("films.year",)),
    "rating": frozenset(("films.rating",)),
    **{name: FILTERS[name] for name in ("genre", "country", "language")},
}
"""What each number of films by a facet depends on."""

TOTALS = frozenset(("films.votes", "films.runtime", "films.rating", "films.year"))

SORT_COLUMNS = {"title": "title_key", "name": "name_key", "random": "shuffle"}
"""The stored column behind a sort, where it has another name."""


def film(film_id: int) -> str:
    """The key of one film and all that belongs to it."""
    return f"film/{film_id}"


def person(person_id: int) -> str:
    """The key of one person, of what belongs to them, and of their credits in published films."""
    return f"person/{person_id}"


def films(*by: str) -> Keys:
    """The keys of a selection of published films `by` columns of the films' table, or links as definitions.py has them.

    Of a generated column it is the source that is logged: `year`, not `year_asc`. `updated` changes with everything.
    """
    return frozenset(("films", *(f"films.{name}" for name in by)))


def people(*by: str) -> Keys:
    """The keys of a selection of people `by` columns of their table."""
    return frozenset(("people", *(f"people.{name}" for name in by)))


def film_list(query: FilmQuery) -> Keys:
    """The keys of a list of films but for those of the films that its page shows."""
    columns = [SORT_COLUMNS.get(term.name, term.name) for term in query.order if term.name != "id"]
    columns += [name for name, _ in query.bounds]
    if query.title_prefix is not None:
        columns.append("title_key")
    if query.count is Counting.ESTIMATED:
        columns.append("shuffle")
    more: list[Iterable[str]] = [keys for name, keys in FILTERS.items() if getattr(query, name)]
    if query.person:
        more.append(person(int(value)) for choice in query.person for value in choice.values)
    if query.text is not None:
        more.append((ANY_FILM,))
    more += [FACETS[name] for name in query.facets]
    return films(*columns).union(*more) if more else films(*columns)


def film_statistics(query: FilmQuery) -> Keys:
    """The keys of the statistics of the films that `query` chooses."""
    return film_list(query).union(TOTALS, *FACETS.values())


def similar_films(film_id: int, shown: Iterable[int], people: Iterable[int]) -> Keys:
    """The keys of the films that are like another: `shown`, and those that may come to share its people or genres."""
    chosen = films("film_genre", "popularity")
    return chosen.union(map(film, (film_id, *shown)), map(person, people))


def person_list(query: PersonQuery) -> Keys:
    """The keys of a list of people but for those of the people whom its page shows."""
    columns = [SORT_COLUMNS.get(term.name, term.name) for term in query.order if term.name != "id"]
    if query.born != Bounds():
        columns.append("birth_date")
    if query.name_prefix is not None:
        columns.append("name_key")
    return people(*columns)


class Changed(NamedTuple):
    """What the log says of one change, as `Change` has it.

    before, after: the whole row, or of an update the columns that differ; empty where there is none.
    """

    entity: str
    entity_id: str
    film_id: int | None
    kind: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def of_change(change: Changed) -> Iterator[str]:
    """The keys that a change has; none for a draft, of which no answer tells."""
    if change.kind == ChangeKind.DRAFT:
        return
    if change.kind == ChangeKind.RESET or moves(change):
        yield EVERYTHING
    elif change.film_id is not None:
        yield from of_film(change, change.film_id)
    elif change.entity == "person":
        yield from (f"person/{change.entity_id}", *of_selection("people", change))
    else:
        yield from (f"{change.entity}/{change.entity_id}", VOCABULARIES.get(change.entity, EVERYTHING))


def moves(change: Changed) -> bool:
    """Whether an update gave a row another key: then the log's names the new one alone."""
    return change.kind == ChangeKind.UPDATED and NAME_KEYS.get(change.entity, "id") in change.before


def of_film(change: Changed, film_id: int) -> Iterator[str]:
    """The keys of a change of a film or of what belongs to it."""
    yield film(film_id)
    if change.entity not in FILM_LINKS:
        yield from of_selection("films", change)
        return
    yield from (ANY_FILM, "films.updated", f"films.{change.entity}")
    for side in (change.before, change.after):
        if "person_id" in side:
            yield person(side["person_id"])


def of_selection(plural: str, change: Changed) -> Iterator[str]:
    """The keys of the selections that a film or person may enter, leave or change its place in."""
    yield from (f"{plural}.*", f"{plural}.updated")
    if change.kind == ChangeKind.UPDATED:
        yield from (f"{plural}.{name}" for name in {**change.before, **change.after})
    else:
        yield plural
