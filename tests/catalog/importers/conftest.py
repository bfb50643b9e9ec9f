import gzip
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.catalog.importers.rows import SHARED

Written = Callable[..., Path]
Imported = Callable[..., str]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Writes values as a JSON array, packed where `packed` says so, and gives the file."""

    def write(*values: Any, packed: bool = False) -> Path:
        path = tmp_path / "films.json"
        content = json.dumps(values).encode()
        path.write_bytes(gzip.compress(content) if packed else content)
        return path

    return write


@pytest.fixture
def imported(written: Written) -> Imported:
    """Imports values as one file and gives what the command says, standard output before standard error."""

    def run(*values: Any) -> str:
        out, err = StringIO(), StringIO()
        call_command("import", "wikipedia", str(written(*values)), stdout=out, stderr=err)
        return out.getvalue() + err.getvalue()

    return run


@pytest.fixture(scope="session")
def wikipedia_file() -> Path:
    """The whole of wikipedia-movie-data, where the machine has it."""
    path = SHARED / "wikipedia" / "movies.json.gz"
    if not path.exists():
        pytest.skip("the films of wikipedia-movie-data are not on this machine (../shared/data)")
    return path
