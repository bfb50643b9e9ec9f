"""How much memory a million distinct addresses leave behind, beyond the cache's budget.

`python -m bench.addresses [NUMBER] [BUDGET_MB]` asks the front, in this process, for so many lists that differ in their
address, each with an answer of a thousand bytes that depends on twenty films, under the real keys and the real cache;
every second one twice, so that it is hit. It prints by how much the process has grown in all, and beyond the budget.
"""

import asyncio
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from starlette.types import Message, Receive, Scope, Send

from catalog.api.http.answers import CHOSEN_BY, FRESH, SHARED
from catalog.api.http.cachekey import cache_key
from server.cache import Cache, Shared
from server.cache_answer import WHOLE
from server.front import Front
from server.nodes import Nodes
from server.revision import Reading

T = TypeVar("T")

NUMBER, BUDGET_MB = 1_000_000, 64
MEGABYTE = 2**20
STEPS = 10

NAMES: dict[str, bytes] = {}
"""As the bridge does: names of headers are shared, values are each answer's own."""


class Still:
    """A database in which nothing happens, and its log."""

    async def now(self) -> Reading | None:
        return Reading(1, 1, "still")

    @property
    def questions(self) -> int:
        return 1

    async def close(self) -> None:
        pass

    def node(self) -> str:
        return ""

    def position(self) -> str:
        return "end"

    def changed_since(self, token: str) -> list[str]:
        return [] if token == self.position() else ["*"]

    def standing(self) -> list[str]:
        return []


async def run(unit: Callable[[], T]) -> T:
    return unit()


async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001  ASGI's signature
    number = int(scope["query_string"].rpartition(b"=")[2])
    keys = " ".join(f"film/{film_id}" for film_id in range(number, number + 20))
    tag = f'"{number:032d}.identity"'
    own = (("Content-Type", "application/json"), ("ETag", tag), ("Surrogate-Key", keys))
    fields = (*SHARED, FRESH, CHOSEN_BY, *own)
    headers = [(NAMES.setdefault(name, name.lower().encode()), value.encode()) for name, value in fields]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"%01000d" % number})


def scope_of(number: int) -> Scope:
    return {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": "/api/movies",
        "raw_path": b"/api/movies", "query_string": b"limit=10&sort=votes&votes__gte=%d" % number, "root_path": "",
        "headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000), "state": {},
        "extensions": {WHOLE: whole},
    }  # fmt: skip


async def receive() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(message: Message) -> None:
    pass


def whole(*_: object) -> bool:
    """Takes an answer in one piece, as server/http.py does."""
    return True


def resident() -> int:
    """Bytes of this process in memory."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found[1]) * 1024 if found else 0


async def ask(front: Front, numbers: range) -> None:
    for number in numbers:
        for _ in range(1 + number % 2):
            await front(scope_of(number), receive, send)


async def main(number: int, budget: int) -> None:
    still = Still()
    nodes = Nodes()
    nodes.note()  # this thread asks itself
    cache = Cache(Shared(cache_key, still, budget), still, run, nodes)
    front = Front(app, hosts=["localhost"], problem=lambda *_: b"", cache=cache)
    await ask(front, range(1000))
    begun = resident()
    for step in range(STEPS):
        await ask(front, range(1000 + step * number // STEPS, 1000 + (step + 1) * number // STEPS))
        grown = resident() - begun
        asked = (step + 1) * number // STEPS
        told = f"{grown / MEGABYTE:.1f} MB more, {(grown - budget) / MEGABYTE:.1f} beyond the budget"
        print(f"{asked:>9,} addresses, {len(cache.shelf):,} kept, {cache.shelf.size / MEGABYTE:.1f} MB counted: {told}")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    asyncio.run(main(given[0] if given else NUMBER, (given[1] if len(given) > 1 else BUDGET_MB) * MEGABYTE))
