"""A source is opened by what it holds, and says in one line why it cannot be."""

import gzip
import os
from io import BytesIO
from pathlib import Path

import pytest

from catalog.importers.source import SourceError, opened


def content(path: Path) -> bytes:
    with opened(str(path)) as source:
        return source.open().read()


def holding(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "films.json"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "data",
    [
        b"[1, 2]",
        gzip.compress(b"[1, 2]"),
        gzip.compress(b"[1,") + gzip.compress(b" 2]"),
        b"\xef\xbb\xbf[1, 2]",
        gzip.compress(b"\xef\xbb\xbf[1, 2]"),
    ],
    ids=["plain", "gzip", "gzip of two members", "byte order mark", "gzip with byte order mark"],
)
def test_content_is_the_same_however_it_is_packed(tmp_path: Path, data: bytes) -> None:
    assert content(holding(tmp_path, data)) == b"[1, 2]"


def test_a_source_can_be_read_twice(tmp_path: Path) -> None:
    with opened(str(holding(tmp_path, gzip.compress(b"[]")))) as source:
        assert [source.open().read(), source.open().read()] == [b"[]", b"[]"]


def test_content_comes_in_portions(tmp_path: Path) -> None:
    with opened(str(holding(tmp_path, gzip.compress(b"[1, 2]")))) as source:
        stream = source.open()
        assert [stream.read(2), stream.read(100), stream.read(100)] == [b"[1", b", 2]", b""]


def test_a_hyphen_is_standard_input() -> None:
    with opened("-", stdin=BytesIO(b"[1]")) as source:
        assert (source.name, source.open().read()) == ("Standard input", b"[1]")


def test_a_pipe_can_be_read_twice_too() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"[1]")
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe, opened("-", stdin=pipe) as source:
        assert [source.open().read(), source.open().read()] == [b"[1]", b"[1]"]


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"", "is empty"),
        (gzip.compress(b""), "is empty"),
        (gzip.compress(bytes(range(256)) * 50)[:-30], "is cut short: its gzip data end too early"),
        (gzip.compress(b"[1, 2]")[:-8] + b"\0" * 8, "is damaged: its gzip data cannot be unpacked"),
        (gzip.compress(b"[1, 2]") + b"more", "is damaged: its gzip data cannot be unpacked"),
    ],
    ids=["empty", "empty gzip", "cut short", "wrong checksum", "not gzip at the end"],
)
def test_what_cannot_be_unpacked_says_why(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=f"films.json {reason}"):
        content(holding(tmp_path, data))


def test_an_absent_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"absent.json cannot be opened: No such file or directory\.$"):
        content(tmp_path / "absent.json")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is a folder, not a file"):
        content(tmp_path)


def test_a_name_that_no_file_can_have_says_so() -> None:
    with pytest.raises(SourceError, match="is not the name of a file"):
        content(Path("a\0b"))


def test_a_file_that_the_disk_does_not_give_says_so(tmp_path: Path) -> None:
    """A file closed under the reader stands for any fault of the system's."""
    with opened(str(holding(tmp_path, b"[1, 2]"))) as source:
        stream = source.open()
        os.close(stream._stream.fileno())
        with pytest.raises(SourceError, match="cannot be read: Bad file descriptor"):
            stream.read()
        os.dup2(os.open(os.devnull, os.O_RDONLY), stream._stream.fileno())
