"""What the search fields of the admin look for: folded words in names and titles, and ids of other catalogues.

Each part of a search reads one narrow index that holds all that it needs, so that a million films stay bearable
without an extension of the database. A term of one or two letters must begin the text: it would be found nearly
everywhere inside.
"""

import re

from django.db.models import Q, QuerySet

from catalog.fields import fold
from catalog.models import Film, FilmExternalId, Person, PersonExternalId, Title
from catalog.values import EXTERNAL_ID_PATTERNS, IdSource

TERM_LENGTH_MAX = 200
SHORT = 2
LAST = "\U0010ffff"
"""Sorts behind every other character, in UTF-8 as in code points."""

# The ids that nobody takes for a title; a number may also be "1917".
SPEAKING_IDS = re.compile("|".join(EXTERNAL_ID_PATTERNS[source] for source in (IdSource.IMDB, IdSource.WIKIDATA)))


def tidy(term: str) -> str:
    """The term without blanks around it, and without NUL, which PostgreSQL's text can't hold."""
    return term.replace("\0", "").strip()[:TERM_LENGTH_MAX]


def begins(column: str, prefix: str) -> Q:
    """A range of the index, which LIKE would not always be."""
    return Q(**{f"{column}__gte": prefix, f"{column}__lt": prefix + LAST})


def words_in(column: str, term: str) -> Q:
    """Every word of the folded term stands in the folded column, in any order; a short term begins it.

    >>> words_in("title_key", "Amélie")
    <Q: (AND: ('title_key__contains', 'amelie'))>
    """
    folded = fold(term)
    if len(folded) <= SHORT:
        return begins(column, folded)
    found = Q()
    for word in dict.fromkeys(folded.split()):
        found &= Q(**{f"{column}__contains": word})
    return found


def films_matching(films: QuerySet[Film], term: str) -> QuerySet[Film]:
    """Films whose title, original title or further title has the words, or that have the term as an external id."""
    text = tidy(term)
    if not fold(text):
        return films.none() if text else films
    named = FilmExternalId.objects.order_by().filter(source__in=list(IdSource), value=text).values("film_id")
    if SPEAKING_IDS.fullmatch(text):
        return films.filter(pk__in=named)
    found = Film.objects.order_by().filter(words_in("title_key", text)).values("pk")
    original = Film.objects.order_by().filter(words_in("original_title_key", text)).values("pk")
    further = Title.objects.order_by().filter(words_in("title_key", text)).values("film_id")
    return films.filter(pk__in=found.union(original, further, named))


def people_matching(people: QuerySet[Person], term: str) -> QuerySet[Person]:
    """People whose name has the words, or that have the term as an external id such as nm0000206."""
    text = tidy(term)
    if not fold(text):
        return people.none() if text else people
    if SPEAKING_IDS.fullmatch(text):
        ids = PersonExternalId.objects.order_by().filter(source__in=list(IdSource), value=text).values("person_id")
        return people.filter(pk__in=ids)
    return people.filter(words_in("name_key", text))
