"""The API as an aiohttp application: its route table."""

from aiohttp import web
from aiohttp.typedefs import Handler

from catalog.api import index, movies
from catalog.api.http.middleware import checks, expectation, problem_details
from catalog.api.http.problems import ADDRESS
from catalog.api.keys import EXECUTOR, Executor

ROUTES: tuple[tuple[str, Handler], ...] = (
    ("/api", index.index),
    ("/api/movies", movies.film_list),
    ("/api/movies/{id}", movies.film),
    (ADDRESS, index.problem_list),
    (ADDRESS + "/{slug}", index.problem),
)
"""Every resource that can be read; HEAD comes with GET, OPTIONS with every resource."""


def create_api(executor: Executor) -> web.Application:
    """The API, whose handlers reach the database through `executor`. Paths are whole: they begin with `/api`."""
    app = web.Application(middlewares=[problem_details, checks])
    app[EXECUTOR] = executor
    app.add_routes([web.get(path, handler, expect_handler=expectation) for path, handler in ROUTES])
    return app
