"""The servers that are compared: how each is started, pinned to one processor, and ended."""

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from server.config import flags

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30


@dataclass(frozen=True)
class Contender:
    """A server: its name in the table, its command with {port}, and the path that gives ten films."""

    name: str
    command: Sequence[str]
    path: str = "/api/movies?limit=10"


def contenders(binaries: Path) -> list[Contender]:
    """Moviedb as its Procfile runs it, and the peers with the same films, fields and renderer."""
    python = str(binaries / "python")
    host = ["--host", "127.0.0.1", "--port", "{port}"]
    return [
        Contender("moviedb", [str(binaries / "uvicorn"), "asgi:application", *host, *flags()]),
        Contender("aiohttp + database_sync_to_async", [python, "-m", "bench.peers.aiohttp_orm", "{port}"]),
        Contender(
            "gunicorn, 3 workers + Django",
            [
                *(str(binaries / "gunicorn"), "--workers", "3", "--bind", "127.0.0.1:{port}", "--log-level", "error"),
                "bench.peers.django_wsgi:application",
            ],
        ),
    ]


@contextmanager
def running(contender: Contender, environment: Mapping[str, str], *, processor: int = 0) -> Iterator["Started"]:
    """The contender, answering; ended with all its processes when the block is left."""
    port = free_port()
    command = ["taskset", "-c", str(processor), *(word.format(port=port) for word in contender.command)]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        started = Started(process.pid, f"http://127.0.0.1:{port}{contender.path}")
        wait_for_answer(port, contender.path, process)
        yield started
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


@dataclass(frozen=True)
class Started:
    pid: int
    url: str

    def memory_bytes(self) -> int:
        """Resident memory of the server's processes together; pages that they share count for each."""
        listed = subprocess.run(["ps", "-s", str(self.pid), "-o", "rss="], check=True, capture_output=True, text=True)
        return 1024 * sum(map(int, listed.stdout.split()))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_for_answer(port: int, path: str, process: "subprocess.Popen[bytes]") -> float:
    """Seconds until the first 200. Raises RuntimeError when the process ends or does not answer in time."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < START_SECONDS:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            if status(port, path) == 200:
                return time.perf_counter() - begun
        except OSError:
            time.sleep(0.01)
    raise RuntimeError(f"no answer within {START_SECONDS} s")


def status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()
