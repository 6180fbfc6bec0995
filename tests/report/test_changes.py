from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from dataflow.report.changes import as_diff
from dataflow.rules.fixes import Fixed

BEFORE = {
    "a.json": '{\n  "b": 1,\n  "a": "\u2028 \\r"\n}\n',
    "b.json": "[1,\r\n2]",
    "c.json": "\ufeff[]\n",
}
AFTER = {
    "a.json": '{\n  "a": "\u2028 \\r",\n  "b": 1\n}\n',
    "b.json": "[1, 2]\n",
    "c.json": "[]\n",
}


@pytest.fixture
def changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Fixed]:
    monkeypatch.chdir(tmp_path)
    for name, text in BEFORE.items():
        Path(name).write_bytes(text.encode())
    return [Fixed(Path(name), BEFORE[name], AFTER[name], ()) for name in BEFORE]


def test_a_unified_diff(changes: list[Fixed]) -> None:
    assert as_diff(changes) == (
        "--- a/a.json\n+++ b/a.json\n@@ -1,4 +1,4 @@\n {\n"
        '-  "b": 1,\n-  "a": "\u2028 \\r"\n+  "a": "\u2028 \\r",\n+  "b": 1\n }\n'
        "--- a/b.json\n+++ b/b.json\n@@ -1,2 +1 @@\n-[1,\r\n-2]\n\\ No newline at end of file\n+[1, 2]\n"
        "--- a/c.json\n+++ b/c.json\n@@ -1 +1 @@\n-\ufeff[]\n+[]\n"
    )
    assert as_diff([]) == ""


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_git_can_apply_it(changes: list[Fixed]) -> None:
    diff = as_diff(changes).encode()
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=diff, check=True)
    assert {one.path.name: one.path.read_bytes().decode() for one in changes} == AFTER
