"""The usual way: Django's own view behind gunicorn."""

from bench.peers.setup import configure

configure(urls=__name__)

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, JsonResponse
from django.urls import path

from bench.peers import orm


def films(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"data": list(orm.films(**orm.asked(request.GET)))})


urlpatterns = [path("api/movies", films)]
application = WSGIHandler()
