"""A full disk is told from other troubles of a database."""

import sqlite3
from pathlib import Path

import pytest

from catalog.services import out_of_space
from server.executor_units import away


def test_a_full_sqlite_is_known_through_what_was_raised_of_it(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "full.sqlite3")
    connection.execute("PRAGMA max_page_count = 2")
    connection.execute("CREATE TABLE t (x)")
    with pytest.raises(sqlite3.OperationalError) as raised:
        connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
    connection.close()
    assert out_of_space(away(raised.value))


def test_another_trouble_is_no_full_disk() -> None:
    assert not out_of_space(away(OSError("gone")))
