"""Whether a database has no room left, which each of them says in its own way."""

import sqlite3

DISK_FULL = "53100"
"""PostgreSQL's SQLSTATE disk_full."""


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
