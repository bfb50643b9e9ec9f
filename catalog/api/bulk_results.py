"""What came of many rows, told as it comes: only counts, the first faults and compressed JSON are held."""

import zlib
from collections.abc import Iterable, Iterator

import msgspec

from catalog.api.bulk_schemas import BulkAnswer, RowResult
from catalog.errors import Fault

FAULT_LIMIT = 100
PIECE_BYTES = 65_536
LEVEL = 1
"""Rows are much alike: the fastest level leaves a twentieth of them."""

END = b"]}"


class Told(msgspec.Struct, frozen=True):
    """An answer: its status, what stands before the rows, the rows compressed, and how long it is in all."""

    status: int
    head: bytes
    rows: bytes
    length: int

    def pieces(self) -> Iterator[bytes]:
        """The body, piece by piece."""
        yield self.head
        opened = zlib.decompressobj()
        rest = self.rows
        while rest:
            yield opened.decompress(rest, PIECE_BYTES)
            rest = opened.unconsumed_tail
        yield opened.flush() + END


class Results:
    """The results of rows so far. A fault is told under the number of its row."""

    def __init__(self) -> None:
        self.created = self.updated = self.failed = 0
        self.faults: list[Fault] = []
        self._packer = zlib.compressobj(LEVEL)
        self._packed: list[bytes] = []
        self._length = 0

    @property
    def count(self) -> int:
        """How many rows there are results of."""
        return self.created + self.updated + self.failed

    def with_more(self, results: Iterable[RowResult]) -> "Results":
        """These and more, as others: what a transaction adds that fails is not here."""
        grown = Results()
        grown.created, grown.updated, grown.failed = self.created, self.updated, self.failed
        grown.faults, grown._packed = [*self.faults], [*self._packed]
        grown._packer, grown._length = self._packer.copy(), self._length
        for result in results:
            grown._add(result)
        return grown

    def _add(self, result: RowResult) -> None:
        text = (b"," if self.count else b"") + msgspec.json.encode(result)
        self._length += len(text)
        if packed := self._packer.compress(text):
            self._packed.append(packed)
        self.created += result.status == 201
        self.updated += result.status == 200
        self.failed += result.problem is not None
        if len(self.faults) < FAULT_LIMIT:
            self.faults += faults_of(result)

    def told(self, *, dry_run: bool) -> Told:
        """The answer: 200, or 207 where a row has failed."""
        answer = BulkAnswer(created=self.created, updated=self.updated, failed=self.failed, dry_run=dry_run, rows=[])
        head = msgspec.json.encode(answer).removesuffix(END)
        rows = b"".join(self._packed) + self._packer.copy().flush()
        return Told(207 if self.failed else 200, head, rows, len(head) + self._length + len(END))


def faults_of(result: RowResult) -> Iterator[Fault]:
    """The faults of a row, each under the row's number."""
    if result.problem is not None:
        own = result.problem.errors or [Fault("#", result.problem.type.rpartition("/")[2], result.problem.detail)]
        for fault in own:
            yield Fault(f"#/{result.row}{fault.pointer.removeprefix('#')}", fault.code, fault.detail)
