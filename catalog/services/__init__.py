"""What writes: functions that the importers, the admin, the commands and the API share. Each is whole or not at all."""

from catalog.portions import LOOKUP_SIZE, portions
from catalog.services.bulk import BULK_KEYS, trial, write_row
from catalog.services.films import change_film, create_film, delete_film
from catalog.services.idempotency import Kept, claim, digest, give_up, keep_answer, kept_answer, prune_answers, renew
from catalog.services.merging import merge_films, merge_people
from catalog.services.naming import (
    NAME_KEY_LENGTH,
    ensure_collections,
    ensure_companies,
    ensure_genres,
    ensure_keywords,
    ensure_people,
    people_named,
    slug,
)
from catalog.services.people import change_person, create_person, delete_person
from catalog.services.ratings import overall, refresh_rating
from catalog.services.space import only_reads, out_of_space
from catalog.services.tokens import create_token, note_uses, revoke_token, token_digest
from catalog.services.writing import writing

__all__ = [
    "BULK_KEYS",
    "LOOKUP_SIZE",
    "NAME_KEY_LENGTH",
    "Kept",
    "change_film",
    "change_person",
    "claim",
    "create_film",
    "create_person",
    "create_token",
    "delete_film",
    "delete_person",
    "digest",
    "ensure_collections",
    "ensure_companies",
    "ensure_genres",
    "ensure_keywords",
    "ensure_people",
    "give_up",
    "keep_answer",
    "kept_answer",
    "merge_films",
    "merge_people",
    "note_uses",
    "only_reads",
    "out_of_space",
    "overall",
    "people_named",
    "portions",
    "prune_answers",
    "refresh_rating",
    "renew",
    "revoke_token",
    "slug",
    "token_digest",
    "trial",
    "write_row",
    "writing",
]
