"""The composition: two applications, one router, one owner of start and stop."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.app import create_app
from server.bridge import bridge
from server.config import Config
from server.executor import Executor
from server.lifespan import Refused
from tests.server.asgi_client import call, http_scope
from tests.server.test_front import problem

pytestmark = pytest.mark.anyio


async def admin(scope: Scope, receive: Receive, send: Send) -> None:
    """Stands in for Django: tells the path and root_path that it was given."""
    body = json.dumps([scope["path"], scope["root_path"]]).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


METRICS_TOKEN = "a-token-of-twenty-or-so-letters"


async def echo(request: web.Request) -> web.Response:
    return web.json_response({"path": request.path, "id": request.headers["X-Request-ID"]})


def compose(api: web.Application, directory: Path, prepare: Callable[[], None] = lambda: None) -> ASGIApp:
    static = directory / "static"
    static.mkdir(exist_ok=True)
    (static / "base.css").write_text("body {}")
    return create_app(
        Config(
            hosts=["testserver"],
            proxies=["10.0.0.1"],
            access_log=False,
            metrics_token=METRICS_TOKEN,
            static_root=static,
            media_root=directory / "media",
        ),
        admin=admin,
        api=bridge(api, strip_root_path=False),
        executor=Executor(threads=1, queue_limit=10, wait_seconds=1),
        pages=lambda: {"/": b"<p>films"},
        prepare=prepare,
        problem=problem,
    )


def api_of(steps: list[str]) -> web.Application:
    """An API that notes when it is opened and closed."""

    async def noted(_: web.Application) -> AsyncIterator[None]:
        steps.append("api opened")
        yield
        steps.append("api closed")

    api = web.Application()
    api.router.add_get("/api", echo)
    api.router.add_get("/api/films", echo)
    api.cleanup_ctx.append(noted)
    return api


@pytest.fixture
def app(tmp_path: Path) -> ASGIApp:
    return compose(api_of([]), tmp_path)


@asynccontextmanager
async def started(app: ASGIApp) -> AsyncIterator[list[Message]]:
    """The application between its lifespan's start-up and shutdown; what it told the server."""
    told: list[Message] = []
    incoming: asyncio.Queue[Message] = asyncio.Queue()
    answered = asyncio.Event()

    async def send(message: Message) -> None:
        told.append(message)
        answered.set()

    task = asyncio.ensure_future(app({"type": "lifespan", "state": {}}, incoming.get, send))
    await incoming.put({"type": "lifespan.startup"})
    await answered.wait()
    try:
        yield told
    finally:
        await incoming.put({"type": "lifespan.shutdown"})
        await task


async def test_each_prefix_reaches_its_application(app: ASGIApp) -> None:
    async with started(app):
        bodies = [(await call(app, http_scope(path))).body for path in ("/", "/static/base.css")]
        assert bodies == [b"<p>films", b"body {}"]
        assert json.loads((await call(app, http_scope("/admin/films/"))).body) == ["/admin/films/", ""]
        assert json.loads((await call(app, http_scope("/api/films"))).body)["path"] == "/api/films"
        assert json.loads((await call(app, http_scope("/api"))).body)["path"] == "/api"


async def test_the_request_id_is_the_same_on_both_sides_of_the_bridge(app: ASGIApp) -> None:
    async with started(app):
        answer = await call(app, http_scope("/api/films"))
    assert json.loads(answer.body)["id"] == answer.header("x-request-id")


@pytest.mark.parametrize("path", ["/nowhere", "/apis", "/admins", "/static/absent.css", "/media/absent.png"])
async def test_what_no_application_serves_is_a_problem(app: ASGIApp, path: str) -> None:
    async with started(app):
        answer = await call(app, http_scope(path))
    assert (answer.status, answer.header("content-type")) == (404, "application/problem+json")


async def test_the_admin_without_its_slash_is_a_relative_redirect(app: ASGIApp) -> None:
    async with started(app):
        answer = await call(app, http_scope("/admin"))
    assert (answer.status, answer.header("location")) == (308, "/admin/")


@pytest.mark.parametrize("path", ["/admin/", "/nothing"])
async def test_a_websocket_to_what_has_none_is_refused(app: ASGIApp, path: str) -> None:
    async with started(app):
        answer = await call(app, http_scope(path, type="websocket"))
        assert [message["type"] for message in answer.messages] == ["websocket.close"]


async def test_only_listed_proxies_are_believed(tmp_path: Path) -> None:
    seen: list[object] = []

    async def noting(request: web.Request) -> web.Response:
        seen.append(request.remote)
        return web.Response()

    api = web.Application()
    api.router.add_get("/api/who", noting)
    app = compose(api, tmp_path)
    async with started(app):
        for client in ("10.0.0.1", "10.0.0.2"):
            headers = [(b"x-forwarded-for", b"192.0.2.7")]
            await call(app, http_scope("/api/who", headers=headers, client=(client, 1)))
    assert seen == ["192.0.2.7", "10.0.0.2"]


async def test_the_api_is_opened_after_the_preparations_and_closed_at_the_end(tmp_path: Path) -> None:
    steps: list[str] = []
    async with started(compose(api_of(steps), tmp_path, lambda: steps.append("prepared"))) as told:
        assert told == [{"type": "lifespan.startup.complete"}]
    assert steps == ["prepared", "api opened", "api closed"]
    assert told[-1] == {"type": "lifespan.shutdown.complete"}


async def test_a_refusal_of_the_preparations_stops_the_start_in_one_line(tmp_path: Path) -> None:
    def refuse() -> None:
        raise Refused("run `moviedb migrate`")

    steps: list[str] = []
    async with started(compose(api_of(steps), tmp_path, refuse)) as told:
        assert told == [{"type": "lifespan.startup.failed", "message": "run `moviedb migrate`"}]
    assert steps == []


@pytest.mark.django_db(transaction=True)
async def test_it_is_ready_only_between_start_and_stop(app: ASGIApp) -> None:
    statuses = [(await call(app, http_scope("/readyz"))).status]
    async with started(app):
        statuses.append((await call(app, http_scope("/readyz"))).status)
    statuses.append((await call(app, http_scope("/readyz"))).status)
    assert statuses == [503, 200, 503]


async def test_metrics_are_told_to_whoever_has_the_token(app: ASGIApp) -> None:
    async with started(app):
        headers = [(b"authorization", b"Bearer " + METRICS_TOKEN.encode()), (b"host", b"10.0.0.9")]
        answer = await call(app, http_scope("/metrics", headers=headers))
        refused = await call(app, http_scope("/metrics"))
    assert b"event_loop_lag_seconds_bucket" in answer.body
    assert (refused.status, refused.header("www-authenticate")) == (401, "Bearer")
