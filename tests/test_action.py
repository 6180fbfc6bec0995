"""The GitHub Action that this repository offers to others: its form, and its commands, run as a runner would."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from dataflow.canonical import config_text
from package_files import pipe, write_file

REPOSITORY = Path(__file__).parents[1]
FOLDER = REPOSITORY / ".github" / "actions" / "validate"
ACTION = yaml.safe_load((FOLDER / "action.yml").read_text("utf-8"))
STEPS = ACTION["runs"]["steps"]


def test_its_form() -> None:
    assert ACTION.keys() == {"name", "description", "inputs", "runs"}
    assert ACTION["runs"].keys() == {"using", "steps"}
    assert ACTION["runs"]["using"] == "composite"
    for name, given in ACTION["inputs"].items():
        assert re.fullmatch(r"[a-z-]+", name)
        assert given.keys() == {"description", "default"}
        assert type(given["default"]) is str
    for step in STEPS:
        assert ("run" in step) != ("uses" in step)
        assert ("run" in step) == ("shell" in step)
        assert step.keys() <= {"name", "uses", "with", "run", "shell", "env"}


def test_every_input_is_used_and_declared_and_never_part_of_a_command() -> None:
    used = set(re.findall(r"\$\{\{ inputs\.([a-z-]+) \}\}", str(STEPS)))
    assert used == ACTION["inputs"].keys()
    assert not any("${{" in step.get("run", "") for step in STEPS)


def test_what_is_installed_is_this_repository() -> None:
    (install,) = (step for step in STEPS if "pip" in step.get("run", ""))
    root = re.search(r'root="\$GITHUB_ACTION_PATH/([./]+)"', install["run"])
    assert root is not None
    assert (FOLDER / root[1]).resolve() == REPOSITORY
    for name in ("pyproject.toml", "tools/constraints.txt"):
        assert (REPOSITORY / name).is_file()


def validated(root: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The last step, with its variables filled in."""
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    given: dict[str, Any] = {name: one["default"] for name, one in ACTION["inputs"].items()} | inputs
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    known = {"PATH": path, "XDG_CACHE_HOME": str(root / ".cache")}
    for name, text in STEPS[-1]["env"].items():
        known[name] = re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda found: given[found[1]], text)
    # https://docs.github.com/en/actions/reference/workflow-syntax-for-github-actions: what "shell: bash" means.
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[-1]["run"]]
    return subprocess.run(command, cwd=root, env=known, capture_output=True, text=True, check=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_file(tmp_path / "node" / "pipes" / "a.conf.json", config_text(pipe("a")))
    return tmp_path


def test_a_package_that_is_right(root: Path) -> None:
    done = validated(root, directory="node")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_findings_are_told_beside_the_lines(root: Path) -> None:
    write_file(root / "node" / "pipes" / "a.conf.json", config_text(pipe("a", {"type": "dataset", "dataset": "b"})))
    done = validated(root, directory="node", sarif="found.sarif")
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=node/pipes/a.conf.json,line=6,col=16,title=DF301::no pipe writes")
    assert '"ruleId": "DF301"' in (root / "found.sarif").read_text("utf-8")


def test_warnings_count_when_they_should(root: Path) -> None:
    write_file(root / "node" / "pipes" / "a_b.conf.json", config_text(pipe("a_b")))
    assert validated(root, directory="node").returncode == 0
    assert validated(root, directory="node", strict="true").returncode == 1
    assert validated(root, directory="node", strict="true", ignore="DF861").returncode == 0


def test_a_wrong_input_is_another_failure_than_findings(root: Path) -> None:
    done = validated(root, directory="node", select="DF999", sarif="found.sarif")
    assert done.returncode == 2
    assert 'no rule fits "DF999"' in done.stderr


def test_an_input_is_never_a_command(root: Path) -> None:
    done = validated(root, directory="node$(touch made)")
    assert done.returncode == 2
    assert not (root / "made").exists()
