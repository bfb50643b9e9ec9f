"""Entries that are one: chosen in a list, merged into the one that stays after a question."""

from collections.abc import Callable
from typing import Any, Protocol

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from catalog.admin.bases import ModelAdmin
from catalog.errors import CatalogError

MERGED_MAX = 20
"""Entries that are merged at a time: more are rather a slip than one thing."""


class Merge(Protocol):
    """A service that makes one entry a part of another."""

    def __call__(self, *, kept_id: int, merged_id: int) -> None: ...


class MergingAdmin(ModelAdmin):
    """A list with the action "merge"; `merge_service` does it."""

    merge_service: Callable[..., None]
    actions: tuple[str, ...] = ("merge",)

    def has_merge_permission(self, request: HttpRequest) -> bool:
        """What is merged changes one entry and takes the others away."""
        return self.has_change_permission(request) and self.has_delete_permission(request)

    @admin.action(description="Merge into one", permissions=["merge"])
    def merge(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        rows = list(queryset.order_by("pk")[: MERGED_MAX + 1])
        if not 2 <= len(rows) <= MERGED_MAX:
            messages.error(request, f"Choose entries that are one: from 2 to {MERGED_MAX}.")
            return None
        kept = next((row for row in rows if str(row.pk) == request.POST.get("kept")), None)
        if kept is None:
            return self.asked(request, rows)
        try:
            merged_into(type(self).merge_service, kept, [row for row in rows if row is not kept], request.user.pk or 0)
        except CatalogError as error:
            messages.error(request, f"Nothing was merged: {error}")
        except IntegrityError:
            messages.error(request, "Nothing was merged: it contradicts what stands in the catalogue by now.")
        else:
            messages.success(request, f"Merged into {kept}: {len(rows) - 1}. The old addresses lead there.")
        return None

    def asked(self, request: HttpRequest, rows: list[Any]) -> HttpResponse:
        """The page that asks which one stays; nothing is chosen on it before the curator does."""
        context = {
            **self.admin_site.each_context(request),
            "title": f"Merge {self.opts.verbose_name_plural} into one",
            "opts": self.opts,
            "rows": rows,
            "checkbox": ACTION_CHECKBOX_NAME,
            "unanswered": "merging" in request.POST,
        }
        return TemplateResponse(request, "catalog/admin/merge.html", context)


@transaction.atomic
def merged_into(service: Merge, kept: Any, merged: list[Any], user_id: int) -> None:
    """Merge all or none, with a line in the history of what stays. Raises what the service raises."""
    names = ", ".join(f"{row} ({row.pk})" for row in merged)
    for row in merged:
        service(kept_id=kept.pk, merged_id=row.pk)
    LogEntry.objects.log_actions(user_id, [kept], CHANGE, f"Merged into this: {names}.")
