"""Filters of the film list. Each narrows by an index or a subquery of ids, never by a join that doubles rows."""

from typing import Any, ClassVar

from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from catalog.admin.bases import DropdownFilter
from catalog.models import Country, Film, Genre, Language
from catalog.values import YEAR_MIN, Status

DECADES = range(2030, YEAR_MIN - 1, -10)


class FilmFilter(DropdownFilter):
    """A choice of one; a value that was never offered sends the reader back to the whole list."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Film]) -> QuerySet[Film]:  # noqa: ARG002  Django's call
        value = self.value()
        if not value:
            return queryset
        if value not in {str(key) for key, _ in self.lookup_choices}:
            raise IncorrectLookupParameters(f"{self.parameter_name}={value}")
        return self.narrowed(queryset, value)

    def narrowed(self, films: QuerySet[Film], value: str) -> QuerySet[Film]:
        raise NotImplementedError


class PublishedFilter(FilmFilter):
    title = "published"
    parameter_name = "published"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("yes", "Published"), ("no", "Draft")]

    def narrowed(self, films: QuerySet[Film], value: str) -> QuerySet[Film]:
        return films.filter(published=value == "yes")


class StatusFilter(FilmFilter):
    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(status.value, status.value.replace("_", " ").capitalize()) for status in Status]

    def narrowed(self, films: QuerySet[Film], value: str) -> QuerySet[Film]:
        return films.filter(status=value)


class DecadeFilter(FilmFilter):
    title = "decade"
    parameter_name = "decade"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(str(year), f"{year}s") for year in DECADES]

    def narrowed(self, films: QuerySet[Film], value: str) -> QuerySet[Film]:
        return films.filter(year_desc__gte=int(value), year_desc__lt=int(value) + 10)


class RelatedFilter(FilmFilter):
    """Films tied to one row of `model` through the table of a many-to-many field."""

    model: ClassVar[type[Model]]
    through: ClassVar[Any]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(str(key), name) for key, name in self.model._default_manager.values_list("pk", "name")]

    def narrowed(self, films: QuerySet[Film], value: str) -> QuerySet[Film]:
        tied = self.through.objects.filter(**{f"{self.parameter_name}_id": value}).values("film_id")
        return films.filter(pk__in=tied)


class GenreFilter(RelatedFilter):
    title = parameter_name = "genre"
    model, through = Genre, Film.genres.through


class CountryFilter(RelatedFilter):
    title = parameter_name = "country"
    model, through = Country, Film.countries.through


class LanguageFilter(RelatedFilter):
    title = parameter_name = "language"
    model, through = Language, Film.languages.through
