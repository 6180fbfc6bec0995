"""Why an entity is what it is: the chain of entities through pipes, hops and merges back to what came in.

Nothing is recorded while a node runs. A pipe is asked again which entities of its source give the one in question, with datasets
that remember what the rules look at; what it gives now is what it gave, because a node at rest would write nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dataflow.diagnostics import did_you_mean
from dataflow.errors import DataflowError, UsageError
from dataflow.node.content import exported
from dataflow.node.rule_lines import RuleLine, writers
from dataflow.node.sources.source import LogSource
from dataflow.node.watched import Watched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.dtl.values import Entity
    from dataflow.node.node import Node
    from dataflow.node.pipeline import Pipeline

RAW = frozenset({"embedded", "http_endpoint"})


@dataclass
class Link:
    """One entity on the way, made by `pipe`. `via` is how it was got at: "result", "source", "merge" or "hop".

    `value` is the entity, `properties` what was asked for in it, `name` or `name.inner`. `rules` are the lines of the pipe that
    wrote those, or those that hop when the whole entity is asked for. `note` says why the chain ends here, or what is odd.
    """

    pipe: str
    entity: str
    via: str
    dataset: str | None = None
    value: Entity | None = None
    properties: tuple[str, ...] = ()
    rules: tuple[RuleLine, ...] = ()
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


def _paths(entity: Entity, path: str) -> Iterator[str]:
    """The keys a path stands for, each with what of the path lies within an object there."""
    name, _, within = path.partition(".")
    for key in entity:
        if _is(key, name):
            inner = entity[key]
            yield f"{key}.{within}" if within and type(inner) is dict and within in inner else key


def value_at(entity: Entity, path: str) -> Any:
    """What an entity has at `name` or `name.inner`."""
    if path in entity:
        return entity[path]
    name, _, within = path.partition(".")
    inner = entity.get(name)
    return inner.get(within) if type(inner) is dict else inner


class _Walk:
    def __init__(self, node: Node, *, whole: bool) -> None:
        self._node = node
        self._whole = whole
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
            link.rules = tuple(rule for name in names for rule in writers(pipeline.pipe, name))
            link.note = "came in: " + ("posted to the pipe" if kind == "http_endpoint" else f"its source is {kind}")
            return link
        self._trace(link, pipeline, pipeline.source)
        return link

    def _trace(self, link: Link, pipeline: Pipeline, source: LogSource) -> None:
        lines = [rule for name in link.properties for rule in writers(pipeline.pipe, name)]
        found = list(self._makers(pipeline, link.entity))
        if not found:
            link.note = "nothing in its source gives this entity any more; its last version stays"
        for entity, met in found:
            read = dict.fromkeys(name for line in lines for name in line.reads) or dict.fromkeys(link.properties)
            for dataset_id, origin in source.origins(str(entity["_id"])):
                via = "source" if len(source.datasets) == 1 else "merge"
                names = tuple(n for n in self._present(dataset_id, origin, read))
                self._descend(link, dataset_id, origin, via, names)
            for dataset_id, hopped in met:
                asked = [line for line in lines if dataset_id in line.datasets]
                if self._whole:
                    lines += [line for line in _hopping(pipeline, dataset_id) if line not in lines]
                elif not asked:
                    continue
                returned = dict.fromkeys(name for line in asked for name in line.returns)
                self._descend(link, dataset_id, hopped, "hop", self._present(dataset_id, hopped, returned))
        link.rules = tuple(dict.fromkeys(lines))

    def _descend(self, link: Link, dataset_id: str, entity_id: str, via: str, names: tuple[str, ...]) -> None:
        writer = self._writers.get(dataset_id)
        if writer is None:
            link.inputs.append(Link("", entity_id, via, dataset_id, note="no pipe writes this dataset"))
        elif self._node.is_broken(writer):
            link.inputs.append(Link(writer, entity_id, via, dataset_id, note="the pipe is broken"))
        else:
            link.inputs.append(self.link(writer, entity_id, via, names))

    def _present(self, dataset_id: str, entity_id: str, names: dict[str, None]) -> tuple[str, ...]:
        """Which keys of a stored entity the names stand for; a name without a namespace stands for any."""
        dataset = self._node.datasets.get(dataset_id)
        entity = None if dataset is None else dataset.newest(entity_id)
        found = {key: None for name in names for key in _paths(entity or {}, name)}
        # Of a property that is wanted whole no part is told on its own.
        return tuple(key for key in found if "." not in key or key.partition(".")[0] not in found)

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


def _hopping(pipeline: Pipeline, dataset_id: str) -> Iterator[RuleLine]:
    """The expressions that look into a dataset."""
    pipe = pipeline.pipe
    for reference in pipe.datasets:
        if reference.kind == "hop" and reference.name == dataset_id:
            pointer = reference.pointer.rpartition("/datasets")[0] or reference.pointer
            yield RuleLine.at(pipe, pointer, _value(pipe.document.value, pointer))


def _value(document: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if type(document) is list else document.get(key)
    return json.loads(json.dumps(document))
