"""A real uvicorn on a loopback port for each test that asks, and a client that shows raw bytes."""

import contextlib
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import uvicorn
from aiohttp import web

AsgiApp = Callable[..., Any]


class Server:
    """uvicorn in a thread, with an ASGI app."""

    def __init__(self, asgi: AsgiApp, **options: Any) -> None:
        settings = {"log_level": "critical", "lifespan": "on", "timeout_graceful_shutdown": 2, **options}
        self._uvicorn = uvicorn.Server(uvicorn.Config(asgi, host="127.0.0.1", port=0, **settings))
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._uvicorn.run, args=([self._socket],), daemon=True)

    def __enter__(self) -> "Server":
        self._thread.start()
        while not self._uvicorn.started and self._thread.is_alive():
            time.sleep(0.005)
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop, and wait until every handler has ended; a second time does nothing."""
        self._uvicorn.should_exit = True
        self._thread.join(20)
        self._socket.close()

    @property
    def started(self) -> bool:
        return self._uvicorn.started

    def connect(self, **options: Any) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=10, **options)

    def ask(self, method: str, path: str, body: Any = None, headers: Any = None) -> tuple[HTTPResponse, bytes]:
        """One request on a connection of its own; the answer and its whole body."""
        with contextlib.closing(self.connect()) as connection:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response, response.read()

    def raw(self, data: bytes) -> bytes:
        """Send bytes, and read until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(data)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def ask_later(self) -> None:
        """Give the server the time to read what has been sent: it answers another request first."""
        self.ask("OPTIONS", "*")

    def open(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)


Serve = Callable[..., Server]


def one_route(handler: Any, *, path: str = "/{tail:.*}", **options: Any) -> web.Application:
    """An application with one handler, for every method."""
    app = web.Application(**options)
    app.router.add_route("*", path, handler)
    return app


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def wait_until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait for a server that another process starts; fails with it."""
    while process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise ChildProcessError(f"{process.args!r} ended with {process.returncode}")
