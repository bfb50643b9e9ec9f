"""The article's way: aiohttp's own server, the ORM through Channels' `database_sync_to_async`."""

import sys

import django
import uvloop
from aiohttp import web
from channels.db import database_sync_to_async
from django.conf import settings

django.setup()

from catalog.api import params
from catalog.api.movies import render_list


async def films(request: web.Request) -> web.Response:
    asked = params.film_list(request.rel_url.raw_query_string)
    rendered = await database_sync_to_async(render_list)(asked)
    return web.Response(body=rendered.body, content_type="application/json")


def main() -> None:
    settings.DATABASES["default"]["CONN_MAX_AGE"] = None  # otherwise it would connect anew for each request
    uvloop.install()
    app = web.Application()
    app.router.add_get("/api/movies", films)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
