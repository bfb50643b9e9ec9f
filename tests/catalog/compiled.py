"""Compiled queries of films that the tests of how they are kept and run share."""

from typing import Any

from django.db.models import BigIntegerField, QuerySet, TextField

from catalog.models import Film
from catalog.prepared import Parameter, Telling, prepared

Films = QuerySet[Film, tuple[Any, ...]]


@prepared
def titles_since() -> Films:
    return Film.objects.filter(year__gte=Telling("year", BigIntegerField())).order_by("year").values_list("title")


@prepared
def titled() -> Films:
    return Film.objects.filter(title=Parameter("title", TextField())).order_by("id").values_list("id", "updated")
