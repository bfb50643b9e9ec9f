"""The kept answers themselves: bounded in bytes, and each held against what has changed since it was looked at last."""

from collections import OrderedDict
from collections.abc import Set as AbstractSet

from server.cache_answer import EVERYTHING, Kept

ENTRY_PART = 8
"""No single answer takes more than this part of the budget."""

NOTES_PART = 16
NOTE_BYTES = 200
"""A surrogate key, the number of its change, and their place in a dictionary."""


class Shelf:
    """Kept answers by key, bounded in bytes; the least recently used goes first.

    Changes are numbered and noted under their surrogate keys. Nobody looks for the answers that a change concerns: each
    is held against the notes when it is asked for, once after a change, and goes if one of its keys has changed since.
    So a change costs no more than its own keys, and no index has to say who depends on what. The notes are bounded in
    two halves: when the later one is full, the earlier is forgotten, and with it what nobody has asked for meanwhile.
    """

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes = budget_bytes
        self.changes = 0
        self._notes_limit = budget_bytes // NOTES_PART // NOTE_BYTES // 2
        self._taken = 0
        self._entries: OrderedDict[bytes, Kept] = OrderedDict()
        self._notes: dict[bytes, int] = {}
        self._earlier: dict[bytes, int] = {}
        self._turned = self._forgotten = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: bytes) -> bool:
        """Whether there is an answer under `key`, be it outdated."""
        return key in self._entries

    @property
    def size(self) -> int:
        """Bytes that the answers, their keys and the notes take."""
        return self._taken + (len(self._notes) + len(self._earlier)) * NOTE_BYTES

    def get(self, key: bytes) -> Kept | None:
        """The answer under `key`, if it holds; it is now the most recently used."""
        kept = self._entries.get(key)
        if kept is None:
            return None
        if kept.checked != self.changes:
            if not self._unchanged(kept.keys, kept.checked):
                self._drop(key)
                return None
            kept.checked = self.changes
        self._entries.move_to_end(key)
        return kept

    def put(self, key: bytes, kept: Kept, since: int) -> bool:
        """Keep an answer whose data were read after so many changes; older ones make room.

        Whether it is kept: not if a later change concerns it, or if it is too large a part of the budget.
        """
        size = kept.size + len(key)
        if size > self.budget_bytes // ENTRY_PART or not self._unchanged(kept.keys, since):
            return False
        kept.checked = self.changes
        if key in self._entries:
            self._drop(key)
        self._entries[key] = kept
        self._taken += size
        self._make_room()
        return True

    def note(self, keys: AbstractSet[bytes]) -> None:
        """Something has changed that has these surrogate keys."""
        self.changes += 1
        if EVERYTHING in keys or len(keys) >= self._notes_limit:
            self._clear()
            return
        if len(self._notes) + len(keys) >= self._notes_limit:
            self._earlier, self._notes = self._notes, {}
            self._forgotten, self._turned = self._turned, self.changes - 1
        self._notes.update(dict.fromkeys((*keys, EVERYTHING), self.changes))
        self._make_room()

    def _unchanged(self, keys: bytes, since: int) -> bool:
        """Whether no change after that number has one of the keys."""
        if since == self.changes:
            return True
        if since < self._forgotten:
            return False
        later, earlier = self._notes.get, self._earlier.get
        return all(later(key, 0) <= since and earlier(key, 0) <= since for key in keys.split())

    def _clear(self) -> None:
        self._entries.clear()
        self._notes, self._earlier = {}, {}
        self._taken, self._turned, self._forgotten = 0, self.changes, self.changes

    def _make_room(self) -> None:
        room = self.budget_bytes - (len(self._notes) + len(self._earlier)) * NOTE_BYTES
        while self._taken > room and self._entries:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: bytes) -> None:
        if (kept := self._entries.pop(key, None)) is not None:
            self._taken -= kept.size + len(key)
