"""The suite as a whole: which specs there must be, what a replay says to each, and rewriting the expected files from one.

Rules: sesam-py 2.11.13, `verify` and `update` (commands "verify" and "update" of its README). Every output and endpoint pipe
needs a spec, unless there is no spec at all; a spec for any other pipe, or without its expected file, fails the suite. There that
is told before anything is compared; here such a spec fails alone, and the others are compared all the same.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from dataflow.canonical import expected_text
from dataflow.diagnostics import Diagnostic, Severity
from dataflow.dtl.transit import encode
from dataflow.errors import DataflowError, FindingsError, NotRunHere
from dataflow.expect.compare import compare, updated
from dataflow.expect.diff import Kind, differences
from dataflow.expect.publisher import difference, same_bytes
from dataflow.expect.spec import FOLDER, SUFFIX, faults, read_specs, spec_of
from dataflow.node.node import PUBLISHED
from dataflow.results import Evidence, Result, Verdict
from dataflow.source import read_json, write_bytes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from dataflow.dtl.values import Entity
    from dataflow.expect.spec import Spec

# How many differences are shown of one pipe; the rest is counted.
SHOWN = 10


class Replayed(Protocol):
    """What the suite asks of a node that has come to rest."""

    def entities(self, pipe_id: str, stage: str | None = None) -> Iterable[Entity]: ...

    def published(self, pipe_id: str, endpoint: str, parameters: Mapping[str, Any]) -> bytes: ...


@dataclass(frozen=True)
class Suite:
    """The specs that count, the pipes they must cover, and what is odd but no failure.

    `faults` are the specs that cannot be used, by name: the pipe each is for, as far as known, and what is wrong with it.
    """

    root: Path
    specs: tuple[Spec, ...]
    pipes: tuple[str, ...]
    warnings: tuple[Diagnostic, ...] = ()
    faults: dict[str, tuple[str, Diagnostic]] = field(default_factory=dict)

    @property
    def uncovered(self) -> list[str]:
        """Pipes without a spec."""
        covered = {spec.pipe for spec in self.specs} | {pipe for pipe, _ in self.faults.values()}
        return [pipe for pipe in self.pipes if pipe not in covered]


@dataclass(frozen=True, slots=True)
class Change:
    """What `update` did to one file: created, updated, removed, unchanged or skipped."""

    what: str
    path: str
    reason: str | None = field(default=None)


def load_suite(root: Path, testable: Collection[str], *, only: Collection[str] = (), updating: bool = False) -> Suite:
    """The suite of a package; `testable` are its output and endpoint pipes, `only` those to look at (none: all).

    In `faults` are malformed specs (DF601), those for a pipe that cannot be tested (DF604) and those whose expected file is missing
    (DF602). When the suite is about to be updated only the first kind matters, and raises `FindingsError`.
    """
    specs, findings = read_specs(root)
    if only:
        specs = [spec for spec in specs if spec.pipe in only]
    pipes_of = {_stem(finding): _stem(finding) for finding in findings} | {spec.name: spec.pipe for spec in specs}
    if updating and any(finding.severity is Severity.ERROR for finding in findings):
        raise FindingsError(findings)
    if not updating:
        for spec in specs:
            findings += faults(root, spec, testable)
    unusable = {_stem(f): (pipes_of[_stem(f)], f) for f in findings if f.severity is Severity.ERROR}
    specs = [spec for spec in specs if spec.name not in unusable]
    findings = [finding for finding in findings if finding.severity is not Severity.ERROR]
    pipes = tuple(pipe for pipe in testable if not only or pipe in only)
    if not specs and not unusable and pipes:
        message = "there is no test spec, so nothing is compared"
        hint = "`dataflow update` writes a spec and an expected file for each endpoint"
        findings.append(Diagnostic("DF603", message, file=FOLDER, severity=Severity.WARNING, hint=hint))
    return Suite(root, tuple(specs), pipes, tuple(findings), unusable)


def _stem(finding: Diagnostic) -> str:
    """The name of the spec a finding is about."""
    return (finding.file or "").rpartition("/")[2].removesuffix(SUFFIX)


def verify(suite: Suite, node: Replayed) -> list[Result]:
    """One result per spec, in the order of the specs, then one per spec that cannot be used and per pipe that has none."""
    results = [_verified(suite.root, spec, node) for spec in suite.specs]
    results += [
        Result(
            id=f"expect:{name}",
            title=f"{pipe} as in {FOLDER}/{name}{SUFFIX}",
            verdict=Verdict.FAIL,
            reason=f"{fault.message} ({fault.code})",
            group=pipe,
        )
        for name, (pipe, fault) in suite.faults.items()
    ]
    if suite.specs or suite.faults:
        results += [
            Result(
                id=f"expect:{pipe}",
                title=f"{pipe} has a test spec",
                verdict=Verdict.FAIL,
                reason=f"no spec in {FOLDER}/ names this pipe (DF603); `dataflow update` writes one",
                group=pipe,
            )
            for pipe in suite.uncovered
        ]
    return results


def _verified(root: Path, spec: Spec, node: Replayed) -> Result:
    started = time.perf_counter()

    def result(
        verdict: Verdict, reason: str | None = None, evidence: tuple[Evidence, ...] = (), rest: int = 0
    ) -> Result:
        return Result(
            id=f"expect:{spec.name}",
            title=f"{spec.pipe} as in {spec.file}",
            verdict=verdict,
            reason=reason,
            evidence=evidence,
            seconds=time.perf_counter() - started,
            group=spec.pipe,
            properties={"spec": spec.path, "expected": spec.file, "differences_not_shown": rest},
        )

    if reason := _why_skipped(spec):
        return result(Verdict.SKIP, reason)
    try:
        if not spec.compares_entities:
            current, wanted = node.published(spec.pipe, spec.endpoint, spec.parameters), (root / spec.file).read_bytes()
            if same_bytes(spec.endpoint, wanted, current):
                return result(Verdict.PASS)
            line, left, right = difference(wanted, current)
            found = Evidence(spec.pipe, f"line {line}", None, left, right, Kind.CHANGED.value)
            return result(Verdict.FAIL, "content differs", (found,))
        expected = _expected(root / spec.file, spec.file)
        comparison = compare(expected, _output(node, spec), spec)
    except NotRunHere as error:
        return result(Verdict.SKIP, str(error))
    except FindingsError as error:
        return result(Verdict.FAIL, "; ".join(f"{fault.place}: {fault.message}" for fault in error.diagnostics))
    except DataflowError as error:
        return result(Verdict.FAIL, str(error))
    if comparison.equal:
        return result(Verdict.PASS)
    differing = differences(comparison.expected, comparison.current)
    evidence = tuple(
        Evidence(spec.pipe, one.entity, one.pointer or None, one.expected, one.actual, one.kind.value)
        for one in islice(differing, SHOWN)
    )
    return result(Verdict.FAIL, comparison.reason, evidence, rest=sum(1 for _ in differing))


def _why_skipped(spec: Spec) -> str | None:
    if spec.ignore:
        return "the spec says ignore"
    if not spec.compares_entities and spec.endpoint not in PUBLISHED:
        return f"this node publishes no {spec.endpoint}, only {', '.join(PUBLISHED)}"
    return None


def _output(node: Replayed, spec: Spec) -> list[dict[str, Any]]:
    return [encode(entity) for entity in node.entities(spec.pipe, spec.stage)]


def _expected(path: Path, file: str) -> list[dict[str, Any]]:
    """The entities of an expected file, exactly as written: floats stay floats, transit strings stay text."""
    value = read_json(path).value
    if type(value) is not list or any(type(entity) is not dict for entity in value):
        raise DataflowError(f"{file} is not an array of entities")
    return value


def rewrite(suite: Suite, node: Replayed, *, testable: Collection[str]) -> list[Change]:
    """Bring `expected/` in line with a replay, as sesam-py's `update` does; raises `Incomparable` for output without an order."""
    changes: list[Change] = []
    for spec in suite.specs:
        if spec.pipe in testable:
            changes.append(_rewritten(suite.root, spec, node))
        elif not spec.ignore:
            # The expected file stays, as with sesam-py: another spec may name it.
            (suite.root / spec.path).unlink()
            changes.append(Change("removed", spec.path, f"no output or endpoint pipe {spec.pipe}"))
    for pipe in suite.uncovered:
        spec = spec_of(pipe, {})
        changes.append(_written(suite.root, spec.path, "{\n}"))
        changes.append(_rewritten(suite.root, spec, node))
    return changes


def _rewritten(root: Path, spec: Spec, node: Replayed) -> Change:
    path = root / spec.file
    if spec.ignore:
        if not path.is_file():
            return Change("skipped", spec.file, "the spec says ignore")
        path.unlink()
        return Change("removed", spec.file, "the spec says ignore")
    if reason := _why_skipped(spec):
        return Change("skipped", spec.file, reason)
    if not spec.compares_entities:
        return _written(root, spec.file, node.published(spec.pipe, spec.endpoint, spec.parameters))
    return _written(root, spec.file, expected_text(updated(_output(node, spec), spec)))


def _written(root: Path, file: str, content: str | bytes) -> Change:
    path = root / file
    existed = path.is_file()
    content = content.encode("utf-8") if isinstance(content, str) else content
    if existed and path.read_bytes() == content:
        return Change("unchanged", file)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, content)
    return Change("updated" if existed else "created", file)
