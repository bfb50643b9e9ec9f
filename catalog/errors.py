"""What the catalogue's selectors and services raise. The API turns each into a problem, the commands into one line.

CatalogError
├── NotFound        nothing (published) stands under that id
│   └── Gone        something did, until it was deleted not long ago
├── Moved           what stood under that id has been merged into another; names it
├── Unknown         the token is none of ours, or none that still holds
├── Forbidden       the token does not reach that far; names the scope
├── Stale           the row is not, or no longer, the version that the caller has
├── KeyInUse        a request with the same idempotency key is still running
├── KeyReused       the idempotency key belongs to another request
├── Behind          the replica that was asked has yet to replay what its answer must show
├── Lost            what an answer must show is not in the database
├── OnlyReads       the database takes no change here, on a standby
├── NoSpace         the database's disk is full
├── Clash           the write would break a uniqueness rule; names the other row
└── Invalid         the values break a rule; carries all faults
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """One broken rule: a JSON pointer to the value, a code for programs, a sentence for people."""

    pointer: str
    code: str
    detail: str


@dataclass(frozen=True)
class Form:
    """What is wrong with the form of an input, which the catalogue then judges without its faulty parts.

    places: by the pointer of a list that has lost items, the number that each item left had in the input.
    """

    faults: Sequence[Fault] = ()
    places: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def touches(self, pointer: str) -> bool:
        """Whether anything is wrong with the value at the pointer, or within it."""
        return any(below(each.pointer, pointer) for each in self.faults)

    def with_found(self, found: Iterable[Fault]) -> list[Fault]:
        """All faults by pointer: the form's, and those that the catalogue has found in what is left.

        What is said of a value that has lost a part may be wrong for just that reason, and is left out.
        """
        placed = (Fault(self.placed(each.pointer), each.code, each.detail) for each in found)
        added = [each for each in placed if not self.touches(each.pointer)]
        return sorted([*self.faults, *added], key=lambda fault: fault.pointer)

    def plus(self, found: Sequence[Fault]) -> "Form":
        """The same with these faults too."""
        return Form(self.with_found(found), self.places) if found else self

    def placed(self, pointer: str) -> str:
        """A pointer into what is left, as one into the input."""
        for at, numbers in self.places.items():
            if below(pointer, at) and pointer != at:
                number, slash, rest = pointer.removeprefix(f"{at}/").partition("/")
                return f"{at}/{numbers[int(number)]}{slash}{rest}"
        return pointer


SOUND = Form()


def below(pointer: str, other: str) -> bool:
    """Whether a JSON pointer is another, or leads into the value there."""
    return pointer == other or pointer.startswith(f"{other}/")


class CatalogError(Exception):
    """The root: whatever the catalogue itself refuses."""


class NotFound(CatalogError):
    """Nothing that the caller may see stands under that id."""


class Gone(NotFound):
    """It stood under that id and has been deleted."""


class Moved(CatalogError):
    """It has been merged into another, which stands under `new_id`."""

    def __init__(self, detail: str, *, new_id: int) -> None:
        super().__init__(detail)
        self.new_id = new_id


class Unknown(CatalogError):
    """A token that does not let its bearer in: unknown, expired or revoked."""


class Forbidden(CatalogError):
    """A token that lets its bearer in, but lacks `scope`."""

    def __init__(self, detail: str, *, scope: str) -> None:
        super().__init__(detail)
        self.scope = scope


class Stale(CatalogError):
    """The row has another version than the one that the caller wants to change."""


class KeyInUse(CatalogError):
    """A request with the same idempotency key is still being worked on."""


class KeyReused(CatalogError):
    """The idempotency key has been used for another request."""


class OnlyReads(CatalogError):
    """The database takes no change here: it is a standby, or is being made one. Its primary does."""


class Behind(CatalogError):
    """The server of the database has yet to replay the write that an answer must show. Ask again in a moment."""


class Lost(CatalogError):
    """The write that an answer must show is not in the database, and will not come."""


class NoSpace(CatalogError):
    """The database cannot write: its disk, or what it may use of it, is full."""


class Clash(CatalogError):
    """Another row already holds what must be unique; `faults` says which values of the caller's it concerns."""

    def __init__(self, detail: str, *, other_id: int | None = None, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail)
        self.other_id = other_id
        self.faults = faults


class Invalid(CatalogError):
    """Values that break rules; `faults` holds every one of them."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults))
        self.faults = faults
