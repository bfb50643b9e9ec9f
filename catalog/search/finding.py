"""From a user's text to the expressions that find films: indexed up to now, mended where it finds none as it is."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from django.db import connection

from catalog.search import index, plans, tables
from catalog.search.mending import long_words, mended, mended_beginning, unfinished
from catalog.search.plans import Plan


class Found(NamedTuple):
    """What finds films: in whichever way, and by kind of match, as parameters of `tables.Matching`.

    up_to_date: whether the index has all that was committed before; otherwise what is found must not be kept.
    """

    anyhow: str
    kinds: tuple[str, str, str]
    up_to_date: bool


def find(text: str, *, beginning: bool = False) -> Found | None:
    """What finds the films that a text means; None where it has neither letter nor digit.

    beginning: the last word may still be being typed. Where nothing has changed since the last search, four queries:
    where the index stands, whether the log has grown, whether words exist, and whether all of them are met. Where they
    are not, up to three more.
    """
    plan = plans.plan_of(text, beginning=beginning)
    if plan is None:
        return None
    up_to_date = index.refresh()
    plan = forgiving(plan)
    return Found(plans.any_match(plan, connection.vendor), plans.expressions(plan, connection.vendor), up_to_date)


def forgiving(plan: Plan) -> Plan:
    """The plan with words that do not exist mended; with all long words mended where no film has them together.

    What is still being typed is mended last: most often it only lacks its end.
    """
    plan = mended(plan, unknown_only=True) if long_words(plan) else plan
    for way in ways_to_mend(plan):
        if tables.finds_any(plans.any_match(plan, connection.vendor)):
            break
        plan = way(plan)
    return plan


def ways_to_mend(plan: Plan) -> Iterator[Callable[[Plan], Plan]]:
    """What is tried, one after the other, while no film is found."""
    if long_words(plan):
        yield partial(mended, unknown_only=False)
    if unfinished(plan):
        yield mended_beginning
