"""A package as rules see it: the project, and what is worked out from it once for all of them."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dataflow import graph
from dataflow.diagnostics import Severity
from dataflow.effective import Part, every_part
from dataflow.errors import FindingsError
from dataflow.rules.expressions import Call, calls
from dataflow.source import read_json, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dataflow.diagnostics import Diagnostic
    from dataflow.expect.spec import Spec
    from dataflow.graph import Graph
    from dataflow.pipe import Pipe
    from dataflow.project import Project, System
    from dataflow.source import Document

_PROFILE = "-env.json"
_Calls = tuple[dict[str, list[Call]], dict[tuple[int, str], list[Call]]]


class Package:
    """`project` is under one profile; the other profiles are in `profiles`. `only` are the pipes to look at, when not all."""

    def __init__(self, project: Project, only: Sequence[Pipe] | None = None) -> None:
        self.project = project
        self._only = only

    @property
    def pipes(self) -> Iterator[Pipe]:
        return iter(self.project.pipes.values() if self._only is None else self._only)

    @property
    def systems(self) -> Iterator[System]:
        return iter(self.project.systems.values())

    @property
    def unreadable(self) -> bool:
        """Whether a file of the package could not be used, so that what is missing may be in it."""
        return bool(self.project.unusable) or any(
            finding.code in ("DF101", "DF102", "DF105", "DF106", "DF108", "DF109") for finding in self.project.errors
        )

    def remembered(self, look: Callable[[], list[Diagnostic]], key: str) -> list[Diagnostic]:
        """What there is to say about something, remembered from the last time when there is a memory; without places."""
        memory = self.project.memory
        if memory is None:
            return look()
        found = memory.recall(key)
        if found is None:
            found = look()
            memory.keep(key, found)
        return found

    def fact(self, work_out: Callable[[], Any], key: str) -> Any:
        """A JSON value that is not null, remembered likewise."""
        memory = self.project.memory
        if memory is None:
            return work_out()
        known = memory.fact(key)
        if known is None:
            known = work_out()
            memory.keep_fact(key, known)
        return known

    def parts(self, pipe: Pipe) -> list[Part]:
        """Every source, transform and sink of a pipe, those of alternatives that do not take effect included."""
        return self._parts[pipe.id]

    @cached_property
    def _parts(self) -> dict[str, list[Part]]:
        return {
            pipe.id: [
                part
                for noun in ("source", "transform", "sink")
                for part in every_part(Part(pipe.original.get(noun), f"/{noun}"))
                if type(part.config) is dict
            ]
            for pipe in self.pipes
        }

    @cached_property
    def graph(self) -> Graph:
        return graph.build(self.project)

    @cached_property
    def profiles(self) -> dict[str, Document]:
        """The profiles that can be read, by name."""
        found: dict[str, Document] = {}
        for path in sorted(self.project.root.glob("*" + _PROFILE)):
            try:
                document = read_json(path, tolerant=True)
            except FindingsError:
                continue
            if type(document.value) is dict:
                found[path.name.removesuffix(_PROFILE)] = document
        return found

    def calls(self, pipe: Pipe, *names: str) -> Iterator[Call]:
        """The calls of these functions and transforms in a pipe, or all there are."""
        text = pipe.document.text
        if names and "\\u" not in text and not any(f'"{name}"' in text for name in names):
            return
        if names and pipe.id not in self._known_calls:
            key = pipe.id, names
            if key not in self._some_calls:
                self._some_calls[key] = list(calls(pipe, names))
            yield from self._some_calls[key]
            return
        by_name = self._calls(pipe)[0]
        for name in names or tuple(by_name):
            yield from by_name.get(name, ())

    def rules(self, pipe: Pipe) -> dict[tuple[int, str], list[Call]]:
        """The calls of a pipe by the number of the transform and the name of the rule they stand in."""
        return self._calls(pipe)[1]

    def _calls(self, pipe: Pipe) -> _Calls:
        found = self._known_calls.get(pipe.id)
        if found is None:
            by_name, by_rule = found = self._known_calls[pipe.id] = {}, {}
            for call in calls(pipe):
                by_name.setdefault(call.name, []).append(call)
                by_rule.setdefault((call.step, call.rule), []).append(call)
        return found

    @cached_property
    def _some_calls(self) -> dict[tuple[str, tuple[str, ...]], list[Call]]:
        return {}

    @cached_property
    def _known_calls(self) -> dict[str, _Calls]:
        return {}

    @cached_property
    def _specs(self) -> tuple[list[Spec], list[Diagnostic]]:
        from dataflow.expect.spec import FOLDER, read_specs

        return read_specs(self.project.root) if (self.project.root / FOLDER).is_dir() else ([], [])

    @property
    def specs(self) -> list[Spec]:
        """The test specs that can be read."""
        return self._specs[0]

    @property
    def malformed_specs(self) -> bool:
        """Whether there are others."""
        return any(finding.severity is Severity.ERROR for finding in self._specs[1])

    @cached_property
    def testable(self) -> list[str]:
        """The pipes whose output can be compared."""
        from dataflow.expect.spec import testable

        return testable(self.project)

    @cached_property
    def spec_findings(self) -> list[Diagnostic]:
        """What is wrong with the specs themselves, and with what they name."""
        from dataflow.expect.spec import faults

        specs, found = self._specs
        located = [fault for spec in specs for fault in faults(self.project.root, spec, self.testable)]
        return [*found, *(replace(fault, file=shown(self.project.root / str(fault.file))) for fault in located)]

    @cached_property
    def _writing(self) -> dict[str, list[Pipe]]:
        found: dict[str, list[Pipe]] = {}
        for pipe in self.pipes:
            if pipe.writes is not None:
                found.setdefault(pipe.writes, []).append(pipe)
        return found

    def writer(self, dataset: str, *, alone: bool = False) -> Pipe | None:
        """The pipe that writes a dataset: the first of several, or with `alone` none."""
        found = self._writing.get(dataset, [])
        return found[0] if found and (len(found) == 1 or not alone) else None

    @cached_property
    def takers(self) -> dict[str, list[Pipe]]:
        """Dataset -> the pipes that have it as their source."""
        found: dict[str, list[Pipe]] = {}
        for pipe in self.pipes:
            for dataset in pipe.reads:
                found.setdefault(dataset, []).append(pipe)
        return found

    @cached_property
    def shares(self) -> frozenset[str]:
        """The pipes that write to a system in their transforms, and look their own log up."""
        return frozenset(pipe.id for pipe in self.pipes if self._is_share(pipe))

    def _is_share(self, pipe: Pipe) -> bool:
        # What is sent has to come from a dataset: a pipe that registers webhooks, say, keeps a log of another kind.
        if pipe.writes is None or not pipe.reads:
            return False
        configs = [part.config for part in self.parts(pipe)]
        if any(config.get("template") == "transform-share-rest" for config in configs):
            return True
        return pipe.writes in pipe.hops and any(
            config.get("type") in ("rest", "http") and config.get("side_effects") is not False for config in configs
        )
