"""What a query means: three kinds of match, each as an expression that the database's index answers."""

from collections.abc import Sequence
from itertools import islice, product
from typing import NamedTuple

from catalog.search.words import IN_TITLE, UNSPACED, in_order, joined, words

WORDS_MAX = 32
"""Words of one query that are looked at."""

TITLES_MAX = 100
"""Whole titles that are tried, where several words have been mended in several ways."""


class Spelling(NamedTuple):
    """How a database writes an expression: a token, a token's beginning, and what joins them."""

    token: str
    beginning: str
    both: str
    either: str
    but_not: str


SPELLINGS = {
    "sqlite": Spelling('"{}"', '"{}" *', " AND ", " OR ", "({}) NOT ({})"),
    "postgresql": Spelling("'{}'", "'{}':*", " & ", " | ", "({}) & !({})"),
}
"""Tokens hold letters, digits, marks and our own two marks only, so that nothing in them needs escaping."""


class Sought(NamedTuple):
    """One word of a query: what stands for it, any of which will do, and whether they need only begin a word."""

    alternatives: tuple[str, ...]
    beginning: bool = False


class Plan(NamedTuple):
    """A query: its words as those of a whole title, in their order, and as words all of which must be met."""

    title: tuple[str, ...]
    sought: tuple[Sought, ...]
    beginning: bool = False


def plan_of(text: str, *, beginning: bool = False) -> Plan | None:
    """The plan of a user's text; None where it has neither letter nor digit.

    beginning: the last word, and the title, need only begin so: search as somebody types.
    """
    found = list(dict.fromkeys(words(text)))[:WORDS_MAX]
    if not found:
        return None
    last = found[-1]
    open_end = beginning and not text[-1:].isspace()
    return Plan(
        tuple(in_order(text)), tuple(sought(word, open_end=open_end and word == last) for word in found), open_end
    )


def sought(word: str, *, open_end: bool) -> Sought:
    """A single character of a script without blanks always means a beginning: it is kept as a part of pairs."""
    return Sought((word,), open_end or (len(word) == 1 and bool(UNSPACED.fullmatch(word))))


def expressions(plan: Plan, vendor: str) -> tuple[str, str, str]:
    """Films of just this title, films with all words in titles but not this title, and all the rest."""
    spelling = SPELLINGS[vendor]
    title = whole_title(plan, spelling)
    in_titles, anywhere = (all_of(plan.sought, spelling, mark) for mark in (IN_TITLE, ""))
    better = spelling.either.join((title, f"({in_titles})"))
    return title, spelling.but_not.format(in_titles, title), spelling.but_not.format(anywhere, better)


def any_match(plan: Plan, vendor: str) -> str:
    """Films that meet the plan in whichever way."""
    spelling = SPELLINGS[vendor]
    # A title may be the same without a word of it: "Spider Man" has no "spiderman", as "spider-man" has.
    return spelling.either.join((whole_title(plan, spelling), f"({all_of(plan.sought, spelling, '')})"))


def whole_title(plan: Plan, spelling: Spelling) -> str:
    """The title as it was spelled, or with any of what its words were mended into."""
    alternatives = {each.alternatives[0]: each.alternatives for each in plan.sought}
    titles = islice(product(*(alternatives.get(word, (word,)) for word in plan.title)), TITLES_MAX)
    form = spelling.beginning if plan.beginning else spelling.token
    return spelling.either.join(form.format(joined(title)) for title in titles)


def all_of(sought_words: Sequence[Sought], spelling: Spelling, mark: str) -> str:
    """All of the words, each in any of its forms."""
    return spelling.both.join(f"({any_of(each, spelling, mark)})" for each in sought_words)


def any_of(word: Sought, spelling: Spelling, mark: str) -> str:
    form = spelling.beginning if word.beginning else spelling.token
    return spelling.either.join(form.format(mark + each) for each in word.alternatives)
