"""Why a database can not write: it has no room left, or is a standby. Each kind says it in its own way."""

import sqlite3

DISK_FULL = "53100"
"""PostgreSQL's SQLSTATE disk_full."""

READ_ONLY = "25006"
"""PostgreSQL's SQLSTATE read_only_sql_transaction: of a change that a standby is asked for."""


def out_of_space(error: BaseException | None) -> bool:
    """Whether an error, or any that it came from, says that the disk is full."""
    while error is not None:
        # The lower eight bits are the primary code; the others say what exactly could not be written.
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
            return True
        if getattr(error, "sqlstate", None) == DISK_FULL:
            return True
        error = error.__cause__
    return False


def only_reads(error: BaseException | None) -> bool:
    """Whether an error, or any that it came from, says that this server of the database takes no change."""
    while error is not None:
        if getattr(error, "sqlstate", None) == READ_ONLY:
            return True
        error = error.__cause__
    return False
