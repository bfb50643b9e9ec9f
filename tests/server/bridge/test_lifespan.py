"""Start-up and clean-up: once each, in order, on failure too."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import web
from starlette.applications import Starlette
from starlette.routing import Mount

from server.bridge import bridge
from tests.server.bridge.asgi import Asked, Message, scope_with
from tests.server.bridge.serving import Serve, one_route

ORDER = ["startup", "enter", "shutdown", "cleanup", "leave"]


def noted(events: list[str]) -> web.Application:
    """An application that notes each of its signals."""

    def note(name: str) -> Any:
        async def signal(_: web.Application) -> None:
            events.append(name)

        return signal

    async def context(_: web.Application) -> AsyncIterator[None]:
        events.append("enter")
        yield
        events.append("leave")

    async def handler(_: web.Request) -> web.Response:
        return web.Response(text=",".join(events))

    app = one_route(handler)
    app.on_startup.append(note("startup"))
    app.cleanup_ctx.append(context)
    app.on_shutdown.append(note("shutdown"))
    app.on_cleanup.append(note("cleanup"))
    return app


async def live(app: Any, *, until: str = "lifespan.startup.complete") -> list[Message]:
    """Speak the lifespan protocol to its end; what the application has said."""
    said: list[Message] = []
    asked = iter(("lifespan.startup", "lifespan.shutdown"))

    async def receive() -> Message:
        return {"type": next(asked)}

    async def send(message: Message) -> None:
        said.append(message)

    await asyncio.wait_for(app({"type": "lifespan", "asgi": {}}, receive, send), 10)
    return said


def test_signals_run_once_and_in_aiohttps_order(serve: Serve) -> None:
    events: list[str] = []
    server = serve(noted(events))
    assert server.ask("GET", "/")[1] in (b"startup,enter", b"enter,startup")
    server.stop()
    assert sorted(events) == sorted(ORDER)
    assert events.index("shutdown") < events.index("cleanup")


def test_the_order_is_that_of_aiohttps_own_runner() -> None:
    native: list[str] = []
    bridged: list[str] = []

    async def run() -> None:
        runner = web.AppRunner(noted(native))
        await runner.setup()
        await runner.cleanup()

    asyncio.run(run())
    asyncio.run(live(bridge(noted(bridged))))
    assert bridged == native


def test_a_failing_start_up_is_told_and_cleaned_up() -> None:
    events: list[str] = []
    app = noted(events)

    async def fail(_: web.Application) -> None:
        raise OSError("no database at films.example")

    app.on_startup.append(fail)
    said = asyncio.run(live(bridge(app)))
    assert said == [{"type": "lifespan.startup.failed", "message": "OSError: no database at films.example"}]
    assert events.count("enter") == events.count("leave")


def test_a_failing_clean_up_is_told() -> None:
    app = noted([])

    async def fail(_: web.Application) -> None:
        raise OSError("disk full")

    app.on_cleanup.append(fail)
    said = asyncio.run(live(bridge(app)))
    assert said[-1] == {"type": "lifespan.shutdown.failed", "message": "OSError: disk full"}


def test_uvicorn_says_why_the_application_failed_to_start_and_stops() -> None:
    source = (
        "import uvicorn\nfrom aiohttp import web\nfrom server.bridge import bridge\n"
        "async def fail(_): raise OSError('no database')\n"
        "app = web.Application()\napp.on_startup.append(fail)\nuvicorn.run(bridge(app), port=0, lifespan='on')\n"
    )
    ended = subprocess.run([sys.executable, "-c", source], check=False, capture_output=True, text=True, timeout=30)
    assert ended.returncode != 0
    assert "no database" in ended.stderr


def test_a_mount_passes_the_lifespan_by_hand(serve: Serve) -> None:
    events: list[str] = []
    api = bridge(noted(events))
    server = serve(Starlette(routes=[Mount("/api", api)], lifespan=api.lifespan))
    assert server.ask("GET", "/api/x")[1] in (b"startup,enter", b"enter,startup")
    server.stop()
    assert sorted(events) == sorted(ORDER)


def test_several_bridges_live_in_one_process(serve: Serve) -> None:
    async def name(request: web.Request) -> web.Response:
        return web.Response(text=request.app[key])

    key = web.AppKey("key", str)
    apps = [one_route(name), one_route(name)]
    for app, text in zip(apps, ("films", "people"), strict=True):
        app[key] = text
    films, people = (bridge(app) for app in apps)

    @asynccontextmanager
    async def both(_: Starlette) -> AsyncIterator[None]:
        async with films.lifespan(), people.lifespan():
            yield

    server = serve(Starlette(routes=[Mount("/films", films), Mount("/people", people)], lifespan=both))
    assert [server.ask("GET", path)[1] for path in ("/films/x", "/people/x")] == [b"films", b"people"]


def test_closing_twice_or_before_starting_does_nothing() -> None:
    events: list[str] = []

    async def run() -> None:
        bridged = bridge(noted(events))
        await bridged.close()
        await bridged.start()
        await bridged.close()
        await bridged.close()

    asyncio.run(run())
    assert events.count("cleanup") == 1


def test_after_closing_requests_are_refused() -> None:
    async def run() -> int:
        bridged = bridge(noted([]))
        async with bridged.lifespan():
            await Asked.of(bridged, scope_with())
        return (await Asked.of(bridged, scope_with())).status

    assert asyncio.run(run()) == 503


def test_closing_waits_for_handlers_and_then_cancels_them() -> None:
    ends = []

    async def handler(_: web.Request) -> web.Response:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ends.append("cancelled")
            raise
        return web.Response()

    async def run() -> None:
        bridged = bridge(one_route(handler), shutdown_timeout=0.05)
        await bridged.start()
        asked = asyncio.create_task(Asked.of(bridged, scope_with()))
        await asyncio.sleep(0.05)
        await bridged.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(asked, 5)

    asyncio.run(run())
    assert ends == ["cancelled"]


@pytest.mark.parametrize("strip", [True, False])
def test_strip_root_path_decides_which_path_the_routes_see(serve: Serve, strip: bool) -> None:
    async def path(request: web.Request) -> web.Response:
        return web.Response(text=request.raw_path)

    api = bridge(one_route(path), strip_root_path=strip)
    server = serve(Starlette(routes=[Mount("/api", api)], lifespan=api.lifespan))
    assert server.ask("GET", "/api/a%2Fb?x")[1] == (b"/a%2Fb?x" if strip else b"/api/a%2Fb?x")


def test_an_escaped_prefix_is_the_same_mount(serve: Serve) -> None:
    async def path(request: web.Request) -> web.Response:
        return web.Response(text=request.raw_path)

    api = bridge(one_route(path))
    server = serve(Starlette(routes=[Mount("/api", api)], lifespan=api.lifespan))
    assert server.ask("GET", "/%61pi/a%20b")[1] == b"/a%20b"
