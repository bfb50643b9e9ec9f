"""The scripts behind `make install` say in plain words what a machine lacks."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CI = Path(__file__).parents[1] / ".ci"


def script(path: Path, body: str) -> Path:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def run(folder: Path, name: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A copy of one of the scripts, where it may do no harm; programs in `folder/bin` come first."""
    (folder / ".ci").mkdir()
    shutil.copy(CI / name, folder / ".ci" / name)
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", f".ci/{name}", *words],
        check=False, cwd=folder, env={"PATH": path, **environment}, capture_output=True, text=True,
    )  # fmt: skip


def test_a_machine_without_python_is_told_so(tmp_path: Path) -> None:
    done = run(tmp_path, "install", PYTHON="no-such-python")
    assert done.returncode == 1
    assert "Python 3.11 to 3.14 is needed" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_a_python_that_is_too_old_is_not_taken(tmp_path: Path) -> None:
    old = script(tmp_path / "bin/old-python", "exit 1  # it is not between 3.11 and 3.14")
    assert "Python 3.11 to 3.14 is needed" in run(tmp_path, "install", PYTHON=str(old)).stderr


def test_a_python_that_makes_no_environments_names_the_missing_package(tmp_path: Path) -> None:
    bare = script(
        tmp_path / "bin/bare-python", 'case "$2" in *ensurepip*) exit 1;; *print*) echo python3.12;; *) exit 0;; esac'
    )
    done = run(tmp_path, "install", PYTHON=str(bare))
    assert done.returncode == 1
    assert "install the package python3.12-venv" in done.stderr


@pytest.mark.parametrize("user", [0, 1000])
def test_packages_that_cannot_be_installed_are_named_and_end_nothing(tmp_path: Path, user: int) -> None:
    script(tmp_path / "bin/id", f"echo {user}")
    script(tmp_path / "bin/dpkg-query", 'case "$3" in there) echo installed;; *) exit 1;; esac')
    script(tmp_path / "bin/apt-get", "echo no network >&2; exit 100")
    done = run(tmp_path, "packages", "there", "wrk")
    assert done.returncode == 0
    assert "wrk" in done.stderr
    assert "there" not in done.stderr


def test_only_missing_packages_are_installed(tmp_path: Path) -> None:
    script(tmp_path / "bin/id", "echo 0")
    script(tmp_path / "bin/dpkg-query", 'case "$3" in there) echo installed;; *) exit 1;; esac')
    script(tmp_path / "bin/apt-get", f'echo "$@" >> {tmp_path}/asked')
    assert run(tmp_path, "packages", "there", "wrk").returncode == 0
    asked = (tmp_path / "asked").read_text(encoding="utf-8").splitlines()
    assert len(asked) == 1
    assert asked[0].endswith(" wrk")
