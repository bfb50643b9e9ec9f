"""The small tables that films point to. Their search fields serve the film form's autocomplete."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from catalog.admin.options import CatalogAdmin
from catalog.models import Collection, Company, Country, Genre, Keyword, Language


@admin.register(Genre, Keyword)
class SlugAdmin(CatalogAdmin):
    list_display = ("name", "slug")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Country, Language)
class CodeAdmin(CatalogAdmin):
    """The code is what everything else points to: once given, it stays."""

    list_display = ("name", "code")
    search_fields = ("name", "=code")
    fields = ("code", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002  Django's call
        return () if obj is None else ("code",)


@admin.register(Company)
class CompanyAdmin(CatalogAdmin):
    list_display = ("name", "country")
    search_fields = ("name",)
    autocomplete_fields = ("country",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Company]:
        return super().get_queryset(request).select_related("country")


@admin.register(Collection)
class CollectionAdmin(CatalogAdmin):
    search_fields = ("name",)
