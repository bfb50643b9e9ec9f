"""The API as an aiohttp application: its operations, and what stands around them."""

import asyncio

from aiohttp import web

from catalog.api import (
    bulk,
    changes,
    docs,
    documentation,
    exports,
    film_parts,
    index,
    movie_changes,
    movies,
    people,
    people_changes,
    statistics,
    stream,
    suggest,
    uses,
    vocabularies,
    webhooks,
)
from catalog.api.documentation import DOCUMENT
from catalog.api.http.answers import Fixed
from catalog.api.http.deadlines import DEADLINES, Deadlines
from catalog.api.http.limits import LEDGER, Ledger
from catalog.api.http.middleware import around, expectation
from catalog.api.http.operations import OPERATIONS, ORDINARY_BYTES, STREAMED_BYTES, Operation, bounded, table
from catalog.api.index import CONTENTS
from catalog.api.keys import DRAINING, EXECUTOR, POLICY, RUNNING, USES, Draining, Executor, Policy

ALL: tuple[Operation, ...] = (
    *index.OPERATIONS,
    *documentation.OPERATIONS,
    *docs.OPERATIONS,
    *movies.OPERATIONS,
    *movie_changes.OPERATIONS,
    *bulk.OPERATIONS,
    *suggest.OPERATIONS,
    *film_parts.OPERATIONS,
    *exports.OPERATIONS,
    *people.OPERATIONS,
    *people_changes.OPERATIONS,
    *vocabularies.OPERATIONS,
    *statistics.OPERATIONS,
    *changes.OPERATIONS,
    *stream.OPERATIONS,
    *webhooks.OPERATIONS,
)
"""Everything that can be done; HEAD comes with GET, OPTIONS with every resource."""


def create_api(
    executor: Executor,
    policy: Policy | None = None,
    *,
    ledger: Ledger | None = None,
    draining: Draining | None = None,
) -> web.Application:
    """The API, whose handlers reach the database through `executor`. Paths are whole: they begin with `/api`.

    ledger: how much may be asked for; without one as much as anybody likes.
    draining: set when the process is asked to stop, so that streams end.
    """
    app = web.Application(middlewares=[around])
    app[EXECUTOR] = executor
    app[POLICY] = policy or Policy()
    app[DEADLINES] = Deadlines(app[POLICY].request_seconds)
    app[LEDGER] = ledger or Ledger()
    app[DRAINING] = draining or asyncio.Event()
    app[USES] = {}
    app[RUNNING] = set()
    app.cleanup_ctx.append(uses.kept)
    app.cleanup_ctx.append(stream.broadcasting)
    limits = {ORDINARY_BYTES: app[POLICY].body_bytes, STREAMED_BYTES: app[POLICY].bulk_bytes}
    operations = [bounded(each, limits) for each in ALL]
    app[OPERATIONS] = table(operations)
    app[CONTENTS] = Fixed(index.contents(ALL))
    app[DOCUMENT] = Fixed(documentation.rendered(operations, public_read=app[POLICY].public_read))
    app.add_routes([route(operation) for operation in ALL])
    app.add_routes([closed(path) for path in sorted({each.path for each in ALL}) if "{" not in path])
    return app


def route(operation: Operation) -> web.RouteDef:
    """The route of an operation; of a GET the HEAD too."""
    if operation.method == "GET":
        return web.get(operation.path, operation.handler, expect_handler=expectation)
    return web.route(operation.method, operation.path, operation.handler, expect_handler=expectation)


def closed(path: str) -> web.RouteDef:
    """Refuses the methods that a literal path has not: `/api/movies/suggest` is no film that could be deleted."""
    methods = {each.method for each in ALL if each.path == path}
    allowed = methods | {"HEAD"} if "GET" in methods else methods

    async def not_allowed(request: web.Request) -> web.Response:
        raise web.HTTPMethodNotAllowed(request.method, allowed)

    return web.route("*", path, not_allowed, expect_handler=expectation)
