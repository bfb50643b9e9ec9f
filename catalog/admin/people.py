"""The curators' list and form of people."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join

from catalog import services
from catalog.admin.bases import display
from catalog.admin.conflicts import VersionedAdmin
from catalog.admin.forms import PersonForm
from catalog.admin.inlines import PersonExternalIdInline
from catalog.admin.lookup import people_matching
from catalog.admin.merging import MergingAdmin
from catalog.admin.options import CatalogAdmin, moment
from catalog.models import CastCredit, CrewCredit, Film, Person
from catalog.values import Precision

CREDITS_SHOWN = 200


def shown_date(day: date | None, precision: str | None) -> str:
    """As much of a date as is known, a dash for nothing.

    >>> shown_date(date(1942, 5, 1), "month")
    'May 1942'
    """
    if day is None:
        return "–"
    formats = {Precision.YEAR.value: "Y", Precision.MONTH.value: "F Y"}
    return date_format(day, formats.get(precision or "", "j F Y"))


@admin.register(Person)
class PersonAdmin(CatalogAdmin, VersionedAdmin, MergingAdmin):
    merge_service = services.merge_people
    form = PersonForm
    list_display = ("shown_name", "born", "died", "shown_updated")
    list_display_links = ("shown_name",)
    sortable_by = ("shown_name",)
    ordering = ("name_key", "id")
    search_fields = ("name_key",)  # Django shows the field; what is looked for, lookup.people_matching says
    search_help_text = "Words of a name, or an id such as nm0000206"
    readonly_fields = ("cast_credits_shown", "crew_credits_shown", "created", "updated")
    fieldsets = (
        (None, {"fields": ("name", ("birth_date", "birth_precision"), ("death_date", "death_precision"))}),
        ("Credits", {"fields": ("cast_credits_shown", "crew_credits_shown")}),
        ("Record", {"fields": (("created", "updated"),)}),
    )
    inlines = (PersonExternalIdInline,)

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002  Django's call
        queryset: QuerySet[Person],
        search_term: str,
    ) -> tuple[QuerySet[Person], bool]:
        return people_matching(queryset, search_term), False

    @display(description="name", ordering="name_key")
    def shown_name(self, person: Person) -> str:
        return person.name

    @display(description="born")
    def born(self, person: Person) -> str:
        return shown_date(person.birth_date, person.birth_precision)

    @display(description="died")
    def died(self, person: Person) -> str:
        return shown_date(person.death_date, person.death_precision)

    @display(description="updated")
    def shown_updated(self, person: Person) -> str:
        return moment(person.updated)

    @display(description="cast")
    def cast_credits_shown(self, person: Person) -> str:
        played = CastCredit.objects.filter(person=person.pk).order_by("-film__year_desc", "-pk")
        return filmography([(credit.film, credit.character or "") for credit in newest(played)])

    @display(description="crew")
    def crew_credits_shown(self, person: Person) -> str:
        worked = CrewCredit.objects.filter(person=person.pk).order_by("-film__year_desc", "-pk")
        return filmography([(credit.film, credit.job) for credit in newest(worked)])


def newest(rows: QuerySet[Any]) -> QuerySet[Any]:
    """As many credits as a page bears, and one more to tell that there are more."""
    return rows.select_related("film")[: CREDITS_SHOWN + 1]


def filmography(parts: list[tuple[Film, str]]) -> str:
    """Films with links and the part that a person has in each, newest first."""
    if not parts:
        return "–"
    lines = [
        (reverse("admin:catalog_film_change", args=[film.pk]), film, part and f" · {part}")
        for film, part in parts[:CREDITS_SHOWN]
    ]
    more = f"… and more than {CREDITS_SHOWN} in all" if len(parts) > CREDITS_SHOWN else ""
    links = format_html_join("", '<li><a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>{}</li>', lines)
    return format_html("<ul>{}</ul>{}", links, more)
