"""A package's `expected/` folder made by the test, and a node at rest that answers what the test says."""

from __future__ import annotations

import json

import pytest

from dataflow.errors import PumpFailed


class Rest:
    """Answers `entities` and `published` from a dict; a pipe that is not in it has failed."""

    def __init__(self, **outputs):
        self.outputs = {name.replace("_", "-"): entities for name, entities in outputs.items()}
        self.stages = []

    def entities(self, pipe_id, stage=None):
        self.stages.append(stage)
        if pipe_id not in self.outputs:
            raise PumpFailed(f"{pipe_id} has no output")
        return self.outputs[pipe_id]

    def published(self, pipe_id, endpoint, parameters):
        return self.entities(pipe_id, (endpoint, parameters))


@pytest.fixture
def expected(tmp_path, monkeypatch):
    """Writes files into `expected/`: `expected("a-out.json", [...])`; a text is written as it is. Gives the root back."""
    monkeypatch.chdir(tmp_path)

    def write(name=None, content=None):
        if name is not None:
            path = tmp_path / "expected" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(content if type(content) is str else json.dumps(content), "utf-8")
        return tmp_path

    return write
