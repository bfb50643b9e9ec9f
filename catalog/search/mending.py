"""Typing errors: one is forgiven in a word of five letters or more, through the vocabulary of all words there are."""

from collections.abc import Collection, Iterator

from catalog.search import tables
from catalog.search.plans import Plan, Sought

LETTERS_MIN = 5
"""Letters of a word that may be mended: shorter ones are too near to too many."""

KEPT_MIN = LETTERS_MIN - 1
"""Letters of a word that the vocabulary keeps: one more may have been typed."""

LETTERS_MAX, MENDED_MAX = 24, 6
"""Longer words, and more of them, would make too many candidates: some 2,000 each."""

ALTERNATIVES_MAX = 30

ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz0123456789æøłđðþßœı",
    "αβγδεζηθικλμνξοπρστυφχψω",
    "абвгдежзиклмнопрстуфхцчшщъыьэюяєіѓјљњћџґ",
    "אבגדהוזחטיכלמנסעפצקרשתךםןףץ",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىپچژگکی",
)
"""Folded letters, by script: what may have been meant is of the same script."""


def mended(plan: Plan, *, unknown_only: bool) -> Plan:
    """The plan with the words at one error's distance beside each long word. One query of the vocabulary.

    unknown_only: words that exist are what was meant.
    """
    candidates = {word: set(neighbours(word)) for word in long_words(plan)}
    asked = set().union(candidates, *candidates.values())
    existing = tables.existing_words(asked)
    return plan._replace(
        sought=tuple(widened(each, candidates, existing, unknown_only=unknown_only) for each in plan.sought)
    )


def long_words(plan: Plan) -> list[str]:
    """The words that may be mended as they are; one that is still being typed may have no error yet."""
    return [each.alternatives[0] for each in plan.sought if is_long(each) and not each.beginning][:MENDED_MAX]


def is_long(word: Sought) -> bool:
    return LETTERS_MIN <= len(word.alternatives[0]) <= LETTERS_MAX


def unfinished(plan: Plan) -> list[Sought]:
    """The word that is still being typed, where it is long enough for an error."""
    return [each for each in plan.sought if is_long(each) and each.beginning]


def mended_beginning(plan: Plan) -> Plan:
    """The plan with the beginnings of words at one error's distance beside the unfinished one. One query."""
    near = {each: tables.existing_beginnings(set(neighbours(each.alternatives[0]))) for each in unfinished(plan)}
    return plan._replace(sought=tuple(beside(each, near.get(each, ())) for each in plan.sought))


def widened(word: Sought, candidates: dict[str, set[str]], existing: frozenset[str], *, unknown_only: bool) -> Sought:
    spelled = word.alternatives[0]
    if spelled not in candidates or word.beginning or (unknown_only and spelled in existing):
        return word
    return beside(word, candidates[spelled] & existing)


def beside(word: Sought, near: Collection[str]) -> Sought:
    """The word with others that would do too, as many as are looked for."""
    others = sorted({*near} - {*word.alternatives})[:ALTERNATIVES_MAX]
    return word._replace(alternatives=(*word.alternatives, *others))


def neighbours(word: str) -> Iterator[str]:
    """Every word that one error may have turned into this one: a letter lost, doubled, wrong, or two exchanged."""
    alphabet = next((letters for letters in ALPHABETS if not set(letters).isdisjoint(word)), "")
    for place in range(len(word)):
        head, tail = word[:place], word[place + 1 :]
        yield head + tail
        yield from (head + letter + tail for letter in alphabet)
        if tail:
            yield head + tail[0] + word[place] + tail[1:]
    for place in range(len(word) + 1):
        yield from (word[:place] + letter + word[place:] for letter in alphabet)
