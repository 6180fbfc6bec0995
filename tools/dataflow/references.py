"""References: which datasets and systems the parts of a pipe name, and whether they exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import did_you_mean
from dataflow.effective import Part, every_part
from dataflow.source import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.diagnostics import Diagnostic
    from dataflow.project import Pipe, Project

# Datasets a node makes itself, such as "system:dead-letter:<pipe>" (node-semantics, section 1.4).
INTERNAL = "system:"

# What stands in the text of every component that looks into a dataset.
LOOKING_UP = ("hops", "lookup-entity", "share_dataset", "\\u")

_HOPPING = frozenset({"hops", "apply-hops", "lookup-entity"})
_UNEVALUATED = frozenset({"literal", "comment"})


@dataclass(frozen=True, slots=True)
class Reference:
    """A dataset or system named at `pointer`; `kind` is "source", "hop", "completeness", "read" or "write"."""

    name: str
    pointer: str
    kind: str


def hop_datasets(rules: Any, pointer: str = "") -> Iterator[Reference]:
    """The datasets that DTL rules look into, from their structure alone; pointers are relative to `rules`.

    hub/dtl/dtl-functions-hops.rst; a dataset is written "dataset alias".
    """
    if type(rules) is dict:
        for key, inner in rules.items():
            yield from hop_datasets(inner, f"{pointer}/{escaped(key)}")
    if type(rules) is not list or not rules:
        return
    head = rules[0]
    if type(head) is not str:
        head = ""
    if head in _UNEVALUATED:
        return
    if head == "lookup-entity" and len(rules) > 1 and type(rules[1]) is str:
        yield Reference(rules[1], f"{pointer}/1", "hop")
    for index, inner in enumerate(rules):
        if type(inner) not in (list, dict):
            continue
        here = f"{pointer}/{index}"
        if head in _HOPPING and type(inner) is dict:
            yield from _listed(inner.get("datasets"), f"{here}/datasets", "hop")
        # Most parts look nothing up, and to print one is faster than to go through it.
        text = str(inner)
        if any(name in text for name in _HOPPING):
            yield from hop_datasets(inner, here)


def source_datasets(source: Part) -> Iterator[Reference]:
    """The datasets a source reads; those of a merge are written "dataset alias" (configuration-sources-merge.rst)."""
    config = source.config
    if config.get("type") == "dataset":
        yield from _listed([config.get("dataset")], source.pointer, "source", step="dataset")
    elif config.get("type") in ("merge", "merge_datasets", "union_datasets", "diff_datasets"):
        yield from _listed(config.get("datasets"), f"{source.pointer}/datasets", "source")


def template_datasets(step: Part) -> Iterator[Reference]:
    """The dataset that a built-in template hops to (configuration-transforms-template.rst)."""
    properties = step.config.get("properties") if type(step.config) is dict else None
    if type(properties) is dict and step.config.get("type") == "template":
        yield from _listed([properties.get("share_dataset")], f"{step.pointer}/properties", "hop", step="share_dataset")


def awaited_datasets(source: Part, pipe: dict[str, Any]) -> Iterator[Reference]:
    """The datasets a pipe does not read but waits for (features/completeness-feature.rst, initial_datasets of sources)."""
    for name in ("initial_datasets", "completeness", "initial_completeness"):
        yield from _listed(source.config.get(name), f"{source.pointer}/{name}", "completeness")
    for name in ("exclude_completeness", "include_completeness"):
        yield from _listed(pipe.get(name), f"/{name}", "completeness")


def systems_used(config: dict[str, Any]) -> Iterator[tuple[Reference, Part]]:
    """The systems of a pipe, those of alternatives that do not take effect included.

    A source reads; a sink writes, and so does a transform that says it has side effects (configuration-transforms.rst).
    """
    for noun in ("source", "transform", "sink"):
        for part in every_part(Part(config.get(noun), f"/{noun}")):
            if type(part.config) is not dict:
                continue
            name, pointer = part.config.get("system"), f"{part.pointer}/system"
            properties = part.config.get("properties")
            if part.config.get("type") == "template" and type(properties) is dict:
                name, pointer = properties.get("rest_system"), f"{part.pointer}/properties/rest_system"
            if type(name) is str and "$ENV(" not in name:
                writes = noun == "sink" or (noun == "transform" and part.config.get("side_effects") is True)
                yield Reference(name, pointer, "write" if writes else "read"), part


def dangling(project: Project, unreadable: frozenset[str]) -> Iterator[Diagnostic]:
    """DF301, DF302 and DF304 for a whole package, and DF205 for operations that a system does not have.

    `unreadable` are ids of components whose files could not be read: they, and what they write, are taken on trust.
    """
    written: dict[str, Pipe] = {}
    for pipe in project.pipes.values():
        if pipe.writes is None:
            continue
        if pipe.writes in written:
            first = written[pipe.writes]
            yield pipe.document.diagnostic(
                "DF304",
                f'dataset "{pipe.writes}" is written by pipe "{first.id}" too',
                f"{pipe.sink_at}/dataset",
                hint="a dataset has one pipe that writes it; give one of the two another dataset",
            )
        written.setdefault(pipe.writes, pipe)
    letters = (pipe.pump.get("dead_letter_dataset") for pipe in project.pipes.values())
    known = {*written, *unreadable, *(name for name in letters if type(name) is str)}
    for pipe in project.pipes.values():
        for reference in pipe.datasets:
            if (
                reference.name not in known
                and not reference.name.startswith(INTERNAL)
                and "$ENV(" not in reference.name
            ):
                yield pipe.document.diagnostic(
                    "DF301",
                    f'no pipe writes dataset "{reference.name}"',
                    reference.pointer,
                    hint=did_you_mean(reference.name, known),
                )
        for reference, part in pipe.systems:
            if reference.name not in unreadable:
                yield from _system(project, pipe, reference, part)


def _system(project: Project, pipe: Pipe, reference: Reference, part: Part) -> Iterator[Diagnostic]:
    system = project.systems.get(reference.name)
    if system is None:
        message, hint = f'there is no system "{reference.name}"', did_you_mean(reference.name, project.systems)
        yield pipe.document.diagnostic("DF302", message, reference.pointer, hint=hint)
        return
    operation, own, shared = (
        part.config.get("operation"),
        part.config.get("operations"),
        system.config.get("operations"),
    )
    if part.config.get("type") != "rest" or type(operation) is not str or "{" in operation or "$ENV(" in operation:
        return
    operations = [*(own if type(own) is dict else ()), *(shared if type(shared) is dict else ())]
    if operation not in operations:
        yield pipe.document.diagnostic(
            "DF205",
            f'system "{system.id}" has no operation "{operation}"',
            f"{part.pointer}/operation",
            hint=did_you_mean(operation, operations),
        )


def _listed(names: Any, pointer: str, kind: str, step: str | None = None) -> Iterator[Reference]:
    for index, name in enumerate(names if type(names) is list else ()):
        if type(name) is str and name.split():
            yield Reference(name.split()[0], f"{pointer}/{step or index}", kind)
