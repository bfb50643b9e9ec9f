"""`create_app`: the route table, and what is opened before it may be used."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import Any

from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from server.accesslog import AccessLog
from server.bridge import Bridge
from server.cache import Cache, Shared
from server.config import Config
from server.executor import Executor
from server.front import Front, Problem
from server.health import Health, Live, Ready, stands
from server.http import STATE_KEY, Policy
from server.lifespan import Lifespan, told_of_sigterm
from server.metrics import Metrics
from server.pages import Page, Redirect, not_found, static_files, uploads
from server.revision import of_default_database

ASGI = Callable[[Any, Any, Any], Awaitable[None]]
"""An ASGI application by anybody's types: Starlette's and Django's for the same three arguments differ."""


COLLECTING = (50_000, 10, 100)
"""Objects more than before at which the collector looks for garbage, and how seldom among those that it has seen."""


def create_app(
    config: Config,
    *,
    admin: ASGI,
    api: Bridge,
    executor: Executor,
    pages: Callable[[], Mapping[str, bytes]],
    prepare: Callable[[], None],
    problem: Problem,
    shared: Shared | None = None,
) -> ASGIApp:
    """The whole process as one ASGI application.

    admin: Django's ASGI application, mounted at /admin with an empty root_path, so that `reverse` gives the same
        everywhere.
    api: the bridge to the aiohttp application, which declares its whole paths below /api.
    pages: called once at start-up, when `prepare` is done; HTML by path.
    prepare: called once on a thread of the executor before anything is served. It raises `lifespan.Refused` with a line
        for people when the process must not start.
    problem: renders errors that no mounted application has answered.
    shared: which answers may be kept, what says that they still hold, and how many bytes they may take; None: no cache.
    """
    house = House(config, api=api, executor=executor, pages=pages, prepare=prepare, problem=problem)
    router = router_of(house, admin)
    house.routes = router.routes
    parts = parted(api, router)
    front = Front(parts, hosts=config.hosts, proxies=config.proxies, problem=problem, access_log=house.access_log)
    if config.metrics_token is not None:
        metrics = Metrics(config.metrics_token, front=front, executor=executor, policy=house.policy)
        house.routes.append(Route("/metrics", endpoint=metrics))
        house.late.append(metrics.lag.measured)
    if shared is not None:
        house.late.append(partial(caching, front, shared, executor))
    return dispatch(Lifespan(house.running), front)


def router_of(house: "House", admin: ASGI) -> Router:
    """The route table of all but the API; pages join it at the start."""
    config = house.config
    return Router(
        routes=[
            Mount("/admin", app=at_root(admin)),
            Route("/admin", endpoint=Redirect("/admin/")),
            Route("/livez", endpoint=Live()),
            Route("/readyz", endpoint=Ready(house.health)),
            Mount(config.static_prefix.rstrip("/"), app=house.static),
            Mount(config.media_prefix.rstrip("/"), app=uploads(config.media_root)),
        ],
        redirect_slashes=False,  # Starlette's would be absolute
        default=not_found,
    )


def parted(api: ASGIApp, others: ASGIApp) -> ASGIApp:
    """The API's paths to it, all others on: most requests are the API's, and a table's mount costs each 3 µs."""

    def application(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        path = scope["path"]
        return (api if path.startswith("/api/") or path == "/api" else others)(scope, receive, send)

    return application


class House:
    """What lives from start to stop, opened in one order and closed in the reverse."""

    def __init__(
        self,
        config: Config,
        *,
        api: Bridge,
        executor: Executor,
        pages: Callable[[], Mapping[str, bytes]],
        prepare: Callable[[], None],
        problem: Problem,
    ) -> None:
        self.config = config
        self.api = api
        self.executor = executor
        self.pages = pages
        self.prepare = prepare
        lacking = {name: stands(partial(executor.run, found)) for name, found in config.checks.items()}
        self.health = Health({"database": executor.ping, **lacking}, config.draining)
        self.access_log = AccessLog() if config.access_log else None
        self.policy = Policy(limits=config.limits, problem=problem, access_log=self.access_log)
        self.static = static_files()
        self.routes: list[BaseRoute] = []
        self.late: list[Callable[[], AbstractAsyncContextManager[None]]] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[dict[str, Any]]:
        """Everything that requests need, open; gives the lifespan's state."""
        async with AsyncExitStack() as stack:
            if self.access_log is not None:
                self.access_log.start()
                stack.callback(self.access_log.stop)
            self.executor.start()
            stack.push_async_callback(self.executor.close, grace_seconds=self.config.shutdown_seconds)
            await self.executor.run(self.open_up, write=True, alone=True)
            await stack.enter_async_context(self.api.lifespan(None))
            for opened in self.late:
                await stack.enter_async_context(opened())
            await stack.enter_async_context(told_of_sigterm(self.drain(asyncio.get_running_loop())))
            self.health.ready = True
            stack.callback(setattr, self.health, "ready", False)
            stack.enter_context(started_for_good())
            yield {STATE_KEY: self.policy}

    def open_up(self) -> None:
        """What may block: the caller's preparations, then the files and pages that may only now be there."""
        self.prepare()
        self.config.media_root.mkdir(parents=True, exist_ok=True)
        self.static.add_files(self.config.static_root, self.config.static_prefix)
        self.routes += [Route(path, endpoint=Page(body)) for path, body in self.pages().items()]

    def drain(self, loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
        """What a signal handler may call: readiness turns 503 and streams are told to end."""

        def start_draining() -> None:
            loop.call_soon_threadsafe(self.health.draining.set)

        return start_draining


@contextmanager
def started_for_good() -> Iterator[None]:
    """The collector need not look again at what the start has made: a tenth of a million objects that stay.

    Nor need it look often at what requests make: hardly any of that is in cycles (3 objects of 100 requests). What the
    cache keeps is no garbage either, and to look through all of it stops every thread for a tenth of a second.
    """
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTING)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


@asynccontextmanager
async def caching(front: Front, shared: Shared, executor: Executor) -> AsyncIterator[None]:
    """The front answers from a cache, which begins empty and is dropped at the end."""
    front.cache = Cache(shared, of_default_database(), executor.run, executor.nodes)
    try:
        yield
    finally:
        cache, front.cache = front.cache, None
        await cache.close()


def at_root(app: ASGI) -> ASGIApp:
    """The application without the mount's prefix in `root_path`; its own paths carry the prefix."""

    async def rooted(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})  # Django would raise an error
        else:
            await app({**scope, "root_path": ""}, receive, send)

    return rooted


def dispatch(lifespan: ASGIApp, front: ASGIApp) -> ASGIApp:
    """Lifespan events to their owner, the rest to the front."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await (lifespan if scope["type"] == "lifespan" else front)(scope, receive, send)

    return application
