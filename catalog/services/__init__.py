"""What writes: functions that the importers, the admin, the commands and the API share. Each is whole or not at all."""

from catalog.services.naming import (
    GENRE_SLUG_LENGTH,
    LOOKUP_SIZE,
    NAME_KEY_LENGTH,
    ensure_collections,
    ensure_companies,
    ensure_genres,
    ensure_keywords,
    ensure_people,
    people_named,
    portions,
    slug,
)
from catalog.services.ratings import overall, refresh_rating
from catalog.services.space import out_of_space
from catalog.services.tokens import create_token, note_uses, revoke_token, token_digest

__all__ = [
    "GENRE_SLUG_LENGTH",
    "LOOKUP_SIZE",
    "NAME_KEY_LENGTH",
    "create_token",
    "ensure_collections",
    "ensure_companies",
    "ensure_genres",
    "ensure_keywords",
    "ensure_people",
    "note_uses",
    "out_of_space",
    "overall",
    "people_named",
    "portions",
    "refresh_rating",
    "revoke_token",
    "slug",
    "token_digest",
]
