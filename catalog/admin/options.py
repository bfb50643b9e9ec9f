"""What all lists and forms of the catalogue's admin have in common."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.db import IntegrityError
from django.db.models import CASCADE, PROTECT, Model, ProtectedError, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localtime

from catalog.admin.bases import ChangeList, ModelAdmin
from catalog.admin.counting import EstimatingPaginator
from catalog.admin.known import CarefulSelect, CarefulSelectMultiple

logger = logging.getLogger(__name__)

PROTECTED_SHOWN = 20
"""Rows named on the page that says why something can't be deleted."""


class EstimatedChangeList(ChangeList):
    """A list whose heading claims no number of results: the foot of the page says what is known."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """The chosen columns, then the id in the direction of the first, as the indexes have it.

        Django would put the list's default order between, and the id descending: no index is like that.
        """
        ordering: list[Any] = list(super().get_ordering(request, queryset.order_by()))
        if ordering[-1] == "-pk" and not str(ordering[0]).startswith("-"):
            ordering[-1] = "pk"
        return ordering

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.full_result_count = self.result_count


class CatalogAdmin(ModelAdmin):
    """Lists that count nothing in full, and refusals of the database told in words."""

    paginator = EstimatingPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # each number beside a filter would be a full count
    delete_confirmation_template = "catalog/admin/delete_confirmation.html"
    list_per_page = 50
    list_max_show_all = 200
    warn_unsaved_form = True

    def get_paginator(self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any) -> Any:
        pages: Any = super().get_paginator(request, queryset, *args, **kwargs)
        if queryset.model is self.model:  # the history of a row is paged here too
            pages.whole = self.get_queryset(request)
        return pages

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002  Django's call
        return EstimatedChangeList

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = CarefulSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = CarefulSelectMultiple(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form; when somebody else has saved what must be unique in the meantime, an explanation."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except IntegrityError:
            logger.warning("a form of the admin broke a rule of the database", exc_info=True)
            messages.error(
                request,
                "Nothing was saved: it contradicts what stands in the catalogue by now. Look at it again, please.",
            )
            return HttpResponseRedirect(request.get_full_path())

    def delete_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The question before a deletion; when a row has come to be needed since it was asked, an explanation."""
        try:
            return super().delete_view(request, object_id, *args, **kwargs)
        except ProtectedError:
            messages.error(request, "Nothing was deleted: it is needed elsewhere by now.")
            return HttpResponseRedirect(request.get_full_path())

    def get_deleted_objects(
        self,
        objs: Sequence[Any] | QuerySet[Any],
        request: HttpRequest,  # noqa: ARG002  Django's call
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What a deletion takes with it, as numbers: a genre may have 300,000 films.

        One level deep, since nothing in the catalogue cascades further.
        """
        counts = {str(self.opts.verbose_name_plural): len(objs)}
        protected: list[str] = []
        for relation in relations(self.model):
            rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": objs})
            if relation.on_delete is CASCADE and (number := rows.count()):
                counts[str(relation.related_model._meta.verbose_name_plural)] = number
            elif relation.on_delete is PROTECT:
                protected += self.reasons(relation, rows)
        return [str(each) for each in objs], counts, set(), protected

    def reasons(self, relation: Any, rows: QuerySet[Any]) -> list[str]:
        """The rows that stand against a deletion, a line each; above `PROTECTED_SHOWN` their number."""
        names = [field.name for field in relation.related_model._meta.fields if field.name in {"film", "person"}]
        lines = [named(row) for row in rows.select_related(*names)[:PROTECTED_SHOWN]]
        if len(lines) == PROTECTED_SHOWN and (number := rows.count()) > PROTECTED_SHOWN:
            lines.append(f"… {number:,} {relation.related_model._meta.verbose_name_plural} in all")
        return lines


def relations(model: type[Model]) -> Iterator[Any]:
    """What points to a model's rows, the hidden tables of many-to-many fields included."""
    for field in model._meta.get_fields(include_hidden=True):
        if field.auto_created and not field.concrete and (field.one_to_many or field.one_to_one):
            yield field


def named(row: Any) -> str:
    """A row that keeps something from being deleted, with a link to its film, where that can be changed."""
    film = row if row._meta.model_name == "film" else getattr(row, "film", None)
    kind = row._meta.verbose_name
    if film is None:
        return format_html("{}: {}", kind, row)
    address = reverse("admin:catalog_film_change", args=[film.pk])
    return format_html('{}: {} – <a class="underline" href="{}">{}</a>', kind, row, address, film)


def moment(when: datetime) -> str:
    """Date and time to the minute, in one line of a column."""
    return format_html('<span class="whitespace-nowrap">{}</span>', f"{localtime(when):%Y-%m-%d %H:%M}")


def joined(texts: Iterable[str]) -> str:
    """Names in one line; a dash where there are none."""
    return ", ".join(texts) or "–"
