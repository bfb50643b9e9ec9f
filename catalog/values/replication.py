"""What crosses rooms where a database has several servers."""

import msgspec


class WritePosition(msgspec.Struct, frozen=True):
    """Where a replicated database stands after a change, and a row of the change log that no other history has.

    lsn: bytes of its log; timeline: which PostgreSQL counts there. row_id, row_at: the row's id and time, in
    microseconds since 1970; 0 where the log is empty.
    """

    lsn: int
    timeline: int
    row_id: int
    row_at: int
