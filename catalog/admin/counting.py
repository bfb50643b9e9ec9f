"""Pages of large tables without counting them.

Up to `EXACT_LIMIT` rows are counted, which costs as many steps in an index. Beyond it the number is an estimate: the
planner's on PostgreSQL, the largest id for a whole table on SQLite, otherwise nothing but "more than".
"""

import json
from collections.abc import Sequence
from enum import Enum
from typing import Any

from django.db import connections
from django.db.models import Max, Model, QuerySet
from django.utils.functional import cached_property
from django.utils.text import capfirst

from catalog.admin.bases import Page, Paginator

EXACT_LIMIT = 10_000


class Certainty(Enum):
    """How a number of rows is to be read, by the words that stand before it."""

    EXACT = ""
    ABOUT = "about "
    MORE_THAN = "more than "


def rows_up_to(queryset: QuerySet[Any], limit: int) -> int:
    """How many rows there are, at most `limit`; the database stops there."""
    return queryset.order_by()[:limit].count()


def planned_rows(queryset: QuerySet[Any]) -> int:
    """PostgreSQL's estimate of the rows of a query, from the table's present size and the last ANALYZE."""
    plan = json.loads(queryset.order_by().explain(format="json"))
    return int(plan[0]["Plan"]["Plan Rows"])


def estimated_rows(queryset: QuerySet[Any]) -> int | None:
    """About how many rows there are, from what the database knows without reading them; None when it can't say."""
    if connections[queryset.db].vendor == "postgresql":
        return planned_rows(queryset)
    if queryset.query.where:
        return None
    largest = queryset.order_by().aggregate(largest=Max("pk"))["largest"]
    return int(largest) if isinstance(largest, int) else None


def rounded(number: int) -> int:
    """Two digits that mean something.

    >>> rounded(36273)
    36000
    """
    scale: int = 10 ** max(len(str(number)) - 2, 0)
    return number // scale * scale


class KnownPage(Page):
    """A page that saw whether rows follow it."""

    def __init__(self, rows: Any, number: int, paginator: Paginator, *, more: bool) -> None:
        super().__init__(rows, number, paginator)
        self.more = more

    def has_next(self) -> bool:
        return self.more


class EstimatingPaginator(Paginator):
    """Never counts a table. A number past the end gives the last rows, since the end is known only about.

    Rows of a page are found by their ids first, so that a page deep in walks an index and not the table; they are then
    fetched from the queryset `whole`, if there is one, so that a search is not done again for them.
    """

    template_name = "catalog/admin/pagination.html"
    object_list: QuerySet[Any]
    whole: QuerySet[Any] | None = None

    @cached_property
    def total(self) -> tuple[int, Certainty]:
        """The number of rows and what it is worth."""
        counted = rows_up_to(self.object_list, EXACT_LIMIT + 1)
        if counted <= EXACT_LIMIT:
            return counted, Certainty.EXACT
        estimate = estimated_rows(self.object_list)
        if estimate is None or estimate <= EXACT_LIMIT:
            return EXACT_LIMIT, Certainty.MORE_THAN
        return estimate, Certainty.ABOUT

    @cached_property
    def count(self) -> int:
        number, certainty = self.total
        return number + 1 if certainty is Certainty.MORE_THAN else number

    @property
    def total_text(self) -> str:
        """The number for people, such as "about 36,000 films"."""
        number, certainty = self.total
        shown = rounded(number) if certainty is Certainty.ABOUT else number
        names = self.object_list.model._meta
        name = names.verbose_name if shown == 1 else names.verbose_name_plural
        return capfirst(f"{certainty.value}{shown:,} {name}")

    def validate_number(self, number: Any) -> int:
        """Any whole number from 1; what is none is 1. `page` sees to numbers past the end."""
        try:
            return max(int(number), 1)
        except (TypeError, ValueError):
            return 1

    def page(self, number: Any) -> KnownPage:
        number = self.validate_number(number)
        ids = self.ids_of(number)
        if not ids and number > 1:
            ids, number = self.last_ids(), self.num_pages
        more = len(ids) > self.per_page
        if more:
            self.num_pages = max(self.num_pages, number + 1)
        return KnownPage(self.rows(ids[: self.per_page]), number, self, more=more)

    def ids_of(self, number: int) -> list[Any]:
        """The ids of a page and, where rows follow, the first of those."""
        start = (number - 1) * self.per_page
        return list(self.object_list.values_list("pk", flat=True)[start : start + self.per_page + 1])

    def last_ids(self) -> list[Any]:
        return list(self.object_list.reverse().values_list("pk", flat=True)[: self.per_page])

    def rows(self, ids: Sequence[Any]) -> QuerySet[Model]:
        if self.whole is None:
            return self.object_list.filter(pk__in=ids)
        return self.whole.filter(pk__in=ids).order_by(*self.object_list.query.order_by)
