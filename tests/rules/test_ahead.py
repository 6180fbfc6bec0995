"""The first look at a large package by two processes."""

import os
from pathlib import Path

import pytest

from dataflow.memory import Memory
from dataflow.project import pipe_files, read_project
from dataflow.rules import ahead, validate

# The workers of pytest have threads, commands have none.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")

ROOT = Path(__file__).parents[2]
BROKEN = '{"_id": "broken", "type": "pipe", "source": {"type": "embedded", "entities": []}, "transform": {"type": "dtl", "rules": '
BROKEN += '{"default": [["add", "x", ["uper", "_S.x"]], ["add"]]}}}'


@pytest.fixture
def package(tmp_path):
    (tmp_path / "pipes").mkdir()
    for path in sorted(ROOT.glob("pipes/*.conf.json"))[:9]:
        (tmp_path / "pipes" / path.name).write_bytes(path.read_bytes())
    (tmp_path / "pipes/broken.conf.json").write_text(BROKEN, "utf-8")
    (tmp_path / "pipes/no-json.conf.json").write_text("{", "utf-8")
    (tmp_path / "test-env.json").write_bytes((ROOT / "test-env.json").read_bytes())
    return tmp_path


@pytest.fixture(autouse=True)
def two_processes(monkeypatch):
    monkeypatch.setattr(ahead, "LEAST", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def findings(root, memory):
    return validate(read_project(root, "test", memory=memory)).findings


def known(memory):
    return {key for key in memory.news if key.startswith("pipe ")}


def test_findings_are_the_same_and_every_pipe_is_remembered(package):
    memory = Memory(None)
    ahead.look_ahead(package, "test", memory)
    assert len(known(memory)) == len(pipe_files(package)) - 1, "all but the one that is no JSON"
    before = set(memory.news)
    expected = findings(package, Memory(None))
    assert {one.code for one in expected} >= {"DF102", "DF401"}
    assert findings(package, memory) == expected
    assert known(memory) <= before, "none was looked at again"


def test_what_the_other_process_does_not_tell_is_looked_at_as_ever(package, monkeypatch):
    look, parent = ahead._look, os.getpid()

    def only_here(*given):
        if os.getpid() != parent:
            raise RuntimeError("in the other process")
        look(*given)

    monkeypatch.setattr(ahead, "_look", only_here)
    memory = Memory(None)
    ahead.look_ahead(package, "test", memory)
    assert 0 < len(known(memory)) < len(pipe_files(package)) - 1
    assert findings(package, memory) == findings(package, Memory(None))


def test_a_package_that_is_known_is_not_looked_at_twice(package, monkeypatch):
    monkeypatch.setattr(ahead, "LEAST", 12)
    memory = Memory(None)
    ahead.look_ahead(package, "test", memory)
    assert not memory.news
