"""What the answer to many rows looks like."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from catalog.errors import Fault
from catalog.values.members import Count, Id


class RowProblem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a row was not written, as any problem (RFC 9457) says it; pointers are relative to the row."""

    type: str
    title: str
    status: int
    detail: str
    errors: Sequence[Fault] = ()


class RowResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of one row: 201 made, 200 changed, otherwise the status of its problem."""

    row: Annotated[int, Meta(ge=0, description="Its number, from 0.")]
    status: int
    id: Id | None = None
    problem: RowProblem | None = None


class BulkAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of all rows, counted and each."""

    created: Count
    updated: Count
    failed: Count
    dry_run: bool
    rows: list[RowResult]
