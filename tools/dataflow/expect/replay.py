"""A replay: the package's pipes run over its own testdata on the in-memory node until nothing changes any more."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataflow.errors import FindingsError
from dataflow.node.node import Node
from dataflow.node.testdata import load_testdata
from dataflow.project import find_root, load_project

if TYPE_CHECKING:
    from pathlib import Path

    from dataflow.project import Project


@dataclass(frozen=True)
class Replay:
    """A node at rest. `failures` are the pipes that did not do their work, each with the reason."""

    project: Project
    node: Node
    failures: dict[str, str]
    seconds: float


def testable(project: Project) -> list[str]:
    """The pipes whose output can be compared: what leaves the node (sesam-py 2.11, `verify`)."""
    return [pipe.id for pipe in project.pipes.values() if pipe.kind in ("output", "endpoint")]


def open_project(folder: Path | None, profile: str) -> Project:
    """The package that a folder (the current one when None) is in. Raises UsageError and FindingsError."""
    return load_project(find_root(folder), profile)


def replay(project: Project) -> Replay:
    """Run everything until it rests; a failing pipe is told in `failures` and stops no other.

    Raises FindingsError for faults in the test data, and when the run does not come to rest.
    """
    started = time.perf_counter()
    node = Node.from_project(project)
    if faults := load_testdata(node, project.root):
        raise FindingsError(faults)
    report = node.run()
    failures = {
        failure.pipe: f"entity {failure.entity}: {failure.message}" if failure.entity else failure.message
        for failure in report.failures
    }
    return Replay(project, node, failures, time.perf_counter() - started)
