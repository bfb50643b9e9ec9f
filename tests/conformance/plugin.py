"""A pytest plugin: wherever aiohttp's tests start a server for an Application, uvicorn starts with a bridge.

`BRIDGE=module:callable` names the bridge: a callable that takes a `web.Application` and runner
options and returns an ASGI application. `CONFORMANCE_RESULTS` names the file that gets one JSON
line for each test whose application was served so. `CONFORMANCE_WS` is uvicorn's `ws` option.
"""

import contextlib
import importlib
import json
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from aiohttp import test_utils
from yarl import URL

_module, _, _name = os.environ.get("BRIDGE", "server.bridge:bridge").partition(":")
bridge: Callable[..., Any] = getattr(importlib.import_module(_module), _name)
_WEBSOCKETS = os.environ.get("CONFORMANCE_WS", "auto")
_RESULTS = Path(os.environ.get("CONFORMANCE_RESULTS", "conformance.jsonl"))
_reached: set[str] = set()
_running: list[str] = [""]


class QuietServer(uvicorn.Server):
    """uvicorn on the test's own loop, which leaves the process's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Served:
    """What a test finds as `server.runner`."""

    def __init__(self, server: QuietServer, sockets: list[socket.socket], bridged: Any) -> None:
        self._server = server
        self._sockets = sockets
        self.server = getattr(bridged, "server", None)

    @property
    def addresses(self) -> list[Any]:
        return [listening.getsockname() for listening in self._sockets]

    async def cleanup(self) -> None:
        await self._server.shutdown(self._sockets)
        for listening in self._sockets:
            listening.close()


async def start_server(self: test_utils.TestServer, loop: Any = None, **options: Any) -> None:
    """In the place of `TestServer.start_server`."""
    if self.runner:
        return
    self._loop = loop
    self._ssl = options.pop("ssl", None)
    bridged = bridge(self.app, handler_cancellation=True, **options)
    listening = self.socket_factory(self.host, self.port or 0, _family(self.host))
    config = uvicorn.Config(
        bridged, lifespan="on", log_config=None, access_log=False, timeout_graceful_shutdown=2, ws=_WEBSOCKETS
    )
    config.load()
    config.ssl = self._ssl
    server = QuietServer(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup([listening])
    if server.should_exit:
        raise RuntimeError("the application failed to start")
    await server.on_tick(0)
    host, port = listening.getsockname()[:2]
    self.host, self.port = host, port
    self.scheme = self.scheme or ("https" if self._ssl else "http")
    self._root = URL.build(scheme=self.scheme, host=host, port=port)
    self.runner = Served(server, [listening], bridged)  # type: ignore[assignment]
    _reached.add(_running[0])


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


test_utils.TestServer.start_server = start_server  # type: ignore[method-assign,assignment]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    _running[0] = item.nodeid


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome: Any = yield
    report = outcome.get_result()
    if item.nodeid not in _reached or (report.when != "call" and report.passed):
        return
    why = "" if report.passed else str(report.longrepr)[-2000:]
    line = {"test": item.nodeid, "when": report.when, "outcome": report.outcome, "why": why}
    with _RESULTS.open("a") as results:
        results.write(json.dumps(line) + "\n")
