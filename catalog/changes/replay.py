"""How far a server of PostgreSQL must have come to show a write, told after the one and looked at before the other.

Servers count their log (WAL) in bytes, and a standby replays it in that order. That alone would do, but for a failover:
the new primary counts on from where it stood, so that the place of a write that it never got is soon another's. The
write's own row in the change log tells the two apart, wherever the timelines part.
"""

from django.db import Error, connection

from catalog.changes.dialect import one
from catalog.errors import Behind, Lost
from catalog.values.replication import WritePosition

LATEST_ROWS = 50
"""Among so many of the log's last rows that of a request is looked for: others commit between its COMMIT and this."""

MICROSECONDS = "(extract(epoch FROM at) * 1000000)::bigint"

WRITTEN = (
    "SELECT (lsn - '0/0')::bigint, ('x' || left(pg_walfile_name(lsn), 8))::bit(32)::int,"
    " coalesce(mark.id, 0), coalesce(mark.at, 0)"
    # What is flushed ends with a record, and so can be reached; what is inserted may end behind a page's header.
    " FROM (SELECT CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn()"
    " ELSE pg_current_wal_flush_lsn() END) AS here (lsn)"
    # By transaction: one that has been at work for minutes may have written a million rows, none of them visible yet.
    f" LEFT JOIN (SELECT id, {MICROSECONDS} AS at"
    f" FROM (SELECT id, xid, at, request_id FROM catalog_change ORDER BY xid DESC, id DESC LIMIT {LATEST_ROWS}) latest"
    " ORDER BY request_id IS NOT DISTINCT FROM %s DESC, xid DESC, id DESC LIMIT 1) mark ON true"
)

STANDING = (
    "SELECT pg_is_in_recovery(), CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
    " ELSE pg_current_wal_insert_lsn() END - '0/0' >= %s, (SELECT timeline_id FROM pg_control_checkpoint()) > %s"
)
"""Whether it is a standby, whether it has come so far, and whether its last checkpoint is of a later timeline."""

MARKED = f"SELECT 1 FROM catalog_change WHERE id = %s AND {MICROSECONDS} = %s"


def written(request_id: str) -> WritePosition | None:
    """The position after what this connection has committed last, in that request. One query.

    None where the database is one file, which is fresh for everybody; and where it cannot be told: what is written is
    written.
    """
    if connection.vendor != "postgresql":
        return None
    try:
        found = one(connection, WRITTEN, [request_id])
    except Error:
        return None
    return None if found is None else WritePosition(*found)


def must_show(position: WritePosition) -> None:
    """Nothing, where what is read here from now on shows that write; two queries.

    Raises Behind where a standby has yet to come so far, Lost where it never will, DatabaseError.
    """
    if connection.vendor != "postgresql":
        return
    standby, reached, later = one(connection, STANDING, [position.lsn, position.timeline]) or (True, False, False)
    if not reached:
        # On a later timeline, and not so far: that one has left the write's before the write.
        raise Behind("The replica has not got that far.") if standby and not later else Lost(LOST)
    # In a snapshot of its own: that of the first query may be older than what it was told.
    if position.row_id and one(connection, MARKED, [position.row_id, position.row_at]) is None:
        raise Lost(LOST)


LOST = (
    "The database does not have the write that Write-Position names: it was lost when another server took over, is of "
    "another database, or is too old to be told. Ask without Write-Position, and look."
)
