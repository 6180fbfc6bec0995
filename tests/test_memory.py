from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dataflow import memory as module
from dataflow.diagnostics import Diagnostic, Severity
from dataflow.memory import VARIABLE, Memory
from dataflow.project import read_project
from package_files import dtl, pipe, write_package

if TYPE_CHECKING:
    from pathlib import Path

FINDINGS = [
    Diagnostic("DF412", "ø", pointer="/default/0", severity=Severity.WARNING, expected="a", hint="b"),
    Diagnostic("DF401", "x", pointer="/default/1"),
]


def test_what_is_kept_is_recalled_by_the_next_memory(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "memory.json"
    memory = Memory(path)
    key = memory.key({"default": []}, True)
    assert memory.recall(key) is None
    memory.keep(key, FINDINGS)
    memory.keep(memory.key("other"), [])
    memory.save()
    again = Memory(path)
    assert again.recall(key) == FINDINGS
    assert again.recall(again.key("other")) == []
    assert again.recall(again.key({"default": []}, False)) is None


def test_nothing_new_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "memory.json"
    Memory(path).save()
    assert not path.exists()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[",
        "[]",
        '{"a": 1}',
        '{"a": [{"code": "DF401"}]}',
        '{"a": [{"code": "DF000", "message": "", "severity": "error"}]}',
    ],
)
def test_a_file_that_is_no_memory_is_forgotten(tmp_path: Path, content: str) -> None:
    path = tmp_path / "memory.json"
    path.write_text(content, "utf-8")
    memory = Memory(path)
    assert memory.recall("a") is None
    memory.keep("a", FINDINGS)
    memory.save()
    assert Memory(path).recall("a") == FINDINGS


def test_a_memory_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    memory = Memory(tmp_path / "file" / "memory.json")
    memory.keep("a", FINDINGS)
    memory.save()


def test_what_was_not_asked_for_is_forgotten_once_it_is_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "memory.json"
    first = Memory(path)
    for number in range(4):
        first.keep(str(number), [])
    first.save()
    monkeypatch.setattr(module, "MOST", 3)
    second = Memory(path)
    second.recall("2")
    second.keep("new", [])
    second.save()
    assert set(json.loads(path.read_text("utf-8"))) == {"2", "new"}


def test_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def place() -> Any:
        return Memory.of_user()._path

    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert place().parent == tmp_path
    monkeypatch.setenv(VARIABLE, "")
    assert place() is None
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert place().parent == tmp_path / "cache" / "dataflow"
    assert place() == place()


def test_another_toolkit_has_another_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = module._fingerprint()
    for folder in ("dtl", "dtl/forms", "dtl/functions", "generate", "lineage", "rules", "schema"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.py").write_text("", "utf-8")
    monkeypatch.setattr(module, "__file__", str(tmp_path / "memory.py"))
    changed = module._fingerprint()
    (tmp_path / "dtl" / "forms" / "a.py").write_text("x = 1\n", "utf-8")
    assert len({before, changed, module._fingerprint()}) == 3


def test_a_package_read_with_a_memory_has_the_same_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_package(
        tmp_path, pipe("a", transform=dtl(["add", "x", ["uper", "_S.x"]])), pipe("b", transform=dtl(["copy", "*"]))
    )
    plain = read_project(tmp_path).diagnostics
    path = tmp_path / "memory.json"
    for _ in range(2):
        memory = Memory(path)
        project = read_project(tmp_path, memory=memory)
        memory.save()
        assert project.diagnostics == plain
        assert [step.compiled for one in project.pipes.values() for step in one.transforms] == [None, None]
    assert [one.code for one in plain] == ["DF401"]
    # Only what depends on the rules is remembered, not where they stand.
    moved = {"_id": "a", "type": "pipe", "name": "A", "source": {"type": "empty"}}
    write_package(tmp_path, {**moved, "transform": dtl(["add", "x", ["uper", "_S.x"]])})
    (again,) = read_project(tmp_path, memory=Memory(path)).diagnostics
    assert (again.pointer, again.line) == (plain[0].pointer, read_project(tmp_path).diagnostics[0].line)
