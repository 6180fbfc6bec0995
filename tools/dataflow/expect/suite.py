"""The suite as a whole: which specs there must be, what a replay says to each, and rewriting the expected files from one.

Rules: sesam-py 2.11.13, `verify` and `update` (commands "verify" and "update" of its README). Every output and endpoint pipe
needs a spec, unless there is no spec at all; a spec for any other pipe, or without its expected file, stops the suite before it
compares.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from dataflow.canonical import expected_text
from dataflow.diagnostics import Diagnostic, Severity, did_you_mean
from dataflow.dtl.transit import encode
from dataflow.errors import DataflowError, FindingsError
from dataflow.expect.compare import compare, updated
from dataflow.expect.diff import differences
from dataflow.expect.spec import FOLDER, read_specs, spec_of
from dataflow.results import Evidence, Result, Verdict
from dataflow.source import read_json, write_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from dataflow.dtl.values import Entity
    from dataflow.expect.spec import Spec

# How many differences are shown of one pipe; the rest is counted.
SHOWN = 10


class Replayed(Protocol):
    """What the suite asks of a node that has come to rest."""

    def entities(self, pipe_id: str, stage: str | None = None) -> Iterable[Entity]: ...


@dataclass(frozen=True)
class Suite:
    """The specs that count, the pipes they must cover, and what is odd but no failure."""

    root: Path
    specs: tuple[Spec, ...]
    pipes: tuple[str, ...]
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def uncovered(self) -> list[str]:
        """Pipes without a spec."""
        covered = {spec.pipe for spec in self.specs}
        return [pipe for pipe in self.pipes if pipe not in covered]


@dataclass(frozen=True, slots=True)
class Change:
    """What `update` did to one file: created, updated, removed, unchanged or skipped."""

    what: str
    path: str
    reason: str | None = field(default=None)


def load_suite(root: Path, testable: Collection[str], *, only: Collection[str] = (), updating: bool = False) -> Suite:
    """The suite of a package; `testable` are its output and endpoint pipes, `only` those to look at (none: all).

    Raises `FindingsError` with every malformed spec (DF601), and, unless the suite is about to be updated, every spec for a pipe
    that cannot be tested (DF604) and every missing expected file (DF602).
    """
    specs, findings = read_specs(root)
    if only:
        specs = [spec for spec in specs if spec.pipe in only]
    if not updating:
        for spec in specs:
            findings += _faults(root, spec, testable)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise FindingsError(findings)
    pipes = tuple(pipe for pipe in testable if not only or pipe in only)
    if not specs and pipes:
        message = "there is no test spec, so nothing is compared"
        hint = "`dataflow update` writes a spec and an expected file for each endpoint"
        findings.append(Diagnostic("DF603", message, file=FOLDER, severity=Severity.WARNING, hint=hint))
    return Suite(root, tuple(specs), pipes, tuple(findings))


def _faults(root: Path, spec: Spec, testable: Collection[str]) -> Iterator[Diagnostic]:
    if spec.pipe not in testable:
        message = f'"{spec.pipe}" is no output or endpoint pipe of this package'
        hint = did_you_mean(spec.pipe, testable) or "only a pipe without a dataset sink can be tested"
        yield Diagnostic("DF604", message, file=spec.path, expected=", ".join(sorted(testable)), hint=hint)
    there = (root / spec.file).is_file()
    if not spec.ignore and not there:
        hint = "`dataflow update` writes it from a replay; read it before you keep it"
        yield Diagnostic(
            "DF602", f'expected file "{spec.file}" is missing', file=spec.path, expected=spec.file, hint=hint
        )
    if spec.ignore and there:
        message = f'the spec says "ignore", but "{spec.file}" still stands there'
        yield Diagnostic("DF606", message, file=spec.path, severity=Severity.WARNING, hint="remove one of the two")


def verify(suite: Suite, node: Replayed) -> list[Result]:
    """One result per spec, in the order of the specs, then one per pipe that has none."""
    results = [_verified(suite.root, spec, node) for spec in suite.specs]
    if suite.specs:
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
        expected = _expected(root / spec.file, spec.file)
        comparison = compare(expected, _output(node, spec), spec)
    except FindingsError as error:
        return result(Verdict.FAIL, "; ".join(f"{fault.place}: {fault.message}" for fault in error.diagnostics))
    except DataflowError as error:
        return result(Verdict.FAIL, str(error))
    if comparison.equal:
        return result(Verdict.PASS)
    found = differences(comparison.expected, comparison.current)
    evidence = tuple(
        Evidence(spec.pipe, one.entity, one.pointer or None, one.expected, one.actual, one.kind.value)
        for one in islice(found, SHOWN)
    )
    return result(Verdict.FAIL, comparison.reason, evidence, rest=sum(1 for _ in found))


def _why_skipped(spec: Spec) -> str | None:
    if spec.ignore:
        return "the spec says ignore"
    if not spec.compares_entities:
        return f"the {spec.endpoint} publisher is not part of a replay yet"
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
    return _written(root, spec.file, expected_text(updated(_output(node, spec), spec)))


def _written(root: Path, file: str, text: str) -> Change:
    path = root / file
    existed = path.is_file()
    if existed and path.read_bytes() == text.encode("utf-8"):
        return Change("unchanged", file)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text)
    return Change("updated" if existed else "created", file)
