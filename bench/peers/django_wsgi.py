"""The usual way: Django's own view behind gunicorn, with a connection kept between requests."""

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

django.setup()

from catalog.api import params
from catalog.api.movies import render_list


def films(request: HttpRequest) -> HttpResponse:
    rendered = render_list(params.film_list(request.META["QUERY_STRING"]))
    return HttpResponse(rendered.body, content_type="application/json")


urlpatterns = [path("api/movies", films)]
settings.ROOT_URLCONF = __name__
settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
settings.DATABASES["default"]["CONN_MAX_AGE"] = None
application = WSGIHandler()
