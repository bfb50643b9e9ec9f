"""The checker of the promise that no answer is older than its request.

Writers, which are processes of their own, count up a film each, and note every count before and after it is committed.
With the count go the film's votes, whether it is published, a genre's link and the name of one of its cast: so films
come into lists and leave them. A reader takes down what is committed before it asks, and what may be by the time that
it has the answer: an answer that no count in between explains is stale.
"""

import asyncio
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from tests.live.counted import genre_of, is_in_genre, is_published, name_of
from tests.live.site import ROOT
from tests.live.writer import SLOT_BYTES, Notes

CONNECTIONS, PIPELINED = 8, 8
"""So many clients, each of which sends so many requests before it waits for answers."""

LENGTH = re.compile(rb"content-length: ([0-9]+)\r\n")
TAG = re.compile(rb'etag: ("[^"]+")\r\n')
HIT = b"cache-status: revision; hit"
NOTHING = b"{}"
ANSWERS_FOR_A_HIT = 50
"""A cache that gives fewer hits than one in so many answers is none."""

COUNTS = 25
"""Each writer counts at least so far: far enough for its film to have left every list and to have come back."""

BUCKET = 20

Shows = Callable[[int, int], bool]
"""Whether an answer shows the film of a slot that has that count."""


@dataclass
class Findings:
    """What the reader has met; `stale` names each answer that was older than its request."""

    answers: int = 0
    hits: int = 0
    stale: list[str] = field(default_factory=list)

    def done(self, hits: int, counts: Sequence[int]) -> bool:
        enough = self.hits >= hits or self.answers >= hits * ANSWERS_FOR_A_HIT
        return bool(self.stale) or (enough and min(counts) >= COUNTS)


@contextmanager
def writing(database: str, films: Sequence[int], folder: Path) -> Iterator[Notes]:
    """A writer process for each film, at work within the `with`; the notes of all of them."""
    path = folder / "notes"
    path.write_bytes(bytes(SLOT_BYTES * len(films)))
    with ExitStack() as stack:
        for slot, film_id in enumerate(films):
            stack.enter_context(writer(database, film_id, path, slot))
        notes = Notes(path)
        while not all(notes.committed()):
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


@dataclass(frozen=True)
class Question:
    """A request, the slots that its answer tells of, and when it shows each film."""

    path: str
    slots: Sequence[int]
    shows: Shows
    conditional: bool = False


def published(slot: int, count: int) -> bool:
    return is_published(count)


def questions(films: Sequence[int]) -> list[Question]:
    """All ways to ask for the films that a cache may confuse; the sample fits into one page."""
    slots = range(len(films))
    brief = "/api/movies?limit=200&fields=id,votes"
    ids = ",".join(map(str, films))
    asked = [
        Question(f"/api/movies?ids={ids}", slots, published),
        Question(f"/api/movies?fields=id,votes&ids={ids}", slots, published, conditional=True),
        *(Question(brief + sort, slots, published) for sort in ("", "&sort=-votes", "&sort=updated", "&sort=title")),
    ]
    for slot, film_id in enumerate(films):
        asked += of_film(slot, f"/api/movies/{film_id}")
        asked += of_genre(slot, slots, f"{brief}&genre=")
    return asked


def of_film(slot: int, path: str) -> Iterator[Question]:
    yield Question(path, [slot], published)
    yield Question(f"{path}?fields=id,votes", [slot], published, conditional=True)


def of_genre(own: int, slots: Sequence[int], beginning: str) -> Iterator[Question]:
    def inside(slot: int, count: int) -> bool:
        return slot == own and is_in_genre(count) and is_published(count)

    def outside(slot: int, count: int) -> bool:
        return is_published(count) and not inside(slot, count)

    yield Question(f"{beginning}{genre_of(own)}", slots, inside)
    yield Question(f"{beginning}!{genre_of(own)}", slots, outside)


def of_range(bound: int, slots: Sequence[int]) -> Iterator[Question]:
    """Lists by a bound of the votes that the films are about to reach."""
    brief = f"/api/movies?limit=200&fields=id,votes&votes__{{}}={bound}"
    yield Question(brief.format("gte"), slots, lambda _, count: is_published(count) and count >= bound)
    yield Question(brief.format("lte"), slots, lambda _, count: is_published(count) and count <= bound)


class Reader:
    """Asks a site for the films again and again.

    committed: the counts that every answer from now on must reflect; begun: those that it may.
    """

    def __init__(
        self,
        port: int,
        films: Sequence[int],
        *,
        committed: Callable[[], Sequence[int]],
        begun: Callable[[], Sequence[int]],
    ) -> None:
        self.port = port
        self.films = films
        self.committed = committed
        self.begun = begun
        self.findings = Findings()
        self.questions = questions(films)

    def read(self, hits: int) -> Findings:
        """Read until there were so many hits, or hardly any among many answers."""
        asyncio.run(self._read(hits))
        return self.findings

    async def _read(self, hits: int) -> None:
        await asyncio.gather(*(self._converse(hits) for _ in range(CONNECTIONS)))

    def _choose(self, committed: Sequence[int]) -> list[Question]:
        bound = (max(committed) // BUCKET + 1) * BUCKET
        return random.choices([*self.questions, *of_range(bound, range(len(self.films)))], k=PIPELINED)  # noqa: S311

    async def _converse(self, hits: int) -> None:
        """One connection's requests: some are sent, then their answers read."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        known: dict[str, tuple[bytes, bytes]] = {}
        while not self.findings.done(hits, committed := self.committed()):
            asked = self._choose(committed)
            before = [known.get(each.path, (b'"none"', b"")) for each in asked]
            writer.write(b"".join(request(each, tag) for each, (tag, _) in zip(asked, before, strict=True)))
            for question, (_, had) in zip(asked, before, strict=True):
                head, sent = await answer(reader)
                body = {b"200": sent, b"304": had, b"404": NOTHING}[head[9:12]]
                if body is sent:
                    known[question.path] = (TAG.search(head)[1], body)  # type: ignore[index]
                self.findings.answers += 1
                self.findings.hits += HIT in head
                self._judge(question, body, committed)
        writer.close()
        await writer.wait_closed()

    def _judge(self, question: Question, body: bytes, committed: Sequence[int]) -> None:
        """Look for a count of each film that explains the answer."""
        begun = self.begun()
        for slot in question.slots:
            counts = range(committed[slot], begun[slot] + 1)
            votes, names = facts(body, self.films[slot])
            if votes is None:
                fresh = not all(question.shows(slot, count) for count in counts)
            else:
                fresh = votes in counts and any(question.shows(slot, count) for count in counts)
                fresh = fresh and (not names or any(name_of(slot, count) in names for count in counts))
            if not fresh:
                told = f"{votes} votes and the names {sorted(names)} of {self.films[slot]}"
                self.findings.stale.append(f"{question.path} shows {told}, committed were {counts}")


def request(question: Question, tag: bytes) -> bytes:
    condition = f"If-None-Match: {tag.decode()}\r\n" if question.conditional else ""
    return f"GET {question.path} HTTP/1.1\r\nHost: localhost\r\n{condition}\r\n".encode()


async def answer(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """The next answer's head and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = LENGTH.search(head)
    return head, await reader.readexactly(int(length[1])) if length else b""


@lru_cache(maxsize=4096)
def facts(body: bytes, film_id: int) -> tuple[int | None, frozenset[str]]:
    """The votes that an answer shows of a film, None where it does not show it, and the names of its cast."""
    shown = json.loads(body)
    for film in shown.get("data", [shown]):
        if film.get("id") == film_id:
            return film["votes"], frozenset(credit["person"]["name"] for credit in film.get("cast", ()))
    return None, frozenset()
