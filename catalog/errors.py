"""What the catalogue's selectors and services raise. The API turns each into a problem, the commands into one line.

CatalogError
├── NotFound        nothing (published) stands under that id
├── Clash           the write would break a uniqueness rule; names the other row
└── Invalid         the values break a rule; carries all faults
"""

from dataclasses import dataclass


class CatalogError(Exception):
    """The root: whatever the catalogue itself refuses."""


class NotFound(CatalogError):
    """Nothing that the caller may see stands under that id."""


class Clash(CatalogError):
    """Another row already holds what must be unique."""

    def __init__(self, detail: str, *, other_id: int | None = None) -> None:
        super().__init__(detail)
        self.other_id = other_id


@dataclass(frozen=True)
class Fault:
    """One broken rule: a JSON pointer to the value, a code for programs, a sentence for people."""

    pointer: str
    code: str
    detail: str


class Invalid(CatalogError):
    """Values that break rules; `faults` holds every one of them."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults))
        self.faults = faults
