"""The article's way: aiohttp's own server, the ORM through Channels' `database_sync_to_async`."""

import json
import sys
from functools import partial
from typing import Any

from bench.peers.setup import configure

configure()

import uvloop
from aiohttp import web
from channels.db import database_sync_to_async
from django.core.serializers.json import DjangoJSONEncoder

from bench.peers import orm

dumps = partial(json.dumps, cls=DjangoJSONEncoder)


@database_sync_to_async
def found(asked: dict[str, Any]) -> list[dict[str, Any]]:
    return list(orm.films(**asked))


async def films(request: web.Request) -> web.Response:
    return web.json_response({"data": await found(orm.asked(request.query))}, dumps=dumps)


def main() -> None:
    uvloop.install()
    app = web.Application()
    app.router.add_get("/api/movies", films)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
