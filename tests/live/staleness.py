"""The checker of the promise that no answer is older than its request.

Writers, which are processes of their own, count up the votes of a film each and note every count that is committed. A
reader takes down all notes before it asks: an answer that shows a lower count is stale.
"""

import asyncio
import json
import mmap
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.live.site import ROOT, Place, Site
from tests.live.writer import SLOT_BYTES, opened, read_note

CONNECTIONS = 8
LENGTH = re.compile(rb"content-length: ([0-9]+)\r\n")
ANSWERS_FOR_A_HIT = 50
"""A cache that gives fewer hits than one in so many answers is none."""


@dataclass
class Findings:
    """What the reader has met; `stale` names each answer that was older than its request."""

    answers: int = 0
    hits: int = 0
    stale: list[str] = field(default_factory=list)

    def done(self, hits: int) -> bool:
        return bool(self.stale) or self.hits >= hits or self.answers >= hits * ANSWERS_FOR_A_HIT


@contextmanager
def writing(place: Place, films: Sequence[int]) -> Iterator[mmap.mmap]:
    """A writer process for each film, at work within the `with`; the notes of all of them."""
    path = place.folder / "notes"
    path.write_bytes(bytes(SLOT_BYTES * len(films)))
    database = place.database_url or str(place.folder / "moviedb.sqlite3")
    with ExitStack() as stack:
        for slot, film_id in enumerate(films):
            stack.enter_context(writer(database, film_id, path, slot))
        notes = stack.enter_context(opened(path))
        while not all(read_note(notes, slot) for slot in range(len(films))):
            time.sleep(0.01)
        yield notes


@contextmanager
def writer(database: str, film_id: int, path: Path, slot: int) -> Iterator[None]:
    words = [sys.executable, "-m", "tests.live.writer", database, str(film_id), str(path), str(slot)]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE) as process:
        try:
            yield
            assert process.poll() is None, "a writer has ended too soon"
        finally:
            process.communicate(timeout=30)


class Reader:
    """Asks a site for the films again and again, in all ways that a cache may confuse."""

    def __init__(self, site: Site, films: Sequence[int], notes: mmap.mmap) -> None:
        self.site = site
        self.films = films
        self.notes = notes
        self.findings = Findings()
        ids = ",".join(map(str, films))
        self.requests = [
            (f"/api/movies?ids={ids}", ""),
            (f"/api/movies?fields=id,votes&ids={ids}", ""),
            ("/api/movies?limit=200", ""),
            *((f"/api/movies/{film_id}", "") for film_id in films),
            *((f"/api/movies/{film_id}?fields=id,votes", "If-None-Match: {tag}\r\n") for film_id in films),
        ]

    def read(self, hits: int) -> Findings:
        """Read until there were so many hits, or hardly any among many answers."""
        asyncio.run(self._read(hits))
        return self.findings

    async def _read(self, hits: int) -> None:
        await asyncio.gather(*(self._converse(hits) for _ in range(CONNECTIONS)))

    async def _converse(self, hits: int) -> None:
        """One connection's requests, one after the other."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.site.port)
        known: dict[str, tuple[str, bytes]] = {}
        while not self.findings.done(hits):
            path, condition = random.choice(self.requests)  # noqa: S311
            tag, body = known.get(path, ('"none"', b""))
            noted = [read_note(self.notes, slot) for slot in range(len(self.films))]
            lines = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{condition.format(tag=tag)}\r\n"
            writer.write(lines.encode())
            head, sent = await answer(reader)
            if not head.startswith(b"HTTP/1.1 304"):
                assert head.startswith(b"HTTP/1.1 200"), head
                body = sent
                known[path] = (str(re.search(r'etag: ("[^"]+")', head.decode())[1]), body)  # type: ignore[index]
            self._judge(head, body, noted, path)
        writer.close()
        await writer.wait_closed()

    def _judge(self, head: bytes, body: bytes, noted: list[int], path: str) -> None:
        """Compare what an answer shows with what was committed before it was asked for."""
        self.findings.answers += 1
        self.findings.hits += b"cache-status: revision; hit" in head
        shown = votes(body)
        for film_id, least in zip(self.films, noted, strict=True):
            if shown.get(film_id, least) < least:
                self.findings.stale.append(f"{path} shows {shown[film_id]} votes of {film_id}, committed were {least}")


async def answer(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """The next answer's head and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = LENGTH.search(head)
    return head, await reader.readexactly(int(length[1])) if length else b""


def votes(body: bytes) -> dict[int, int]:
    """The votes of each film that an answer shows."""
    shown = json.loads(body)
    return {film["id"]: film["votes"] for film in shown.get("data", [shown])}
