"""What text becomes before it is compared: folded words, and pairs of characters where a script writes no blanks."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from catalog.fields import fold

WORD_LENGTH = 60
"""Longer words are cut: PostgreSQL takes lexemes of at most 2,046 bytes."""

KEY_LENGTH = 200
"""As much of a whole title as is compared."""

IN_TITLE = "\ue000"
"""Marks a word of a title. A private character: folded text has none, since it is no letter, digit or mark."""

WHOLE = "\ue001"
"""Begins and joins the words of a whole title."""

APOSTROPHES = re.compile("['’ʼ‘`´]")
"""Dropped, so that "schindlers" finds "Schindler's"."""

ARTICLE = re.compile(
    r"(?:the|an?|les?|la|une?|der|die|das|ein|eine|el|los|las|il|lo|gli|os?|as?) +(?=\S)|l['’](?=\w)", re.IGNORECASE
)
"""Begins many titles, and is left out by many who look for one."""

HYPHENATED = re.compile(r"\w+(?:[-‐‑]\w+)+")

UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1100-\u11ff\u3040-\u30ff\u3100-\u312f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
"""Thai, Lao, Burmese, Khmer, Hangul, kana, Bopomofo and Han: no blanks between words, or endings grown onto them."""


class _Separators(dict[int, int]):
    """For `str.translate`: everything but letters, digits and marks is a blank."""

    def __missing__(self, code: int) -> int:
        return code if unicodedata.category(chr(code))[0] in "LNM" else ord(" ")


_SEPARATORS = _Separators()


def words(text: str) -> list[str]:
    """The words of a text as they are compared, in their order; each at most WORD_LENGTH characters.

    A compound with hyphens is there in its parts and as one word. Of scripts without blanks there are pairs of
    neighbouring characters, and the last one alone, so that a single character finds whatever begins with it.

    >>> words("Amélie: Spider-Man's 七人の侍")
    ['amelie', 'spider', 'mans', 'spidermans', '七人', '人の', 'の侍', '侍']
    """
    folded = fold(APOSTROPHES.sub("", text))
    found: list[str] = []
    for part in folded.split():
        pieces = part.translate(_SEPARATORS).split()
        for piece in pieces:
            found += runs(piece)
        if HYPHENATED.fullmatch(part):
            found += runs("".join(pieces))
    return found


def runs(piece: str) -> Iterator[str]:
    """The words within a piece of text that has no blanks: stretches of one kind of script."""
    start = 0
    for match in UNSPACED.finditer(piece):
        if start < match.start():
            yield piece[start : match.start()][:WORD_LENGTH]
        yield from pairs(match[0])
        start = match.end()
    if start < len(piece):
        yield piece[start:][:WORD_LENGTH]


def pairs(run: str) -> Iterator[str]:
    """Each two neighbouring characters, and the last one.

    >>> list(pairs("七人の"))
    ['七人', '人の', 'の']
    """
    yield from (run[place : place + 2] for place in range(len(run) - 1))
    yield run[-1]


def whole(title: str) -> str:
    """The one token that stands for a title as a whole; '' where it has neither letter nor digit.

    >>> whole("The  Godfather!") == "\\ue001the\\ue001godfather"
    True
    """
    return joined(in_order(title))


def in_order(title: str) -> list[str]:
    """The words of a whole title, which are those between its blanks and signs in any script.

    >>> in_order("Amélie: Spider-Man's 七人の侍")
    ['amelie', 'spider', 'mans', '七人の侍']
    """
    return fold(APOSTROPHES.sub("", title)).translate(_SEPARATORS).split()


def joined(title_words: Iterable[str]) -> str:
    """The one token of a whole title of these words; '' where there are none."""
    return "".join(f"{WHOLE}{word}" for word in title_words)[:KEY_LENGTH]


def without_article(title: str) -> str:
    """The title without the article that it begins with, if it does.

    >>> without_article("The Godfather"), without_article("L'Avventura"), without_article("Theatre")
    ('Godfather', 'Avventura', 'Theatre')
    """
    article = ARTICLE.match(title.lstrip())
    return title.lstrip()[article.end() :] if article else title


def bag(titles: list[str], others: list[str]) -> str:
    """All tokens of a film, each once, with blanks between: of titles marked and plain, of other texts plain."""
    tokens: dict[str, None] = {}
    for title in titles:
        tokens |= dict.fromkeys([whole(title), whole(without_article(title))])
        for word in words(title):
            tokens |= dict.fromkeys([word, IN_TITLE + word])
    for text in others:
        tokens |= dict.fromkeys(words(text))
    tokens.pop("", None)
    return " ".join(tokens)
