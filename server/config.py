"""How uvicorn is run: one table that the Procfile's command and `moviedb serve` both come from."""

import asyncio
import shlex
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

from server.http import Limits

UVICORN_OPTIONS: dict[str, Any] = {
    "workers": 1,  # one process is the design; $WEB_CONCURRENCY must not make it more
    "lifespan": "on",  # an application that can't start must stop the server
    "timeout_graceful_shutdown": 20,
    "server_header": False,
    "access_log": False,  # front.py writes the lines, in batches
    "proxy_headers": False,  # front.py believes TRUSTED_PROXIES; uvicorn would read $FORWARDED_ALLOW_IPS
    "loop": "server.loop:new_loop",
    "http": "server.http:Protocol",
    "ws": "websockets-sansio",
}
"""Options of `uvicorn.Config`; each overrules an environment variable that could reach in, or a default."""

BACKLOG = 2048

HEADER_LIMITS: dict[str, Any] = {"max_line_size": 65536, "max_field_size": 65536}
"""Bytes of a request's line and of a header field that aiohttp takes: as many as uvicorn's parser lets through."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """What the server itself must know.

    hosts: names that requests may be addressed to; `*` is any, a leading dot any subdomain.
    proxies: addresses or networks whose X-Forwarded-For and -Proto are believed.
    directories: folders served as they are, by the prefix of their address.
    shutdown_seconds: what running units may take when the process is asked to stop.
    metrics_token: what must be shown for /metrics; None: there are none.
    checks: by name of a thing that requests need, what says what is missing of it; /readyz asks it in the executor.
    limits: what a client may take before an application is asked.
    draining: set when it is asked to, for whoever must end what would go on for ever.
    """

    hosts: Sequence[str]
    proxies: Sequence[str] = ()
    access_log: bool = True
    static_root: Path
    media_root: Path
    shutdown_seconds: float = 15.0
    metrics_token: str | None = None
    checks: Mapping[str, Callable[[], list[str]]] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    draining: asyncio.Event = field(default_factory=asyncio.Event)
    static_prefix: str = field(default="/static/")
    media_prefix: str = field(default="/media")


def flags(**others: str) -> list[str]:
    """UVICORN_OPTIONS, some of them with other values, as the arguments of uvicorn's command line."""
    words: list[str] = []
    for name, value in (UVICORN_OPTIONS | others).items():
        option = name.replace("_", "-")
        if value is False:
            words.append(f"--no-{option}")
        else:
            words += [f"--{option}", str(value)]
    return words


def command(application: str) -> str:
    """The shell command that a Procfile runs: it listens on every address, at $PORT."""
    return f"exec uvicorn {application} --host 0.0.0.0 --port ${{PORT:-8000}} {shlex.join(flags())}"


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; raises OSError when the address or the port can't be had."""
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


def serve(application: str, *, host: str, port: int, listening: Callable[[str], None] = print) -> bool:
    """Serve until SIGTERM or SIGINT; whether the application had started.

    `listening` is called with the address once the port is ours. Raises OSError when it can't be had.
    """
    with listen(host, port) as listener:
        bound_host, bound_port = listener.getsockname()[:2]
        listening(f"http://[{bound_host}]:{bound_port}" if ":" in bound_host else f"http://{bound_host}:{bound_port}")
        server = uvicorn.Server(uvicorn.Config(application, log_config=None, backlog=BACKLOG, **UVICORN_OPTIONS))
        server.run(sockets=[listener])
    return server.started
