"""Rows that wait on the disk come back as they were, and a full disk is told."""

from pathlib import Path

import pytest

from catalog.api.http import spool
from catalog.api.http.spool import Spool, room
from catalog.errors import NoSpace


@pytest.mark.parametrize("held", [10, 1_000_000])
def test_rows_come_back_in_their_order_from_memory_and_from_the_disk(
    monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    monkeypatch.setattr(spool, "HELD_BYTES", held)
    rows = [b'{"title": "A"}', b"two\nlines", b"x" * 5000]
    waiting = Spool()
    for row in rows:
        waiting.add(row)
    assert list(waiting.rows()) == rows


def test_a_disk_without_room_is_told() -> None:
    with Path("/dev/full").open("wb", buffering=0) as full, pytest.raises(NoSpace), room():
        full.write(b"x")


def test_any_other_trouble_with_a_file_is_an_error() -> None:
    with pytest.raises(IsADirectoryError), room():
        Path("/").read_bytes()
