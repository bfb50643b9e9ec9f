"""The examples of docs/bridge.md run, and say what they say."""

import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.server.bridge.serving import free_port, wait_until_it_listens

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "bridge.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
CLAIM = re.compile(r"# curl localhost:8000(\S+) → (.+)")


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_answers_as_it_says(example: str, tmp_path: Path) -> None:
    claim = CLAIM.match(example)
    assert claim
    (tmp_path / "example.py").write_text(example)
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "example:app", "--port", str(port), "--log-level", "warning"]
    with subprocess.Popen(command, cwd=tmp_path, env={"PYTHONPATH": f"{ROOT}:{tmp_path}"}) as server:
        wait_until_it_listens(port, server)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{claim[1]}", timeout=10) as answer:
            assert answer.read().decode() == claim[2]
        server.terminate()


def test_every_option_is_in_the_documents_table() -> None:
    for option in ("strip_root_path", "keep_server_headers", "problem", "runner_options"):
        assert f"| `{option}" in DOCUMENT
