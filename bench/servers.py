"""Servers as processes: started on one processor, awaited, weighed and ended."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.contenders import Contender
from bench.environment import ROOT

START_SECONDS, STOP_SECONDS = 30, 30
SERVER_PROCESSOR, LOAD_PROCESSOR = 0, 1


@dataclass(frozen=True)
class Started:
    """A server that has answered: the first of its processes, and how long it took."""

    pid: int
    port: int
    seconds: float

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def memory_mb(self) -> float:
        """Megabytes of all its processes; what they share is counted once."""
        listed = subprocess.run(["ps", "-s", str(self.pid), "-o", "pid="], check=True, capture_output=True, text=True)
        return sum(map(proportional_kb, map(int, listed.stdout.split()))) / 1000


def proportional_kb(pid: int) -> int:
    """A process's resident memory, each page divided by the number of processes that map it; 0 of one that is gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) if found else 0


@contextmanager
def running(contender: Contender, environment: Mapping[str, str], path: str) -> Iterator[Started]:
    """The contender, from its first answer to `path`; ended with all its processes when the block is left.

    Raises RuntimeError, with its last words, when it ends or does not answer.
    """
    port = free_port()
    log = Path(environment["DATA_DIR"]) / f"{port}.log"
    command = ["taskset", "-c", str(SERVER_PROCESSOR), *contender.words(port)]
    begun = time.perf_counter()
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment, **contender.environment},
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
    try:
        if not answers(port, path, process):
            raise RuntimeError(f"{contender.title} does not start:\n{log.read_text(errors='replace')[-2000:]}")
        yield Started(process.pid, port, time.perf_counter() - begun)
    finally:
        end(process)


def end(process: "subprocess.Popen[bytes]") -> None:
    """Ask the whole session to end; kill what does not."""
    for word in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, word)
            process.wait(STOP_SECONDS)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def answers(port: int, path: str, process: "subprocess.Popen[bytes]") -> bool:
    """Wait for the first 200; False when the process ends or takes longer than START_SECONDS."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < START_SECONDS and process.poll() is None:
        try:
            if ask(port, path).status == 200:
                return True
        except OSError:
            time.sleep(0.005)
    return False


@dataclass(frozen=True)
class Answer:
    status: int
    etag: str
    body: bytes

    def data(self) -> Any:
        """The films of a list. No poster is stored as '' or as NULL, and peers show what is stored: both None here."""
        return [film | {"poster": film["poster"] or None} for film in json.loads(self.body)["data"]]


def ask(port: int, path: str, headers: Mapping[str, str] | None = None) -> Answer:
    """One GET. Raises OSError when nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        response = connection.getresponse()
        return Answer(response.status, response.headers.get("ETag", ""), response.read())
    except http.client.HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        connection.close()
