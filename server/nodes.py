"""Which of a replicated database's servers the executor's threads are connected to.

The revision speaks of one server. Where connections of one pool lead to several (a load balancer, a list of hosts, a
failover that some connections have not noticed), an answer may be made of another's older data: nothing may be kept.
"""

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)

UNKNOWN = "?"
"""The name of a server that did not tell its own: the same as no other's."""


def only_one() -> str:
    return ""


class Nodes:
    """The servers by name. `name` asks the one that the calling thread is connected to; it runs on that thread."""

    def __init__(self, name: Callable[[], str] = only_one) -> None:
        self.present: frozenset[str] = frozenset()
        """Another object after each change: who remembers it learns even of one that was undone."""
        self._name = name
        self._by_thread: dict[int, str] = {}
        self._lock = threading.Lock()

    def known(self) -> bool:
        """Whether the calling thread has told where it is connected, since all were asked last."""
        return threading.get_ident() in self._by_thread

    def note(self) -> None:
        """The calling thread has a new connection, or has not told where it is connected."""
        try:
            name = self._name()
        except Exception as error:  # noqa: BLE001  whatever it is, the unit that has opened the connection is done
            logger.warning("a server of the database does not tell its name: %s", error)
            name = UNKNOWN

        with self._lock:
            self._by_thread[threading.get_ident()] = name
            self._look()

    def forget(self) -> None:
        """The calling thread has closed its connection and opens no other."""
        with self._lock:
            self._by_thread.pop(threading.get_ident(), None)
            self._look()

    def ask_again(self) -> None:
        """Let every thread tell once more after its next unit: a pooler may have led its connection elsewhere."""
        with self._lock:
            self._by_thread = {}
            self._look()

    def _look(self) -> None:
        present = frozenset(self._by_thread.values())
        if present != self.present:
            self.present = present
