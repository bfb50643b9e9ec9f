"""What an import did, counted, and the rows that it could not take."""

from collections.abc import Iterator
from dataclasses import dataclass, field

LISTED = 20
"""Skipped rows that are named one by one; the rest are counted."""


@dataclass(kw_only=True)
class Report:
    """Counts of one run. `rows`, `repeats` and `skipped` are rows, `crumbs` are names, the others films.

    Every film of the file is one of `added`, `changed`, `unchanged` and `deleted`; `matched` are among the second pair.
    """

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    matched: int = 0
    repeats: int = 0
    crumbs: int = 0
    skipped: int = 0
    faults: list[str] = field(default_factory=list)

    def skip(self, row: int, fault: str) -> None:
        """Row number `row`, counted from 1, is left out because of `fault`."""
        self.skipped += 1
        if len(self.faults) < LISTED:
            self.faults.append(f"row {row}: {fault}")

    def complaints(self) -> Iterator[str]:
        """A line for each of the first skipped rows, and one for all others together."""
        yield from self.faults
        if self.skipped > len(self.faults):
            yield f"and {self.skipped - len(self.faults):,} more rows like these"

    def summary(self) -> str:
        """One line: the films first, then whatever else is not none."""
        films = f"{self.added:,} films added, {self.changed:,} changed, {self.unchanged:,} as they were"
        notes = {
            "stood here already, from elsewhere": self.matched,
            "deleted here before and left so": self.deleted,
            "rows joined with another of the same film": self.repeats,
            "crumbs left out of casts": self.crumbs,
            "rows skipped": self.skipped,
        }
        return "; ".join([f"{self.rows:,} rows: {films}", *(f"{n:,} {text}" for text, n in notes.items() if n)]) + "."
