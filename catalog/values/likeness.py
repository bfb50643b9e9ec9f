"""What somebody may have meant who names what there is not."""

from collections.abc import Iterable
from difflib import get_close_matches

COMPARED_LENGTH = 60
"""Comparing words costs the product of their lengths, and a client chooses one of them."""

CUTOFF = 0.6
"""The likeness (difflib's ratio, from 0 to 1) from which on a name is near: an error or two in a short word."""


def nearest(text: str, known: Iterable[str]) -> str:
    """`; the nearest is 'title'`, as a continuation of a sentence; nothing where none is near. Case does not matter.

    >>> nearest("Titel", ["title", "year"]), nearest("zzzqqq", ["title", "year"])
    ("; the nearest is 'title'", '')
    """
    by_key = {each.casefold(): each for each in known}
    close = get_close_matches(text[:COMPARED_LENGTH].casefold(), sorted(by_key), n=1, cutoff=CUTOFF)
    return f"; the nearest is '{by_key[close[0]]}'" if close else ""
