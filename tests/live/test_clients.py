"""Clients that generators make of the OpenAPI document list, search, create, change and delete films on a live site."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.__main__ import UNHINDERED, filled, new_token
from tests.live.site import ROOT, Place, Site
from tests.postgres import free_port

pytestmark = pytest.mark.live

CLIENTS = ROOT / "tests/live/clients"
NPM_SECONDS = 240


def done(*words: str | Path, folder: Path, **more: str) -> str:
    """What a program says that must end well."""
    finished = subprocess.run(
        words, check=False, cwd=folder, env={**os.environ, **more}, capture_output=True, text=True, timeout=NPM_SECONDS
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@pytest.fixture(scope="module")
def written(new_place: Any) -> Iterator[tuple[str, str]]:
    """The address of a site that may be written to, and a token for it."""
    place: Place = filled(new_place())
    with Site(place, port=free_port(), **UNHINDERED) as running:
        running.wait_until_ready()
        yield f"http://127.0.0.1:{running.port}", new_token(place)


@pytest.fixture
def generated(written: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The package that openapi-python-client makes, and a client of it."""
    address, token = written
    folder = tmp_path / "moviedb_client"
    words = ("generate", "--url", f"{address}/api/openapi.json", "--config", CLIENTS / "python.yml", "--meta", "none")
    program = Path(sys.executable).with_name("openapi-python-client")
    done(program, *words, "--output-path", folder, folder=tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    client = importlib.import_module("moviedb_client").AuthenticatedClient(base_url=address, token=token)
    yield client
    client.get_httpx_client().close()


def operation(name: str) -> Any:
    """The generated module of one of the films' operations."""
    return importlib.import_module(f"moviedb_client.api.movies.{name}")


def model(name: str) -> Any:
    return getattr(importlib.import_module("moviedb_client.models"), name)


def test_a_generated_python_client_does_what_films_need(generated: Any) -> None:
    films = operation("list_movies").sync(client=generated, limit=2, sort="-year")
    assert len(films.data) == 2
    found = operation("list_movies").sync(client=generated, q="seven samurai")
    assert found.data[0].year == 1954
    made = operation("create_movie").sync_detailed(
        client=generated, body=model("FilmInput")(title="Typed", published=True)
    )
    film_id, tag = str(made.parsed.id), made.headers["ETag"]
    change = {"client": generated, "id": film_id, "if_match": tag, "body": model("FilmChanges")(runtime=90)}
    assert operation("change_movie").sync(**change).runtime == 90
    assert operation("change_movie").sync_detailed(**change).status_code == 412
    assert operation("delete_movie").sync_detailed(client=generated, id=film_id).status_code == 204
    assert operation("get_movie").sync_detailed(client=generated, id=film_id).status_code == 410


@pytest.fixture
def typescript(tmp_path: Path) -> Path:
    """A folder with the client's sources and what npm brings."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("needs node and npm: Debian's packages are called nodejs and npm")
    for name in ("package.json", "use.ts"):
        shutil.copy(CLIENTS / name, tmp_path)
    brought = subprocess.run(
        ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"],
        check=False, cwd=tmp_path, capture_output=True, text=True, timeout=NPM_SECONDS,
    )  # fmt: skip
    if brought.returncode != 0:
        pytest.skip("npm could not bring openapi-typescript, openapi-fetch and typescript")
    return tmp_path


def test_a_generated_typescript_client_does_what_films_need(written: tuple[str, str], typescript: Path) -> None:
    address, token = written
    tools = typescript / "node_modules/.bin"
    done(tools / "openapi-typescript", f"{address}/api/openapi.json", "-o", "moviedb.d.ts", folder=typescript)
    options = ("--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck")
    declared = "declare const process: { env: Record<string, string> };\n"
    (typescript / "readme.ts").write_text(declared + shown("typescript"), encoding="utf-8")
    done(tools / "tsc", *options, "use.ts", "readme.ts", folder=typescript)
    assert done("node", "use.js", folder=typescript, MOVIEDB_URL=address, MOVIEDB_TOKEN=token) == "done\n"
    assert done("node", "readme.js", folder=typescript, MOVIEDB_URL=address) == "Seven Samurai\n"


def shown(language: str) -> str:
    """What README shows in a language."""
    found = re.search(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found, f"README shows no {language}"
    return found[1]


def test_what_readme_shows_in_python_walks_the_list(written: tuple[str, str], tmp_path: Path) -> None:
    printed = done(sys.executable, "-c", shown("python"), folder=tmp_path, MOVIEDB_URL=written[0]).splitlines()
    assert len(printed) > 20
    assert "1954 Seven Samurai" in printed


@pytest.mark.skipif(shutil.which("curl") is None, reason="the package curl is missing")
def test_what_readme_shows_for_the_shell_makes_a_film(written: tuple[str, str], tmp_path: Path) -> None:
    address, token = written
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"^    curl -X POST .*?'$", readme, re.DOTALL | re.MULTILINE)
    assert found, "README shows no writing"
    command = found[0].replace("http://127.0.0.1:8000", address).replace("curl ", "curl --silent ", 1)
    assert json.loads(done("sh", "-c", command, folder=tmp_path, TOKEN=token))["title"] == "Solaris"
