"""The hooks that this repository offers to others: their form, the files they are for, and commits they let through or refuse."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from dataflow.canonical import config_text
from package_files import pipe, write_file

REPOSITORY = Path(__file__).parents[1]
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text("utf-8"))}
# The directory of the interpreter that runs the tests has the command, as the environment of a hook would.
PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))


def test_the_hooks() -> None:
    assert list(HOOKS) == ["dataflow-validate", "dataflow-format"]
    keys = {"id", "name", "description", "entry", "language", "files", "pass_filenames"}
    assert all(hook.keys() == keys for hook in HOOKS.values())
    assert {(hook["language"], hook["pass_filenames"]) for hook in HOOKS.values()} == {("python", False)}


def test_an_installation_brings_the_command() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    assert {hook["entry"].split()[0] for hook in HOOKS.values()} <= project["scripts"].keys()


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ("pipes/a.conf.json", ["dataflow-validate", "dataflow-format"]),
        ("deep/package/systems/a.conf.json", ["dataflow-validate", "dataflow-format"]),
        ("expected/a.json", ["dataflow-validate", "dataflow-format"]),
        ("node-metadata.conf.json", ["dataflow-validate", "dataflow-format"]),
        ("testdata/a.json", ["dataflow-format"]),
        ("test-env.json", ["dataflow-validate"]),
        (".dataflow.json", ["dataflow-validate"]),
        ("package.json", []),
        ("src/mypipes/a.json", []),
        ("README.md", []),
    ],
)
def test_the_files_they_are_for(path: str, ids: list[str]) -> None:
    assert [name for name, hook in HOOKS.items() if re.search(hook["files"], path)] == ids


def git(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    known = {"PATH": PATH, "HOME": str(root), "XDG_CACHE_HOME": str(root / ".git"), "GIT_CONFIG_NOSYSTEM": "1"}
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    return subprocess.run(["git", *identity, *words], cwd=root, env=known, capture_output=True, text=True, check=False)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """One whose commits are looked at as pre-commit does it: a hook that changes a file has failed."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    assert git(tmp_path, "init", "--quiet").returncode == 0
    entries = "\n".join(hook["entry"] for hook in HOOKS.values())
    script = write_file(
        tmp_path / ".git" / "hooks" / "pre-commit", f"#!/bin/sh\nset -e\n{entries}\ngit diff --exit-code\n"
    )
    script.chmod(0o755)
    return tmp_path


def commit(root: Path) -> tuple[int, str]:
    git(root, "add", "pipes")
    done = git(root, "commit", "--quiet", "--message", "x")
    return done.returncode, done.stdout + done.stderr


def test_a_commit_of_what_is_right(repository: Path) -> None:
    write_file(repository / "pipes" / "a.conf.json", config_text(pipe("a")))
    code, said = commit(repository)
    assert code == 0, said
    assert git(repository, "ls-files").stdout == "pipes/a.conf.json\n"


def test_a_commit_of_what_is_wrong_is_refused(repository: Path) -> None:
    write_file(repository / "pipes" / "a.conf.json", config_text(pipe("a", {"type": "dataset", "dataset": "b"})))
    code, said = commit(repository)
    assert code == 1
    assert 'pipes/a.conf.json:6:16: error DF301: no pipe writes dataset "b"' in said
    assert git(repository, "log").returncode != 0


def test_a_commit_of_what_is_not_formatted_is_refused_once(repository: Path) -> None:
    path = write_file(repository / "pipes" / "a.conf.json", pipe("a", {"type": "embedded", "entities": [{"_id": "1"}]}))
    code, said = commit(repository)
    assert code == 1
    assert "formatted pipes/a.conf.json" in said
    assert path.read_text("utf-8").count("[{") == 1
    assert commit(repository)[0] == 0
