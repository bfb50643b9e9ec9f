"""The fixture that serves an application through the bridge."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from server.bridge import bridge
from tests.server.bridge.serving import Serve, Server


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start uvicorn with `bridge(app, **options)`, or with any ASGI app; stopped after the test."""
    with contextlib.ExitStack() as stack:

        def start(app: Any, *, server: dict[str, Any] | None = None, **options: Any) -> Server:
            asgi = bridge(app, **options) if isinstance(app, web.Application) else app
            return stack.enter_context(Server(asgi, **(server or {})))

        yield start
