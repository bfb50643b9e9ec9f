"""How much time and memory `POST /api/movies/bulk` needs, with as many bytes and rows as it takes.

    python -m bench.bulk [--database sqlite] [--megabytes 63.9] [--key KEY] [--of BODY ...]

Each body is sent to a process of its own on a new database; told are the seconds, the size of the answer, and how far
the process's resident memory rose above what it was before (`VmHWM`, set back by `clear_refs`).
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench.environment import DATABASES, empty
from bench.servers import free_port

ATOMIC_ROWS, ROWS = 10_000, 100_000


class Body(NamedTuple):
    """What is sent: the query, and how many rows share the bytes; `faulty` ones are refused, each with its problem."""

    query: str
    rows: int
    faulty: bool = False


BODIES = {
    "atomic": Body("atomic=true", ATOMIC_ROWS),
    "atomic-faulty": Body("atomic=true", ATOMIC_ROWS, faulty=True),
    "trial-faulty": Body("dry_run=true", ATOMIC_ROWS, faulty=True),
    "each": Body("atomic=false", ATOMIC_ROWS),
    "each-many": Body("atomic=false", ROWS),
    "each-faulty": Body("atomic=false", ROWS, faulty=True),
}


def lines(body: Body, size: int) -> Iterator[bytes]:
    """The rows as JSON Lines of about `size` bytes in all."""
    for number in range(body.rows):
        ids = {"imdb": f"tt{number:07}"}
        row = {"title": f"Film {number}", "external_ids": ids, "year": 1 if body.faulty else 1999, "overview": ""}
        row["overview"] = "word " * max(1, (size // body.rows - len(json.dumps(row)) - 1) // 5) + "."
        yield json.dumps(row).encode() + b"\n"


def sent(port: int, token: str, body: Body, size: int, key: str | None) -> tuple[int, int]:
    """The status and the length of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=400)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/jsonl"}
    if key is not None:
        headers["Idempotency-Key"] = key
    path = f"/api/movies/bulk?key=imdb_id&{body.query}"
    connection.request("POST", path, lines(body, size), headers, encode_chunked=True)
    response = connection.getresponse()
    return response.status, sum(len(piece) for piece in iter(lambda: response.read(65_536), b""))


def megabytes(pid: int, name: str) -> float:
    """A figure of a process's memory: `VmRSS`, or `VmHWM` for its highest."""
    return int(Path(f"/proc/{pid}/status").read_text().partition(f"{name}:")[2].split()[0]) / 1024


def measure(name: str, database: str, size: int, key: str | None) -> dict[str, object]:
    """All figures of one body."""
    with empty(database) as settings:
        environment = {**os.environ, **settings, "PORT": str(port := free_port())}
        moviedb = [sys.executable, "-m", "moviedb"]
        subprocess.run([*moviedb, "migrate", "--verbosity", "0"], check=True, env=environment)
        made = [*moviedb, "token", "create", "bench", "--scope", "movies:write"]
        token = subprocess.run(made, check=True, env=environment, capture_output=True, text=True).stdout.split()[-1]
        process = subprocess.Popen([*moviedb, "serve"], env=environment, stdout=subprocess.DEVNULL)
        try:
            wait_for(port)
            before = megabytes(process.pid, "VmRSS")
            Path(f"/proc/{process.pid}/clear_refs").write_text("5")
            begun = time.perf_counter()
            status, length = sent(port, token, BODIES[name], size, key)
            return {
                "body": name,
                "database": database,
                "status": status,
                "seconds": round(time.perf_counter() - begun, 1),
                "answer_mb": round(length / 1e6, 1),
                "before_mb": round(before),
                "risen_mb": round(megabytes(process.pid, "VmHWM") - before),
            }
        finally:
            process.terminate()
            process.wait(30)


def wait_for(port: int) -> None:
    """Wait until the process answers. Raises TimeoutError."""
    until = time.perf_counter() + 30
    while time.perf_counter() < until:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("the process does not answer")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--megabytes", type=float, default=63.9)
    parser.add_argument("--key", help="an Idempotency-Key")
    parser.add_argument("--of", nargs="+", choices=BODIES, default=list(BODIES))
    asked = parser.parse_args()
    for name in asked.of:
        print(json.dumps(measure(name, asked.database, int(asked.megabytes * 1e6), asked.key)), flush=True)


if __name__ == "__main__":
    main()
