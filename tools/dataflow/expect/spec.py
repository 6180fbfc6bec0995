"""Test specs: `expected/*.test.json`, one JSON object each, of which `{}` is a full one.

Rules and defaults: sesam-py 2.11.13, README "Test specification" and class `TestSpec`. Stricter here in one respect: a key that
sesam-py knows but whose value it would stumble over is reported as malformed with its place.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import Diagnostic, Severity, did_you_mean
from dataflow.errors import FindingsError
from dataflow.expect.compare import blacklist_pattern
from dataflow.source import escaped, read_json

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from dataflow.project import Project
    from dataflow.source import Document

FOLDER = "expected"
SUFFIX = ".test.json"

# Endpoints whose output is entities, compared as JSON; any other is a publisher, compared as bytes or as XML.
ENTITY_ENDPOINTS = frozenset({"json", "excel"})


@dataclass(frozen=True, slots=True)
class Spec:
    """One test spec with the defaults filled in. `path` and `file` are relative to the root of the package."""

    name: str
    pipe: str
    file: str
    path: str
    endpoint: str = "json"
    stage: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    blacklisted: re.Pattern[str] | None = None
    ignore: bool = False
    ignore_deletes: bool = True
    fields_to_sort_by: tuple[str, ...] = ("_id",)

    @property
    def compares_entities(self) -> bool:
        return self.endpoint in ENTITY_ENDPOINTS


# key -> what its value must be. The last four have no meaning but are accepted, as in every component of the platform.
KEYS: dict[str, str] = {
    "pipe": "a string",
    "file": "a string",
    "endpoint": "a string",
    "stage": "a string",
    "parameters": "an object",
    "blacklist": "a list of strings",
    "ignore": "true or false",
    "ignore_deletes": "true or false",
    "fields_to_sort_by": "a list of strings",
    "_id": "anything",
    "type": "anything",
    "description": "anything",
    "name": "anything",
}

_SHAPES: dict[str, Callable[[Any], bool]] = {
    "a string": lambda value: type(value) is str,
    "an object": lambda value: type(value) is dict,
    "true or false": lambda value: type(value) is bool,
    "a list of strings": lambda value: type(value) is list and all(type(item) is str for item in value),
    "anything": lambda _: True,
}

# sesam-py passes over a wrong value of these: a blacklist that is no list is none, and anything but true is false.
_PASSED_OVER = frozenset({"ignore", "ignore_deletes"})


def read_specs(root: Path) -> tuple[list[Spec], list[Diagnostic]]:
    """Every spec directly in `expected/`, in the order of the file names, and what is wrong or odd in them (DF601)."""
    specs: list[Spec] = []
    findings: list[Diagnostic] = []
    for path in sorted((root / FOLDER).glob("*" + SUFFIX)):
        try:
            document = read_json(path)
        except FindingsError as error:
            findings += [replace(fault, code="DF601") for fault in error.diagnostics]
            continue
        if type(document.value) is not dict:
            findings.append(document.diagnostic("DF601", "a test spec is one object", expected="{}"))
            continue
        findings += _malformed(document)
        if all(finding.file != document.file or finding.severity is not Severity.ERROR for finding in findings):
            specs.append(spec_of(path.name.removesuffix(SUFFIX), document.value))
    return specs, findings


def spec_of(stem: str, value: dict[str, Any]) -> Spec:
    """The spec in `expected/<stem>.test.json`, defaults filled in; `value` has no wrong types."""
    file = value.get("file", f"{stem}.json")
    blacklist = value.get("blacklist")
    return Spec(
        name=stem,
        pipe=value.get("pipe", stem),
        file=file if file.startswith(f"{FOLDER}/") else f"{FOLDER}/{file}",
        path=f"{FOLDER}/{stem}{SUFFIX}",
        endpoint=value.get("endpoint", "json"),
        stage=value.get("stage"),
        parameters=value.get("parameters") or {},
        blacklisted=blacklist_pattern(blacklist) if type(blacklist) is list else None,
        ignore=value.get("ignore", False) is True,
        ignore_deletes=value.get("ignore_deletes", True) is True,
        fields_to_sort_by=tuple(value.get("fields_to_sort_by", ("_id",))),
    )


def testable(project: Project) -> list[str]:
    """The pipes whose output can be compared: what leaves the node (sesam-py 2.11, `verify`)."""
    kinds = {pipe.id: pipe.kind for pipe in project.pipes.values() if pipe.sink.get("type") != "conditional"}
    return [pipe_id for pipe_id, kind in kinds.items() if kind in ("output", "endpoint")]


def faults(root: Path, spec: Spec, testable: Collection[str]) -> Iterator[Diagnostic]:
    """What keeps a well-formed spec from being used: DF602 and DF604; DF606 for one that does not need to be."""
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


def _malformed(document: Document) -> Iterator[Diagnostic]:
    for key, value in document.value.items():
        pointer = f"/{escaped(key)}"
        if key not in KEYS:
            yield document.diagnostic(
                "DF601",
                f'a test spec has no "{key}"; it is not used',
                pointer,
                severity=Severity.WARNING,
                expected=", ".join(KEYS),
                hint=did_you_mean(key, KEYS),
            )
        elif not _SHAPES[KEYS[key]](value):
            lenient = key in _PASSED_OVER or (key == "blacklist" and type(value) is not list)
            yield document.diagnostic(
                "DF601",
                f'"{key}" is not {KEYS[key]}' + ("; it does not count" if lenient else ""),
                pointer,
                severity=Severity.WARNING if lenient else Severity.ERROR,
                expected=KEYS[key],
            )
