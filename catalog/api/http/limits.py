"""Rate limits: how much a client may ask for, and the headers that say so (draft-ietf-httpapi-ratelimit-headers-10).

Reads count by address, writes by token. What the server's cache answers never comes here, and a 304 is given back.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import msgspec
from aiohttp import web

from catalog.api.http.authentication import Unauthorized, bearer_digest
from catalog.api.http.failures import Refusal
from catalog.api.http.operations import Operation
from catalog.services import allowances
from catalog.values.rates import Rate, Spent

KEYS_LIMIT = 20_000
"""Clients that are remembered; of more, those who have been longest without a request are forgotten."""

ALONE_SECONDS = 60.0
"""For so long a process that reads from a standby counts by itself; then it asks whether that is the primary by now."""

READ = "read"


class Owed(msgspec.Struct, frozen=True):
    """What a request is to be charged for: `read` or `write`, by whom, at which rate."""

    name: str
    key: str
    rate: Rate


SPENT: web.RequestKey[Spent] = web.RequestKey("spent", Spent)
OWED: web.RequestKey[Owed] = web.RequestKey("owed", Owed)


@dataclass
class Ledger:
    """Who has asked for how much, on the loop, where nothing comes between looking and writing.

    shared: whether the database keeps it, as it must where several processes serve one catalogue.
    alone_until: reads are counted here all the same until then, since a standby can keep nothing.
    """

    read: Rate | None = None
    write: Rate | None = None
    shared: bool = False
    clock: Callable[[], float] = time.monotonic
    full_at: dict[str, float] = field(default_factory=dict)
    given_back: dict[str, list[Spent]] = field(default_factory=dict)
    alone_until: float = 0.0

    def keeps(self, owed: Owed) -> bool:
        """Whether a request is counted here and not in the database."""
        return not self.shared or (owed.name == READ and self.clock() < self.alone_until)

    def charge(self, key: str, rate: Rate) -> Spent:
        """Take one request off what `key` may ask for, or refuse it."""
        now = self.clock()
        busy = max(self.full_at.pop(key, now) - now, 0.0)
        refused = busy + rate.part > rate.seconds + 1e-6
        if not refused:
            busy += rate.part
        self.full_at[key] = now + busy
        if len(self.full_at) > KEYS_LIMIT:
            del self.full_at[next(iter(self.full_at))]
        return Spent(rate, busy, refused)

    def give_back(self, owed: Owed, spent: Spent) -> None:
        """That request was none; in a shared ledger another of the same client will not be charged instead."""
        if not self.keeps(owed):
            self.given_back.setdefault(owed.key, []).append(spent)
            if len(self.given_back) > KEYS_LIMIT:
                del self.given_back[next(iter(self.given_back))]
            return
        if owed.key in self.full_at:
            self.full_at[owed.key] -= owed.rate.part


LEDGER: web.AppKey[Ledger] = web.AppKey("ledger", Ledger)


def owed_for(request: web.Request, ledger: Ledger, operation: Operation) -> Owed | None:
    """What a request is to be charged for; None where there is no limit."""
    if operation.method == "GET":
        return None if ledger.read is None else Owed(READ, f"read {request.remote}", ledger.read)
    return None if ledger.write is None else Owed("write", f"write {bearer(request)}", ledger.write)


def bearer(request: web.Request) -> str:
    """Whose writes a request counts with: the token's, or where it brings none that could be one, the address's."""
    try:
        return bearer_digest(request) or str(request.remote)
    except Unauthorized:
        return str(request.remote)


def charge(request: web.Request, operation: Operation) -> None:
    """Charge a request before it is looked at, or leave that to its hop. Raises Refusal with 429."""
    ledger = request.app[LEDGER]
    owed = owed_for(request, ledger, operation)
    if owed is None:
        return
    request[OWED] = owed
    if ledger.keeps(owed):
        charge_here(request, ledger, owed)


def charge_here(request: web.Request, ledger: Ledger, owed: Owed) -> None:
    """Charge a request in this process. Raises Refusal with 429."""
    spent = ledger.charge(owed.key, owed.rate)
    note(request, [spent])
    refuse(spent)


def charged_alone(request: web.Request) -> bool:
    """Charge a read here, and all that follow for a while, since the database is a standby; whether that may be.

    A write may not: whatever it is told must come from the primary. Raises Refusal with 429.
    """
    ledger, owed = request.app[LEDGER], request.get(OWED)
    if owed is None or owed.name != READ:
        return False
    ledger.alone_until = ledger.clock() + ALONE_SECONDS
    charge_here(request, ledger, owed)
    return True


def owed_in_hop(request: web.Request) -> Callable[[], Spent] | None:
    """What the hop of a request has to do first, in the executor and outside of any transaction; None for nothing."""
    ledger, owed = request.app[LEDGER], request.get(OWED)
    if owed is None or ledger.keeps(owed) or SPENT in request:
        return None
    if credit := ledger.given_back.get(owed.key):
        request[SPENT] = credit.pop()
        return None
    return partial(allowances.charge, owed.key, owed.rate)


def note(request: web.Request, receipts: Sequence[Spent]) -> None:
    """Remember what a request has left, for its answer."""
    if receipts:
        request[SPENT] = receipts[0]


def refuse(spent: Spent) -> None:
    """Raises Refusal with 429 where there was too little left."""
    if spent.refused:
        rate = spent.rate
        raise Refusal(
            429,
            f"At most {rate.quota} requests in {rate.seconds} seconds; ask again in {spent.retry_seconds}.",
            [("Retry-After", str(spent.retry_seconds))],
        )


def tell_rate(request: web.Request, response: web.StreamResponse) -> None:
    """Put what is left of a rate into the headers of an answer that was charged, before it begins.

    No signal of aiohttp's: an application that has one has all of its answers prepared twice as long.
    """
    spent = request.get(SPENT)
    if spent is None or response.prepared:
        return
    owed = request[OWED]
    left = spent.left
    if response.status == 304:
        request.app[LEDGER].give_back(owed, spent)
        left = min(left + 1, spent.rate.quota)
    response.headers["RateLimit-Policy"] = f'"{owed.name}";q={spent.rate.quota};w={spent.rate.seconds}'
    response.headers["RateLimit"] = f'"{owed.name}";r={left};t={spent.reset_seconds}'
