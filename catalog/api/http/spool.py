"""Rows that wait on the disk: more of them than the memory should hold."""

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from catalog.errors import NoSpace

HELD_BYTES = 1_000_000
"""So many stay in memory; what is more goes to a file that nobody else sees."""

LENGTH_BYTES = 4


class Spool:
    """Rows in their order. It ends with the last who holds it: a unit may go on when its request has ended."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=HELD_BYTES)  # noqa: SIM115  closed in __del__

    def __del__(self) -> None:
        self._file.close()

    def add(self, row: bytes) -> None:
        """Raises NoSpace."""
        with room():
            self._file.write(len(row).to_bytes(LENGTH_BYTES) + row)

    def rows(self) -> Iterator[bytes]:
        """All rows, from the first. Raises NoSpace."""
        with room():
            self._file.seek(0)  # writes what is held back
        while length := self._file.read(LENGTH_BYTES):
            yield self._file.read(int.from_bytes(length))


@contextmanager
def room() -> Iterator[None]:
    """What is written here has room on the disk. Raises NoSpace where it has not."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise NoSpace("The disk for temporary files is full.") from error
