"""Opening what an importer reads: a file, or "-" for standard input; gzip or not, by its bytes and not by its name."""

import gzip
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class SourceError(Exception):
    """The file cannot be read as what it should be; the text is one line that names it and says why."""


class Content:
    """What a source holds, unpacked; every fault of file or packing leaves it as a SourceError."""

    def __init__(self, name: str, stream: "gzip.GzipFile | BinaryIO") -> None:
        self._name = name
        self._stream = stream
        start = self.read(len(BYTE_ORDER_MARK))
        if not start:
            raise SourceError(f"{name} is empty.")
        if start != BYTE_ORDER_MARK:
            stream.seek(0)

    def read(self, size: int = -1) -> bytes:
        """At most `size` further bytes, fewer only at the end; all that is left where `size` is negative."""
        try:
            return self._stream.read(size)
        except EOFError as error:
            raise SourceError(f"{self._name} is cut short: its gzip data end too early.") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise SourceError(f"{self._name} is damaged: its gzip data cannot be unpacked.") from error
        except OSError as error:
            raise SourceError(f"{self._name} cannot be read: {error.strerror or error}.") from error


class Source:
    """A file that can be read from its first byte as often as needed."""

    def __init__(self, name: str, raw: BinaryIO) -> None:
        self.name = name
        self._raw = raw

    def open(self) -> Content:
        """The content from its first byte: all members of a gzip file, and no byte order mark.

        Raises SourceError when there is none; its `read` does when gzip data are cut short or damaged.
        """
        self._raw.seek(0)
        packed = self._raw.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        self._raw.seek(0)
        return Content(self.name, gzip.GzipFile(fileobj=self._raw) if packed else self._raw)


@contextmanager
def opened(path: str, *, stdin: BinaryIO | None = None) -> Iterator[Source]:
    """The source at `path`, closed afterwards; "-" is standard input.

    What cannot be read twice, such as a pipe, is copied to a temporary file first. Raises SourceError when it is
    absent, a folder, or not ours to read.
    """
    with ExitStack() as stack:
        if path == "-":
            raw, name = stdin or sys.stdin.buffer, "Standard input"
        else:
            raw, name = stack.enter_context(_file(path)), path
        yield Source(name, raw if raw.seekable() else stack.enter_context(_copy(raw)))


def _file(path: str) -> BinaryIO:
    try:
        if Path(path).is_dir():
            raise SourceError(f"{path} is a folder, not a file.")
        return Path(path).open("rb")
    except OSError as error:
        raise SourceError(f"{path} cannot be opened: {error.strerror}.") from error
    except ValueError as error:
        raise SourceError(f"{path!r} is not the name of a file.") from error


def _copy(raw: BinaryIO) -> BinaryIO:
    copy = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
    shutil.copyfileobj(raw, copy)
    return cast(BinaryIO, copy)
