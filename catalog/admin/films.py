"""The curators' list and form of films."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from catalog import services
from catalog.admin import filters, inlines
from catalog.admin.bases import display
from catalog.admin.conflicts import VersionedAdmin
from catalog.admin.forms import FilmForm
from catalog.admin.lookup import films_matching
from catalog.admin.merging import MergingAdmin
from catalog.admin.options import CatalogAdmin, joined, moment
from catalog.models import Film, Rating
from catalog.services import portions

DATES = (("release_date", "release_precision"),)


@admin.register(Film)
class FilmAdmin(CatalogAdmin, VersionedAdmin, MergingAdmin):
    merge_service = services.merge_films
    form = FilmForm
    list_display = ("shown_title", "shown_year", "state", "status", "shown_rating", "shown_genres", "shown_updated")
    list_display_links = ("shown_title",)
    sortable_by = ("shown_title", "shown_year", "shown_rating", "shown_updated")
    list_filter = (
        filters.PublishedFilter,
        filters.StatusFilter,
        filters.GenreFilter,
        filters.CountryFilter,
        filters.LanguageFilter,
        filters.DecadeFilter,
    )
    list_filter_submit = True
    ordering = ("-updated", "-id")
    search_fields = ("title_key",)  # Django shows the field; what is looked for, lookup.films_matching says
    search_help_text = "Words of a title, original title or further title, or an id such as tt0111161"
    actions = ("publish", "make_draft", "merge")
    autocomplete_fields = (
        "original_language",
        "collection",
        "genres",
        "countries",
        "languages",
        "keywords",
        "companies",
    )
    readonly_fields = ("rating", "votes", "version", "created", "updated")
    fieldsets = (
        (None, {"fields": (("title", "original_title"), ("published", "publish_at"), ("status", "year"), *DATES)}),
        ("About", {"fields": ("tagline", "overview", "genres", "keywords", "poster")}),
        ("Made by", {"fields": ("countries", ("original_language", "languages"), "companies", "collection")}),
        ("Figures", {"fields": (("runtime", "popularity"), ("budget", "revenue"), ("rating", "votes"))}),
        ("Record", {"fields": (("version", "created", "updated"),)}),
    )
    inlines = (
        inlines.CastInline,
        inlines.CrewInline,
        inlines.TitleInline,
        inlines.RatingInline,
        inlines.FilmExternalIdInline,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Film]:
        return super().get_queryset(request).prefetch_related("genres")

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002  Django's call
        queryset: QuerySet[Film],
        search_term: str,
    ) -> tuple[QuerySet[Film], bool]:
        return films_matching(queryset, search_term), False

    @display(description="title", ordering="title_key")
    def shown_title(self, film: Film) -> str:
        return film.title

    @display(description="year", ordering="year_desc")
    def shown_year(self, film: Film) -> int | None:
        return film.year

    @display(description="published", label={"published": "success", "draft": "warning"})
    def state(self, film: Film) -> str:
        return "published" if film.published else "draft"

    @display(description="rating", ordering="rating_desc")
    def shown_rating(self, film: Film) -> str | None:
        return None if film.rating is None else f"{film.rating:.1f}"

    @display(description="genres")
    def shown_genres(self, film: Film) -> str:
        return joined(genre.name for genre in film.genres.all())

    @display(description="updated", ordering="updated")
    def shown_updated(self, film: Film) -> str:
        return moment(film.updated)

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Film]) -> None:
        number = set_published(queryset, published=True, user_id=request.user.pk or 0)
        messages.success(request, f"Published: {number:,}. What was published before stays as it was.")

    @admin.action(description="Make draft", permissions=["change"])
    def make_draft(self, request: HttpRequest, queryset: QuerySet[Film]) -> None:
        number = set_published(queryset, published=False, user_id=request.user.pk or 0)
        messages.success(request, f"Made drafts, so no longer in the API: {number:,}.")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        if any(formset.model is Rating and formset.has_changed() for formset in formsets):
            services.refresh_rating(film_id=form.instance.pk)


@transaction.atomic
def set_published(films: QuerySet[Film], *, published: bool, user_id: int) -> int:
    """Publish films or take them back; each that changes gets a line in its history.

    Returns how many have changed.
    """
    ids = list(films.order_by().exclude(published=published).values_list("pk", flat=True))
    message = "Published." if published else "Made a draft."
    for portion in portions(ids):
        changed = Film.objects.filter(pk__in=portion).order_by("pk")
        changed.update(published=published)
        LogEntry.objects.log_actions(user_id, changed, CHANGE, message)
    return len(ids)
