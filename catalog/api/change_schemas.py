"""What changes look like on the wire."""

from typing import Annotated

import msgspec
from msgspec import Meta

from catalog.api.schemas import Address
from catalog.values import ChangeKind
from catalog.values.members import Id
from catalog.values.resources import FilmSummary, PersonSummary

Position = Annotated[str, Meta(description="A place among the changes; opaque.")]
Version = Annotated[int, Meta(ge=0, description="Of two states of one film or person the one with more is the later.")]


class MovieChange(msgspec.Struct, frozen=True, tag_field="type", tag="movie"):
    """A film that has changed: its present state, or null where it is deleted or no longer published."""

    id: Id
    kind: ChangeKind
    version: Version
    data: FilmSummary | None


class PersonChange(msgspec.Struct, frozen=True, tag_field="type", tag="person"):
    """A person that has changed: the present state, or null where it is deleted."""

    id: Id
    kind: ChangeKind
    version: Version
    data: PersonSummary | None


class ChangesPage(msgspec.Struct, frozen=True):
    """The effective limit, the address to go on at, and whether something follows that is there already."""

    limit: Annotated[int, Meta(ge=1, le=10_000)]
    next: Address
    more: bool


class Changes(msgspec.Struct, frozen=True):
    """What has changed; `reset` says that anything may have, and that the catalogue must be read again."""

    data: list[MovieChange | PersonChange]
    reset: bool
    position: Position
    page: ChangesPage
