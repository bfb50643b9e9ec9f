"""Django's own asynchronous view under uvicorn."""

from bench.peers.setup import configure

configure(urls=__name__, pooled=True)

from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, JsonResponse
from django.urls import path

from bench.peers import orm


async def films(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"data": [film async for film in orm.films(**orm.asked(request.GET))]})


urlpatterns = [path("api/movies", films)]
application = ASGIHandler()
