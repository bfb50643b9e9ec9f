"""Thousands of event streams open on one process while a film changes: how soon all have it, and what it costs.

    python -m bench.streams [STREAMS]

It opens the streams from several addresses of the loopback net, changes a film by hand, and notes when the last stream
has got it; the memory of the process; and how fast `/api/movies` is answered from the cache meanwhile, beside none.
"""

import asyncio
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.servers import free_port

STREAMS = 10_000
PORTS_EACH = 20_000
ROUNDS = 5
LOAD_SECONDS = 4
LOAD_CLIENTS = 32


class Stream(asyncio.Protocol):
    """One open stream, read no further than for the events that it is about."""

    def __init__(self) -> None:
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.seen = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(  # type: ignore[attr-defined]
            b"GET /api/changes/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"
        )

    def data_received(self, data: bytes) -> None:
        if b"retry:" in data and not self.open.done():
            self.open.set_result(None)
        if b"event: updated" in data:
            self.seen = time.perf_counter()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.open.done():
            self.open.set_exception(exc or ConnectionError("closed"))


async def opened(port: int, count: int) -> list[Stream]:
    """That many streams, some hundred at once."""
    loop = asyncio.get_running_loop()
    streams: list[Stream] = []
    for start in range(0, count, 200):
        pairs = await asyncio.gather(
            *(
                loop.create_connection(Stream, "127.0.0.1", port, local_addr=(f"127.0.0.{2 + number // PORTS_EACH}", 0))
                for number in range(start, min(start + 200, count))
            )
        )
        streams += [protocol for _, protocol in pairs]
        await asyncio.gather(*(protocol.open for _, protocol in pairs))
    return streams


async def round_of(streams: list[Stream], database: Path) -> list[float]:
    """Seconds from a commit until each stream had it."""
    for stream in streams:
        stream.seen = 0.0
    await asyncio.to_thread(change, database)
    begun = time.perf_counter()
    while not all(stream.seen for stream in streams) and time.perf_counter() < begun + 30:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    return sorted(stream.seen - begun for stream in streams)


def change(database: Path) -> None:
    """As another process would: the film's title, committed."""
    with sqlite3.connect(database, timeout=10) as connection:
        connection.execute("UPDATE catalog_film SET title = ? WHERE id = 1", [f"Film {time.time()}"])
    connection.close()


def megabytes(pid: int) -> float:
    """The resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


async def load(port: int) -> float:
    """Requests for the list a second, all of them answered from the cache."""
    done = 0

    async def client() -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < until:
            writer.write(b"GET /api/movies?limit=10 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            await reader.readexactly(length)
            done += 1
        writer.close()

    until = time.perf_counter() + LOAD_SECONDS
    await asyncio.gather(*(client() for _ in range(LOAD_CLIENTS)))
    return done / LOAD_SECONDS


async def measure(port: int, pid: int, database: Path, count: int) -> dict[str, object]:
    """All figures of one process."""
    await load(port)
    alone, empty = await load(port), megabytes(pid)
    begun = time.perf_counter()
    streams = await opened(port, count)
    result: dict[str, object] = {
        "streams": count,
        "opened_in_seconds": round(time.perf_counter() - begun, 2),
        "megabytes": [round(empty), round(megabytes(pid))],
    }
    delays = [await round_of(streams, database) for _ in range(ROUNDS)]
    result["last_stream_seconds"] = [round(each[-1], 3) for each in delays]
    result["median_stream_seconds"] = [round(each[len(each) // 2], 3) for each in delays]
    result["lists_a_second"] = [round(alone), round(await load(port))]
    result["megabytes_afterwards"] = round(megabytes(pid))
    return result


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else STREAMS
    # Of this process, and of the server that it starts; root may go beyond the hard limit.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(count + 500, min(hard, 2 * count)), max(hard, count + 500)))
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DATA_DIR": folder,
            "SECRET_KEY": "for the time of one measurement only",
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "PORT": str(port := free_port()),
            "ACCESS_LOG": "false",
        }
        moviedb = [sys.executable, "-m", "moviedb"]
        for words in (["migrate", "--verbosity", "0"], ["import", "sample"]):
            subprocess.run([*moviedb, *words], check=True, env=environment, stdout=subprocess.DEVNULL)
        server = subprocess.Popen([*moviedb, "serve"], env=environment, stdout=subprocess.DEVNULL)
        try:
            wait_until_ready(port)
            figures = asyncio.run(measure(port, server.pid, Path(folder) / "moviedb.sqlite3", count))
        finally:
            server.terminate()
            begun = time.perf_counter()
            server.wait(60)
        print(json.dumps({**figures, "stopped_in_seconds": round(time.perf_counter() - begun, 2)}, indent=2))


def wait_until_ready(port: int) -> None:
    """Return once the server answers."""
    asyncio.run(answers(port))


async def answers(port: int) -> None:
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise TimeoutError("the server does not listen")


if __name__ == "__main__":
    main()
