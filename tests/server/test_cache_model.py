"""The revision cache against a model: whatever the order of things, no answer is older than its request.

A seeded run of requests, commits, surveys and reconnections that overlap at random. Each resource has a number that
every commit which concerns it raises; an answer shows the number that it has read.
"""

import asyncio
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import pytest
from starlette.types import Receive, Scope, Send

from server import cache_validity
from server.revision import Reading
from tests.server.cached_site import Clock, Site

pytestmark = pytest.mark.anyio

T = TypeVar("T")

STEPS = 2500
BUDGET_BYTES = 100_000
"""So small that the shelf forgets changes and has to let answers go."""

STATUSES = (503, *[200] * 19)
SHOWN = 3
PATHS = ("/a", "/b", "/c", "/all")
KEYS = ("a", "b", "c", "film/0", "film/1", "film/2", "elsewhere", "log")


class Catalogue(Clock):
    """The database, its log and its revision, each of which takes its time."""

    def __init__(self, dice: random.Random, place: Callable[[], str]) -> None:
        """place: at which server the calling thread is."""
        super().__init__()
        self.dice = dice
        self.place = place
        self.numbers = dict.fromkeys(PATHS, 0)
        self.left = {"there": (dict(self.numbers), list(self.log))}
        """What the servers show that no longer take commits."""
        self.floor = 0

    def commit(self, *keys: str, logged: bool = True) -> None:
        for path in PATHS if logged else ():
            own = keys_of(path, self.numbers[path])
            self.numbers[path] += "*" in keys or not own or not own.isdisjoint(keys)
        super().commit(*keys, logged=logged and not self.lacking)

    def commit_any(self) -> None:
        self.commit(*self.dice.sample(KEYS, self.dice.randint(1, 3)))

    def shown(self) -> tuple[dict[str, int], list[str]]:
        """The numbers and the log at the server of this thread."""
        place = self.place()
        return (self.numbers, self.log) if place == self.asked_at else self.left[place]

    def move(self) -> None:
        """Another server takes the commits from now on, and is asked; the one before stays as it is.

        What a place in its log is called was another one's before.
        """
        self.left[self.asked_at] = dict(self.numbers), list(self.log)
        del self.log[-self.dice.randint(1, 3) :]
        self.generation += 1
        self.asked_at = f"server {self.generation}"

    def turn_triggers(self) -> None:
        """Drop one, or make it anew as a migration does: with a row in the log that says so."""
        if self.lacking:
            self.lacking = []
            self.commit("*")
        else:
            self.lacking = ["film_update"]
            super().commit(logged=False)

    async def now(self) -> Reading | None:
        await idle(self.dice)
        reading = await super().now()
        await idle(self.dice)
        return reading

    def position(self) -> str:
        self.asked += 1
        return str(len(self.shown()[1]))

    def changed_since(self, token: str) -> list[str]:
        """Others commit before it is told, and after."""
        self.commit_at_times()
        keys = ["*"] if int(token) < self.floor else " ".join(self.shown()[1][int(token) :]).split()
        self.commit_at_times()
        return keys

    def commit_at_times(self) -> None:
        if self.dice.random() < 0.15:
            self.commit_any()


class Thread:
    """One of the executor: it does one unit at a time, and tells where it is connected before it hands over."""

    def __init__(self, call: Callable[[Callable[[], Any]], Any]) -> None:
        self.call = call
        self.free = asyncio.Lock()
        self.ident = call(threading.get_ident)
        self.leads = self.place = self.told = "here"


class Busy(Site):
    """A site whose answers are read on either of two threads, at some moment while they are made."""

    def __init__(self, dice: random.Random, pool: ThreadPoolExecutor) -> None:
        self.threads = [Thread(lambda unit: unit()), Thread(lambda unit: pool.submit(unit).result())]
        super().__init__(BUDGET_BYTES)
        self.dice = dice
        self.nodes._name = self.place
        self.database = self.clock = Catalogue(dice, self.place)
        self.cache.validity.log = self.cache.validity.revision = self.database
        self.steps_apart = 0
        self.stale: list[str] = []

    def place(self) -> str:
        return next(thread.place for thread in self.threads if thread.ident == threading.get_ident())

    async def run(self, unit: Callable[[], T]) -> T:
        return await self.run_on(self.threads[0], unit)

    async def run_on(self, thread: Thread, unit: Callable[[], T]) -> T:
        async with thread.free:
            await idle(self.dice)
            thread.place = thread.leads
            result: T = thread.call(unit)
            await idle(self.dice)
            thread.call(partial(self.tell_place, thread))
            await idle(self.dice)
            return result

    def tell_place(self, thread: Thread) -> None:
        if thread.told != thread.place or not self.nodes.known():
            thread.told = thread.place
            self.nodes.note()

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  ASGI's signature
        number, late = await self.run_on(self.dice.choice(self.threads), partial(self.read, scope["path"]))
        keys = keys_of(scope["path"], number)
        headers = [(b"surrogate-key", " ".join(keys).encode())] if keys else []
        await send({"type": "http.response.start", "status": self.dice.choice(STATUSES), "headers": headers})
        await idle(self.dice)
        await send({"type": "http.response.body", "body": b"%d %d" % (number, late)})

    def read(self, path: str) -> tuple[int, bool]:
        """What is there at this thread's server, and whether that is not the one that takes commits."""
        return self.database.shown()[0][path], self.place() != self.database.asked_at

    async def request(self) -> None:
        """Ask for something; what is older than this moment is noted, but for what the application itself read late."""
        path = self.dice.choice(PATHS)
        due = self.database.numbers[path]
        answer = await self.get(path)
        status = answer.header("cache-status") or ""
        if answer.status != 200:
            return
        number, late = map(int, answer.body.split())
        if number < due and (not late or status == "revision; hit"):
            self.stale.append(f"{path}: {number} instead of {due} ({status})")

    def connect(self) -> None:
        """The revision, or a thread, gets a new connection: to another server, or for some steps to one left behind."""
        thread = self.dice.choice((*self.threads, None))
        if thread is None:
            self.database.move()
        else:
            thread.leads = self.dice.choice((*self.database.left, self.database.asked_at))

    def recover(self) -> None:
        """All are at one server again, and the log stands."""
        for thread in self.threads:
            thread.leads = self.database.asked_at
        self.database.away = False
        if self.database.lacking:
            self.database.turn_triggers()

    def disturb(self) -> None:
        """What is rare."""
        self.steps_apart -= 1
        if self.steps_apart == 0:
            self.recover()
        elif self.dice.random() < 0.02:
            match self.dice.randrange(8):
                case 0:
                    self.database.turn_triggers()
                case 1:
                    self.database.away = not self.database.away
                case 2:
                    self.cache.validity.doubt()
                case 3:
                    self.database.floor = len(self.database.log)  # cut off
                case _:
                    self.connect()
            self.steps_apart = self.dice.randint(1, 20)


def keys_of(path: str, number: int) -> frozenset[str]:
    """What an answer depends on: which film it shows changes with its number. Empty: on everything."""
    return frozenset() if path == "/all" else frozenset((path[1:], f"film/{number % SHOWN}"))


async def idle(dice: random.Random) -> None:
    for _ in range(dice.choice((0, 0, 0, 1, 1, 2, 5))):
        await asyncio.sleep(0)


async def course(site: Busy, steps: int) -> None:
    """So many steps at random; what is asked for may last over many of them."""
    asking: list[asyncio.Task[None]] = []
    for _ in range(steps):
        chance = site.dice.random()
        if chance < 0.6:
            asking.append(asyncio.create_task(site.request()))
        elif chance < 0.68:
            site.database.commit_any()
        elif chance < 0.7:
            site.database.commit(logged=False)
        elif chance < 0.71 and asking:
            site.dice.choice(asking).cancel()
        site.disturb()
        await idle(site.dice)
        asking = [task for task in asking if not task.done()]
    await asyncio.gather(*asking, return_exceptions=True)


async def run_of(seed: int, steps: int) -> Busy:
    with ThreadPoolExecutor(1) as pool:
        site = Busy(random.Random(seed), pool)  # noqa: S311  a course to run again, not a secret
        await course(site, steps)
    return site


@pytest.mark.parametrize("seed", [3, 6, 20])
async def test_no_order_of_things_makes_a_stale_answer(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between them these seeds tell of every rule of the cache that was broken on purpose and mattered."""
    monkeypatch.setattr(cache_validity, "PAUSE_SECONDS", 0.0)
    site = await run_of(seed, STEPS)
    assert site.stale == []
    counts = site.cache.counts
    assert min(counts.hits, counts.misses, counts.bypasses) > STEPS // 50
