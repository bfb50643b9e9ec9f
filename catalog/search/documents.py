"""What is found of a film: its titles in every language, the people in it, and what is told of it."""

from collections import defaultdict
from collections.abc import Collection

from catalog.models import CastCredit, CrewCredit, Film, Title
from catalog.search import tables
from catalog.search.mending import KEPT_MIN, LETTERS_MAX
from catalog.search.models import SearchWord
from catalog.search.words import IN_TITLE, WHOLE, bag

TOKENS_MAX_BYTES = 500_000
"""A bag's size at most: PostgreSQL takes a megabyte of lexemes a row."""


def index(film_ids: Collection[int]) -> None:
    """Index these films anew as they are now; drafts and films that are gone leave the index. Eight queries at most."""
    bags = dict.fromkeys(film_ids, "") | bags_of(film_ids)
    tables.replace(bags)
    words = {word for text in bags.values() for word in text.split() if is_kept(word)}
    missing = words - tables.existing_words(words) if words else ()
    SearchWord.objects.bulk_create([SearchWord(word=word) for word in missing], ignore_conflicts=True, batch_size=5000)


def bags_of(film_ids: Collection[int]) -> dict[int, str]:
    """The bag of words of each of these films that is published."""
    titles, others = defaultdict[int, list[str]](list), defaultdict[int, list[str]](list)
    films = Film.objects.filter(pk__in=film_ids, published=True)
    for film_id, title, original, tagline, overview in films.values_list(
        "pk", "title", "original_title", "tagline", "overview"
    ):
        titles[film_id] += [title, original or ""]
        others[film_id] += [tagline or "", overview or ""]
    for film_id, title in Title.objects.filter(film__in=titles).values_list("film_id", "title"):
        titles[film_id].append(title)
    for credit in (CastCredit.objects.order_by(), CrewCredit.objects.order_by()):
        for film_id, name in credit.filter(film__in=titles).values_list("film_id", "person__name").distinct():
            others[film_id].append(name)
    return {film_id: shortened(bag(titles[film_id], others[film_id])) for film_id in titles}


def shortened(text: str) -> str:
    """The bag without its last words where it is too large to be stored."""
    cut = text.encode()[:TOKENS_MAX_BYTES].decode(errors="ignore")
    return cut if len(cut) == len(text) else cut.rpartition(" ")[0]


def is_kept(word: str) -> bool:
    """Whether the vocabulary has a use for a word: another may be mended into it."""
    return KEPT_MIN <= len(word) <= LETTERS_MAX + 1 and word[0] not in (IN_TITLE, WHOLE)
