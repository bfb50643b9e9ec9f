"""Reads of the catalogue. Each takes values, runs a fixed number of queries and gives values back, never ORM objects.

Only published films are seen here; drafts belong to the admin.
"""

from catalog.prepared import answers
from catalog.selectors.changes import changes
from catalog.selectors.conditions import unknown_values
from catalog.selectors.detail import film, film_id_of
from catalog.selectors.films import film_batch, films, films_by_id, is_walk, walk
from catalog.selectors.people import people, people_by_id, person, person_credits, person_id_of, unknown_people
from catalog.selectors.similar import similar
from catalog.selectors.statistics import statistics
from catalog.selectors.suggestions import suggestions
from catalog.selectors.tokens import access
from catalog.selectors.vocabularies import vocabulary

__all__ = [
    "access",
    "answers",
    "changes",
    "film",
    "film_batch",
    "film_id_of",
    "films",
    "films_by_id",
    "is_walk",
    "people",
    "people_by_id",
    "person",
    "person_credits",
    "person_id_of",
    "similar",
    "statistics",
    "suggestions",
    "unknown_people",
    "unknown_values",
    "vocabulary",
    "walk",
]
