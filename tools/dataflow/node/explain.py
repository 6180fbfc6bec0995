"""Why an entity is what it is: the chain of entities through pipes, hops and merges back to what came in.

Nothing is recorded while a node runs. A pipe is asked again which entities of its source give the one in question, with datasets
that remember what the rules look at; what it gives now is what it gave, because a node at rest would write nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataflow import lineage
from dataflow.diagnostics import did_you_mean
from dataflow.dtl import paths
from dataflow.errors import DataflowError, UsageError
from dataflow.lineage.value import ANY
from dataflow.lineage.ways import Rule, backward, deciding, rule_at, rules
from dataflow.node.content import exported
from dataflow.node.sources.source import LogSource
from dataflow.node.watched import Watched
from dataflow.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dataflow.dtl.values import Entity
    from dataflow.lineage.ways import Way
    from dataflow.node.node import Node
    from dataflow.node.pipeline import Pipeline

RAW = frozenset({"embedded", "http_endpoint"})


@dataclass
class Link:
    """One entity on the way, made by `pipe`. `via` is how it was got at: "result", "source", "merge" or "hop".

    `value` is the entity, `properties` the paths of what was asked for in it. `rules` are those of the pipe that made it, or those
    that hop when the whole entity is asked for. `note` says why the chain ends here, or what is odd.
    """

    pipe: str
    entity: str
    via: str
    dataset: str | None = None
    value: Entity | None = None
    properties: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    note: str | None = None
    inputs: list[Link] = field(default_factory=list)


def explain(node: Node, pipe_id: str, entity_id: str, name: str | None = None) -> Link:
    """The chain behind an entity that a pipe gives, or behind one property of it.

    Raises UsageError for a pipe, entity or property that is not there, FindingsError for a broken pipe, and what a run raises.
    """
    entities = {str(entity.get("_id")): entity for entity in node.entities(pipe_id)}
    if entity_id not in entities:
        hint = did_you_mean(entity_id, entities) or (f"it has {len(entities)}, such as {next(iter(entities), '')!r}")
        raise UsageError(f'pipe {pipe_id} gives no entity "{entity_id}"; {hint}')
    names = () if name is None else tuple(key for key in entities[entity_id] if _is(key, name))
    if name is not None and not names:
        hint = did_you_mean(name, entities[entity_id]) or f"it has {', '.join(entities[entity_id])}"
        raise UsageError(f'entity "{entity_id}" of {pipe_id} has no property "{name}"; {hint}')
    return _Walk(node, whole=name is None).link(pipe_id, entity_id, "result", names)


def _is(key: str, name: str) -> bool:
    return key == name or key.rpartition(":")[2] == name


def value_at(entity: Entity, path: str) -> Any:
    """What an entity has at a path; of a list, what each of its elements has there."""
    value: Any = entity
    for name in paths.split(path) or ():
        if type(value) is list:
            value = [inner[name] for inner in value if type(inner) is dict and name in inner]
        else:
            value = value.get(name) if type(value) is dict else None
    return value


def _there(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The keys of a value that a path stands for; a name may stand for one of any namespace."""
    if not path:
        yield ()
        return
    if type(value) is list:
        yield from dict.fromkeys(found for inner in value for found in _there(inner, path))
        return
    any_namespace = path[0].startswith(ANY)
    for key in value if type(value) is dict else ():
        if key == path[0] or (any_namespace and key.rpartition(":")[2] == path[0].removeprefix(ANY)):
            yield from ((key, *inner) for inner in _there(value[key], path[1:]))


class _Walk:
    def __init__(self, node: Node, *, whole: bool) -> None:
        self._node = node
        self._whole = whole
        self._pipes = {pipe.id: pipe for pipe in node.pipes}
        self._lineage = lineage.of(Project(Path(), "", pipes=self._pipes))
        self._writers = {pipe.writes: pipe.id for pipe in node.pipes if pipe.writes is not None}
        self._told: set[tuple[str, str, tuple[str, ...]]] = set()

    def link(self, pipe_id: str, entity_id: str, via: str, names: tuple[str, ...]) -> Link:
        pipeline = self._node.pipeline(pipe_id)
        dataset = None if pipeline.sink is None else pipeline.sink.dataset
        value = None if dataset is None else dataset.newest(entity_id)
        if dataset is None:
            value = next((e for e in self._node.entities(pipe_id) if e.get("_id") == entity_id), None)
        link = Link(
            pipe_id, entity_id, via, dataset.id if dataset is not None else None, value and exported(value), names
        )
        if (pipe_id, entity_id, names) in self._told:
            link.note = "told above"
            return link
        self._told.add((pipe_id, entity_id, names))
        kind = pipeline.pipe.source.get("type")
        if kind in RAW or not isinstance(pipeline.source, LogSource):
            link.rules = self._rules(way for name in names for way in self._ways(pipe_id, name))
            link.note = "came in: " + ("posted to the pipe" if kind == "http_endpoint" else f"its source is {kind}")
            return link
        self._trace(link, pipeline, pipeline.source)
        return link

    def _trace(self, link: Link, pipeline: Pipeline, source: LogSource) -> None:
        ways = [way for name in link.properties for way in self._ways(pipeline.id, name)]
        found = list(self._makers(pipeline, link.entity))
        if not found:
            link.note = "nothing in its source gives this entity any more; its last version stays"
        for entity, met in found:
            for dataset_id, origin in source.origins(str(entity["_id"])):
                via = "source" if len(source.datasets) == 1 else "merge"
                self._descend(link, dataset_id, origin, via, self._present(dataset_id, origin, ways))
            for dataset_id, hopped in met:
                if self._whole or any(way.end.place.id == dataset_id for way in ways):
                    self._descend(link, dataset_id, hopped, "hop", self._present(dataset_id, hopped, ways))
        link.rules = self._rules(ways)
        if self._whole:
            looked_into = {dataset_id for _, met in found for dataset_id, _ in met}
            link.rules = tuple(dict.fromkeys(_hopping(pipeline, looked_into)))

    def _ways(self, pipe_id: str, path: str) -> list[Way]:
        """What a property is made of in what the pipe reads; where that is nothing of its source, what decides about it there."""
        node = self._lineage.target(pipe_id, path)
        ways = backward(self._lineage, node)
        source = self._node.pipeline(pipe_id).source.datasets or (pipe_id,)
        if not any(way.end.place.id in source for way in ways):
            ways += [way for way in deciding(self._lineage, node) if way.end.place.id in source]
        return ways

    def _rules(self, ways: Iterable[Way]) -> tuple[Rule, ...]:
        """The transforms on the ways, in their order in the file."""
        found = dict.fromkeys(rule for way in ways for rule in rules(way, self._pipes))
        return tuple(sorted((rule for rule in found if "/rules/" in rule.pointer), key=_in_file))

    def _descend(self, link: Link, dataset_id: str, entity_id: str, via: str, names: tuple[str, ...]) -> None:
        writer = self._writers.get(dataset_id)
        if writer is None:
            link.inputs.append(Link("", entity_id, via, dataset_id, note="no pipe writes this dataset"))
        elif self._node.is_broken(writer):
            link.inputs.append(Link(writer, entity_id, via, dataset_id, note="the pipe is broken"))
        else:
            link.inputs.append(self.link(writer, entity_id, via, names))

    def _present(self, dataset_id: str, entity_id: str, ways: list[Way]) -> tuple[str, ...]:
        """The paths of a stored entity that the ways lead to."""
        dataset = self._node.datasets.get(dataset_id)
        entity = None if dataset is None else dataset.newest(entity_id)
        ends = (way.end.path for way in ways if way.end.place.id == dataset_id and way.end.path)
        found = dict.fromkeys(there for end in ends for there in _there(entity, end))
        # Of a property that is wanted whole no part is told on its own.
        return tuple(lineage.shown(path) for path in found if not any(path[:n] in found for n in range(1, len(path))))

    def _makers(self, pipeline: Pipeline, entity_id: str) -> Iterator[tuple[Entity, list[tuple[str, str]]]]:
        """The source entities that give the entity, each with what the rules looked at; the one of the same id is tried first."""
        entities = list(pipeline.source.read())
        same = [entity for entity in entities if entity.get("_id") == entity_id]
        for entity in [*same, *(e for e in entities if e.get("_id") != entity_id)]:
            context = self._node.surroundings(pipeline.id)
            watched = Watched(context.datasets)
            context.datasets = watched
            try:
                outputs = pipeline.outputs(entity, context, preview=True)
            except DataflowError:
                continue
            if any(output.get("_id") == entity_id for output in outputs):
                yield entity, list(watched.met)
                if same:
                    return


def _in_file(rule: Rule) -> tuple[int, list[str]]:
    """Where a rule stands among those of its file; numbers within a pointer are put in their order."""
    return rule.line, [step.zfill(6) for step in rule.pointer.split("/")]


def _hopping(pipeline: Pipeline, datasets: set[str]) -> Iterator[Rule]:
    """The expressions that look into datasets."""
    for reference in pipeline.pipe.datasets:
        if reference.kind == "hop" and reference.name in datasets:
            yield rule_at(pipeline.pipe, reference.pointer.rpartition("/datasets")[0] or reference.pointer)
