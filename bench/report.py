"""The documents' tables and charts, made of a run's own JSON.

    python -m bench.report [FILE]

FILE, a complete run from bench/results/, becomes the run that is shown; without it the present one is shown anew.
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

from bench.charts import charts
from bench.environment import ROOT
from bench.results import KEPT, read, write
from bench.tables import pieces

DOCUMENTS = (ROOT / "docs" / "performance.md", ROOT / "README.md")
_MARK = re.compile(r"(<!-- bench: ([a-z ]+) -->\n).*?(<!-- /bench -->)", re.DOTALL)


def with_pieces(text: str, made: Mapping[str, str]) -> str:
    """A document with each marked piece as it should be.

    Raises ValueError for a mark that names nothing, or something that was not measured.
    """

    def piece(found: re.Match[str]) -> str:
        if not made.get(found[2]):
            raise ValueError(f"the run has nothing for the mark {found[2]!r}")
        return f"{found[1]}{made[found[2]]}{found[3]}"

    return _MARK.sub(piece, text)


def main() -> None:
    results = read(Path(sys.argv[1]) if sys.argv[1:] else KEPT)
    texts = {path: with_pieces(path.read_text(encoding="utf-8"), pieces(results)) for path in DOCUMENTS}
    texts |= {ROOT / "docs" / name: text for name, text in charts(results).items()}
    write(results, KEPT)
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
