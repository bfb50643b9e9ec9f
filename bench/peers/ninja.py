"""Django Ninja behind gunicorn: parameters and answer as schemas."""

from bench.peers.setup import configure

configure(urls=__name__)

from datetime import date, datetime
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest
from django.urls import path
from ninja import NinjaAPI, Schema

from bench.peers import orm


class Film(Schema):
    """One film's own columns."""

    id: int
    title: str
    original_title: str | None
    year: int | None
    release_date: date | None
    release_precision: str | None
    runtime: int | None
    overview: str | None
    tagline: str | None
    original_language: str | None
    status: str
    budget: int | None
    revenue: int | None
    rating: float | None
    votes: int
    popularity: float
    poster: str | None
    version: int
    created: datetime
    updated: datetime


class Films(Schema):
    """The envelope of a list."""

    data: list[Film]


api = NinjaAPI()


@api.get("/movies", response=Films)
def films(
    request: HttpRequest,  # noqa: ARG001  Ninja passes it
    limit: int = 20,
    sort: str = "id",
    votes__gte: int | None = None,
) -> dict[str, Any]:
    return {"data": list(orm.films(limit=limit, sort=sort, votes=votes__gte))}


urlpatterns = [path("api/", api.urls)]
application = WSGIHandler()
