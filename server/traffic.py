"""What the front has answered since the start, in plain numbers; the cache counts its hits itself."""

from collections import Counter

from starlette.types import Scope

from server.histogram import Histogram

GROUPS = frozenset(("api", "admin", "static", "media"))
"""First parts of addresses that are counted apart; all others are `other`, since anybody can think of more."""

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


class Traffic:
    """Requests by group of addresses, method and status, and how long the answers took."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, str, int]] = Counter()
        self.durations = {group: Histogram() for group in (*GROUPS, "other")}
        self.not_modified = 0

    def note(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a request that an application has answered, or that was refused."""
        first = scope["path"].split("/", 2)[1:2]
        group = first[0] if first and first[0] in GROUPS else "other"
        method = scope["method"] if scope["method"] in METHODS else "other"
        self.requests[group, method, status] += 1
        self.durations[group].observe(seconds)
