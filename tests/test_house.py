"""The project keeps its house rules, and each rule is seen to fail on what breaks it."""

import json
import os
import re
import shutil
import subprocess
from importlib.metadata import distributions
from itertools import chain
from pathlib import Path
from typing import Annotated

import pytest
from django.core.management import get_commands
from msgspec import Meta, Struct, UnsetType

from catalog.api.webhooks import Webhook, WebhookChanges
from catalog.services.inputs import FilmChanges, PersonChanges
from catalog.values.resources import Cast, Film, Person
from server.config import command
from tests import house, readme

ROOT = Path(__file__).parents[1]
ROOMS_AND_WHAT_PEOPLE_EXPECT = {
    *("server", "moviedb", "catalog", "settings", "tests", "asgi.py", "pyproject.toml", "Procfile"),
    *("README.md", "CHANGELOG.md", "LICENSE", "Makefile", "Dockerfile", ".dockerignore", ".gitignore"),
    *("requirements.in", "requirements.txt", "requirements-dev.in", "requirements-dev.txt", "bench", "docs", ".ci"),
}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def files() -> list[str]:
    """What belongs to the project, by git's word; a copy without git has no such list."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("this is no git checkout, or the package git is missing")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        check=True, cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    return sorted({name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()})


def sources() -> dict[str, str]:
    """Every Python file of the project with its text."""
    return {name: text(name) for name in files() if name.endswith(".py")}


def own_sources() -> dict[str, str]:
    """The Python files that people maintain: no migrations, which Django writes."""
    return {name: source for name, source in sources().items() if "/migrations/" not in name}


def modules() -> dict[str, str]:
    """Source by dotted name, for the rooms that are imported."""
    found = {name: source for name, source in own_sources().items() if not name.startswith(("tests/", "bench/"))}
    return {name.removesuffix(".py").removesuffix("/__init__").replace("/", "."): found[name] for name in found}


def test_each_room_imports_only_what_it_may() -> None:
    assert not list(chain.from_iterable(house.import_faults(name, source) for name, source in own_sources().items()))


@pytest.mark.parametrize(
    "path, source, fault",
    [
        ("server/front.py", "from catalog.models import Film", "may not import catalog.models.Film"),
        ("catalog/api/movies.py", "from catalog.models import Film", "may not import catalog.models.Film"),
        ("catalog/api/movies.py", "import django", "may not know django"),
        ("catalog/api/http/problems.py", "from starlette.requests import Request", "may not know starlette"),
        ("catalog/values/queries.py", "from catalog.errors import Invalid", "may not import catalog.errors.Invalid"),
        ("catalog/selectors.py", "from catalog.api import params", "may not import catalog.api.params"),
        ("catalog/admin/films.py", "import catalog.api.app", "may not import catalog.api.app"),
        ("catalog/importers/wikipedia.py", "from server import executor", "may not import server.executor"),
        ("server/front.py", "from aiohttp import web", "may not know aiohttp.web"),
        ("server/app.py", "from django.conf import settings", "may not know django.conf.settings"),
        ("moviedb/pages.py", "import starlette.responses", "may not know starlette.responses"),
        ("moviedb/pages.py", "def page():\n    import json", "imports json inside a function"),
        ("moviedb/pages.py", "from . import urls", "a relative name"),
    ],
)
def test_an_import_between_the_wrong_rooms_is_seen(path: str, source: str, fault: str) -> None:
    assert any(fault in found for found in house.import_faults(path, source))


def test_a_right_import_is_no_fault() -> None:
    assert not list(house.import_faults("catalog/api/movies.py", "from aiohttp import web\nfrom catalog import values"))


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert house.cycle(modules()) == []


def test_a_circle_is_seen() -> None:
    circle = {"a": "from b import x", "b": "from c.d import y", "c.d": "import json, a"}
    assert house.cycle(circle) == ["a", "b", "c.d", "a"]


def test_modules_functions_and_parameter_lists_are_short() -> None:
    assert not list(chain.from_iterable(house.size_faults(name, source) for name, source in own_sources().items()))


@pytest.mark.parametrize(
    "source, fault",
    [
        ("x = 1\n" * 301, "has 301 lines"),
        ("def long():\n" + "    x = 1\n" * 40, "long has 41 lines"),
        ("def wide(a, b, c, d, e, f): ...\n", "wide has 6 positional parameters"),
    ],
)
def test_what_is_too_long_is_seen(source: str, fault: str) -> None:
    assert any(fault in found for found in house.size_faults("server/front.py", source))


def test_what_a_member_means_is_said_once() -> None:
    assert not list(house.twice_described(modules()))


def test_a_description_that_stands_twice_is_seen() -> None:
    twice = {"a": "Year = Annotated[int, Meta(description='Of release.')]", "b": "x: Meta(description='Of release.')"}
    assert list(house.twice_described(twice)) == ["'Of release.' stands at a:1 and b:1"]


@pytest.mark.parametrize("shown, written", [(Film, FilmChanges), (Person, PersonChanges), (Webhook, WebhookChanges)])
def test_answers_and_bodies_share_the_types_of_their_members(shown: type[Struct], written: type[Struct]) -> None:
    assert not list(house.differently_meant(shown, written))


def test_a_member_that_a_body_has_otherwise_is_seen() -> None:
    class Part(Struct):
        order: Annotated[int, Meta(ge=1)]

    class Shown(Struct):
        year: Annotated[int, Meta(ge=1870)] | None
        cast: list[Cast]

    class Written(Struct):
        year: Annotated[int, Meta(ge=1880)] | UnsetType | None
        cast: list[Part] | None

    told = ["year of Shown is not as Written has it", "cast.order of Cast is not as Part has it"]
    assert list(house.differently_meant(Shown, Written)) == told


def test_the_top_level_holds_the_rooms_and_what_people_expect() -> None:
    assert {name.split("/")[0] for name in files()} <= ROOMS_AND_WHAT_PEOPLE_EXPECT


def test_no_file_names_a_machine_or_a_package_index() -> None:
    plain = (name for name in files() if Path(name).suffix not in {".png", ".ico", ".jpg", ".gz"})
    assert not list(chain.from_iterable(house.machine_faults(name, text(name)) for name in plain))


@pytest.mark.parametrize("place", ["root", "home/ann", "tmp"])
def test_a_place_on_somebodys_machine_is_seen(place: str) -> None:
    assert list(house.machine_faults("README.md", f"see /{place}/films.json"))


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt", "bench/requirements.txt"])
def test_every_requirement_is_locked_with_hashes(lock: str) -> None:
    assert not list(house.lock_faults(lock, text(lock)))


@pytest.mark.parametrize("line", ["django>=5.2", "django==5.2.1", "--index-url=https://example.org"])
def test_a_requirement_without_version_or_hash_is_seen(line: str) -> None:
    assert list(house.lock_faults("requirements.txt", f"{line}\n"))


def test_every_extra_that_a_package_asks_for_is_locked() -> None:
    locks = text("requirements.txt") + text("requirements-dev.txt")
    asked = chain.from_iterable(each.requires or () for each in distributions())
    assert not list(house.extras_faults(locks, asked))


def test_an_extra_that_the_lock_leaves_out_is_seen() -> None:
    assert list(house.extras_faults("coverage==7.17.3 \\\n", ["coverage[toml]>=7.10.6"]))


def test_both_locks_agree_on_what_they_share() -> None:
    first, second = (
        dict(re.findall(r"^([a-z0-9-]+)(?:\[[a-z, ]+\])?==(\S+)", text(name), re.MULTILINE))
        for name in ("requirements.txt", "requirements-dev.txt")
    )
    assert {name: first[name] for name in first.keys() & second.keys()}.items() <= second.items()


def test_readme_has_the_table_of_settings() -> None:
    assert readme.with_table(readme.README.read_text(encoding="utf-8")) == readme.README.read_text(encoding="utf-8")


def test_a_stale_table_of_settings_is_seen() -> None:
    stale = f"# moviedb\n{readme.START}| old |\n{readme.END}\n"
    assert readme.with_table(stale) == f"# moviedb\n{readme.START}{readme.table()}{readme.END}\n"


def test_readme_names_only_targets_that_the_makefile_has() -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    assert set(re.findall(r"^    make ([a-z]+)", text("README.md"), re.MULTILINE)) <= targets


def test_readme_names_only_commands_that_there_are() -> None:
    named = set(re.findall(r"^    moviedb ([a-z]+)", text("README.md"), re.MULTILINE))
    assert named
    assert named <= {"help", *get_commands()}


def test_readme_shows_only_pictures_and_files_that_there_are() -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", text("README.md"))
    assert links
    assert all((ROOT / link).exists() for link in links)


def test_the_changelog_keeps_its_form() -> None:
    assert not list(house.changelog_faults(text("CHANGELOG.md")))


@pytest.mark.parametrize(
    "changelog",
    ["## [Unreleased]\n", "# Changelog\n## [0.1.0] - 2026-01-31\n", "# Changelog\n## [Unreleased]\n### News\n"],
)
def test_a_changelog_out_of_form_is_seen(changelog: str) -> None:
    assert list(house.changelog_faults(changelog))


def test_the_procfile_runs_the_servers_own_table_of_options() -> None:
    web, release = text("Procfile").splitlines()
    assert web == f"web: {command('asgi:application')}"
    assert release == "release: python -m moviedb release"


def instructions(name: str) -> list[tuple[str, str]]:
    """A Dockerfile's last stage, as instructions with their arguments."""
    joined = re.sub(r"\\\n\s*", " ", "\n".join(line for line in text(name).splitlines() if not line.startswith("#")))
    lines = [line.strip() for line in joined.split("\nFROM ")[-1].splitlines()[1:] if line.strip()]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def test_the_container_runs_the_procfiles_command_in_exec_form() -> None:
    shell = json.loads(dict(instructions("Dockerfile"))["CMD"])
    assert shell == ["sh", "-c", command("asgi:application")]


def test_the_container_is_nobody_special_and_keeps_its_data() -> None:
    last = dict(instructions("Dockerfile"))
    assert int(last["USER"]) > 0
    assert last["VOLUME"] == "/data"
    assert " DATA_DIR=/data " in f" {last['ENV']} "


def test_the_container_asks_the_server_itself_whether_it_lives() -> None:
    check = dict(instructions("Dockerfile"))["HEALTHCHECK"]
    program = json.loads(check.partition("CMD ")[2])
    assert program[:2] == ["python", "-c"]
    assert "'/livez'" in program[2]
    compile(program[2], "HEALTHCHECK", "exec")


def test_the_container_installs_by_hash_only() -> None:
    installs = re.findall(r"pip install (.*)", text("Dockerfile"))
    assert installs
    assert all("--require-hashes" in each for each in installs)


def test_continuous_integration_runs_checks_and_tests() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert text(".ci/run").splitlines()[-2:] == ["make check", "make test"]
