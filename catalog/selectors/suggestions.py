"""Search as somebody types."""

from catalog.drivers import Row
from catalog.search.finding import find
from catalog.selectors.conditions import match_values
from catalog.selectors.films import Segment, Shape, listing
from catalog.selectors.paging import records
from catalog.values import BEST_MATCH, MATCH_KINDS, RecordPage

FIELDS = ("id", "title", "original_title", "year", "poster")
LIMIT = 10


def suggestions(text: str, limit: int = LIMIT) -> RecordPage:
    """The published films that somebody who types `text` may mean, the best first; the last word may be unfinished.

    One query for each kind of match that is still needed, and those of `find`. A text without letter or digit means
    nothing yet.
    """
    found = find(text, beginning=True)
    rows: list[Row] = []
    for kind in range(MATCH_KINDS if found else 0):
        if found and len(rows) < limit:
            query = listing(Shape(FIELDS, BEST_MATCH, backward=False, conditions=()), Segment(match=kind))
            rows += query.rows(match_values(found), limit=limit - len(rows))
    partial = ["q"] if found and not found.up_to_date else []
    return RecordPage(records(FIELDS, rows), tuple(row[-1] for row in rows), before=None, after=None, partial=partial)
