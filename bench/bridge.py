"""What the bridge costs: bare uvicorn, aiohttp's own server and the bridge, the same body, interleaved.

    python -m bench.bridge [--rounds 5] [--seconds 3] [--connections 32] [--body-bytes 1000]

The server is pinned to one core and wrk to another. The figure is the server's CPU time per
request, which other work on the machine disturbs least; requests per second stand beside it.
"""

import argparse
import asyncio
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import psutil
import uvicorn
import uvloop
from aiohttp import web

from server.bridge import bridge

SERVERS = ("uvicorn", "aiohttp", "bridge")
_TOTAL = re.compile(r"(\d+) requests in")
_ERRORS = re.compile(r"Socket errors: .*|Non-2xx.*")

Message = dict[str, Any]


def bare(body: bytes) -> Callable[..., Awaitable[None]]:
    """The least that an ASGI application can do: two messages."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]

    async def app(
        scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def application(body: bytes) -> web.Application:
    """The least that an aiohttp application can do: one route, one Response."""

    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_get("/", handler)
    return app


def serve(name: str, port: int, body: bytes) -> None:
    """Run one of SERVERS until SIGTERM, without access lines."""
    if name == "aiohttp":
        loop = uvloop.new_event_loop()
        asyncio.set_event_loop(loop)
        web.run_app(application(body), host="127.0.0.1", port=port, access_log=None, print=None, loop=loop)
        return
    asgi = bare(body) if name == "uvicorn" else bridge(application(body), access_log=None)
    uvicorn.run(asgi, host="127.0.0.1", port=port, loop="uvloop", http="httptools", log_level="error", access_log=False)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def start(name: str, options: argparse.Namespace) -> tuple[subprocess.Popen[bytes], int]:
    """Start a server pinned to the first core, and wait until it listens."""
    port = free_port()
    command = [sys.executable, "-m", "bench.bridge", "--serve", name, "--port", str(port)]
    server = subprocess.Popen([*command, "--body-bytes", str(options.body_bytes)])
    os.sched_setaffinity(server.pid, {0})
    for _ in range(200):
        time.sleep(0.05)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server, port
    raise TimeoutError(f"{name} did not listen")


def load(server: subprocess.Popen[bytes], port: int, options: argparse.Namespace) -> tuple[float, float]:
    """CPU microseconds per request and requests per second, over `options.seconds`."""
    before = sum(psutil.Process(server.pid).cpu_times()[:2])
    command = ["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s", f"http://127.0.0.1:{port}/"]
    report = subprocess.run(["taskset", "-c", "1", *command], check=True, capture_output=True, text=True).stdout
    spent = sum(psutil.Process(server.pid).cpu_times()[:2]) - before
    total = _TOTAL.search(report)
    if total is None or (errors := _ERRORS.search(report)):
        raise RuntimeError(f"wrk met errors: {errors[0] if total and errors else report}")
    return spent * 1e6 / int(total[1]), int(total[1]) / options.seconds


def measure(options: argparse.Namespace) -> dict[str, list[tuple[float, float]]]:
    """One warm-up and `options.rounds` rounds of all servers in turn."""
    running = {name: start(name, options) for name in SERVERS}
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in SERVERS}
    try:
        for _ in range(options.rounds + 1):
            for name, (server, port) in running.items():
                figures[name].append(load(server, port, options))
    finally:
        for server, _ in running.values():
            server.send_signal(signal.SIGTERM)
            server.wait(15)
    return {name: rounds[1:] for name, rounds in figures.items()}


def report(figures: dict[str, list[tuple[float, float]]]) -> None:
    medians = {name: statistics.median(cpu for cpu, _ in rounds) for name, rounds in figures.items()}
    for name, rounds in figures.items():
        rate = statistics.median(rate for _, rate in rounds)
        print(f"{name:8} {medians[name]:7.1f} µs CPU a request   {rate:8.0f} requests a second")
    print(f"bridge / bare uvicorn {medians['bridge'] / medians['uvicorn']:.2f}")
    print(f"bridge / native aiohttp {medians['bridge'] / medians['aiohttp']:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--body-bytes", type=int, default=1000)
    parser.add_argument("--serve", choices=SERVERS, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.port, b"x" * options.body_bytes)
    else:
        report(measure(options))


if __name__ == "__main__":
    main()
