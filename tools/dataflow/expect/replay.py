"""A replay: the package's pipes run over its own testdata on the in-memory node until nothing changes any more."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dataflow.diagnostics import Severity
from dataflow.expect.spec import testable
from dataflow.node.node import Node
from dataflow.node.testdata import FOLDER, load_testdata
from dataflow.project import find_root, read_project

if TYPE_CHECKING:
    from dataflow.diagnostics import Diagnostic
    from dataflow.project import Project


__all__ = ["Replay", "aside", "open_project", "replay", "testable"]


@dataclass(frozen=True)
class Replay:
    """A node at rest. `failures` are the pipes that did not do their work, each with the reason; `findings` tell where.

    `outside` are pipes with nothing wrong but that they reach where a replay does not, each with what they would need.
    """

    project: Project
    node: Node
    failures: dict[str, str]
    seconds: float
    findings: tuple[Diagnostic, ...] = ()
    outside: dict[str, str] = field(default_factory=dict)


def open_project(folder: Path | None, profile: str) -> Project:
    """The package that a folder (the current one when None) is in, whatever is wrong with it. Raises UsageError.

    Only what makes a pipe impossible counts in a replay, and only for that pipe; `dataflow validate` is there for the rest.
    """
    return read_project(find_root(folder), profile)


def aside(project: Project) -> list[Diagnostic]:
    """What was found in a package that stops no pipe, but that somebody who reads a replay needs to know: empty datasets."""
    return [
        replace(finding, severity=Severity.WARNING, message=f"{finding.message}; it is empty")
        for finding in project.diagnostics
        if finding.code == "DF301"
    ]


def replay(project: Project) -> Replay:
    """Run everything until it rests; a failing pipe is told in `failures` and stops no other.

    Raises FindingsError when the run does not come to rest.
    """
    started = time.perf_counter()
    node = Node.from_project(project)
    unusable = {pipe: f"{found.place}: {found.message}" for pipe, found in project.unusable.items()}
    found = [*project.unusable.values(), *load_testdata(node, project.root)]
    unusable |= {f"{FOLDER}/{Path(f.file or '').name}": f.message for f in found[len(unusable) :]}
    report = node.run()
    wrong = [failure for failure in report.failures if not failure.outside]
    failures = unusable | {
        failure.pipe: f"entity {failure.entity}: {failure.message}" if failure.entity else failure.message
        for failure in wrong
    }
    found += (diagnostic for failure in wrong for diagnostic in failure.diagnostics)
    outside = {failure.pipe: failure.message for failure in report.failures if failure.outside}
    return Replay(project, node, failures, time.perf_counter() - started, tuple(found), outside)
