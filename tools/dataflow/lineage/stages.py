"""The stages of a pipe: from what comes in, or the datasets it reads, transform by transform to what it writes or sends.

A stage tells what a property behind it is made of in front of it. Rules: `node.pipeline` (their order), `node.namespacing`,
`node.merge`, `node.transforms`; hub/documentation/service-configuration/pipes.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from dataflow.effective import Part
from dataflow.lineage.expressions import Expressions, Surroundings, entity_of
from dataflow.lineage.rules import Rules
from dataflow.lineage.value import (
    ANY,
    NOTHING,
    THERE,
    WHOLE,
    Atom,
    Filter,
    Kind,
    Node,
    Place,
    Value,
    choose_target,
    join,
)
from dataflow.references import source_datasets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.lineage.value import Path, Via
    from dataflow.pipe import Pipe, Step
    from dataflow.project import Project

_READING = frozenset({"dataset", "diff_datasets", "merge", "merge_datasets", "union_datasets"})
_SENDING = frozenset({"http", "rest"})
# `{{ entity.Id }}`, `{{ entity['$etag'] }}`: what a template of an operation takes of an entity.
_TAKEN = re.compile(r"""\bentity(?:\.([A-Za-z_][A-Za-z0-9_]*)|\[\s*(?:'([^']*)'|"([^"]*)")\s*\])""")
_STORED = Filter(None, ((WHOLE, "_*"),))
_MERGED = Filter(None, ((WHOLE, "_*"), (WHOLE, "$ids")))


class Edge(NamedTuple):
    """`to` is made of `origin`, or decided by it; `via` are the pointers of the rules on the way, in the file of `pipe`.

    `exact` says that what lies below `origin` lies below `to`, as far as it is let through.
    """

    origin: Node
    to: Node
    kind: Kind
    sure: bool
    pipe: str
    via: Via
    exact: bool = True


class Stages:
    """The stages of one pipe."""

    def __init__(self, pipe: Pipe, project: Project) -> None:
        self.pipe = pipe
        self._project = project
        self._values: dict[int, Value] = {}

    @property
    def reads_datasets(self) -> bool:
        return self.pipe.source.get("type") in _READING

    @property
    def last(self) -> int:
        """The number of the stage behind the last transform."""
        return len(self.pipe.transforms)

    @property
    def output(self) -> Place:
        """Where what the pipe gives can be found."""
        return Place("output", self.pipe.id) if self.pipe.writes is None else Place("dataset", self.pipe.writes)

    def has_namespaced(self, path: str) -> bool:
        """Whether a name without a namespace may stand for one with: the pipe gives names namespaces, or passes such a one on."""
        if self.pipe.config.get("remove_namespaces") is True:
            return False
        name = path.partition(".")[0]
        fields = self._value(self.last).fields
        if self.pipe.namespaces.enabled:
            return name not in fields
        return name not in fields and any(key.rpartition(":")[2] == name for key in fields)

    def makes(self, path: Path) -> bool:
        """Whether the last transform lets a property through, or writes it."""
        value = self._value(self.last).follow(path)
        return bool(value.atoms or value.fields or value.constant)

    @property
    def requests(self) -> Iterator[Place]:
        """What the pipe sends to systems: by its transforms, and by a sink that is no dataset."""
        for index, step in enumerate(self.pipe.transforms):
            if step.config.get("type") in _SENDING:
                yield Place("request", self.pipe.id, index)

    def given(self, path: Path) -> Iterator[Edge]:
        """What a property of the output is made of. Those that begin with `_` do not get there, but for `_id` and `_deleted`."""
        before, to = Place("pipe", self.pipe.id, self.last), Node(self.output, path)
        if not path:
            value = self._value(self.last)
            kept = value.filtered(_STORED).written("_id", value.step("_id")).written("_deleted", value.step("_deleted"))
            for origin, kind, sure, via in kept.whole():
                yield Edge(self._incoming(origin), to, kind, sure, self.pipe.id, via)
            return
        if path[0][:1] == "_" and path[0] not in ("_id", "_deleted"):
            return
        if self.pipe.config.get("remove_namespaces") is True:
            # Names lose their namespaces at every depth.
            path = tuple(name if name[:1] in ("_", "$", THERE) else ANY + name.rpartition(":")[2] for name in path)
        yield Edge(Node(before, path), to, Kind.VALUE, sure=True, pipe=self.pipe.id, via=())

    def within(self, stage: int, path: Path) -> Iterator[Edge]:
        """What a property in front of transform `stage` is made of."""
        value = self._value(stage)
        to = Node(Place("pipe", self.pipe.id, stage), path)
        for origin, kind, sure, via in value.follow(path).whole():
            yield Edge(self._incoming(origin), to, kind, sure, self.pipe.id, via)

    def directly(self, stage: int, path: Path) -> Iterator[Edge]:
        """The same without what is only known of parts of the property."""
        to = Node(Place("pipe", self.pipe.id, stage), path)
        for origin, kind, sure, via, exact in self._value(stage).follow(path).own():
            yield Edge(self._incoming(origin), to, kind, sure, self.pipe.id, via, exact)

    def written(self, stage: int) -> Iterator[Path]:
        """The properties in front of transform `stage` that rules write one by one, at every depth."""
        yield from _paths(self._value(stage), ())

    def sent(self, stage: int, path: Path) -> Iterator[Edge]:
        """What is sent in a call of transform `stage`: its payload below "payload", what templates take below "entity"."""
        step = self.pipe.transforms[stage]
        before, to = Place("pipe", self.pipe.id, stage), Node(Place("request", self.pipe.id, stage), path)
        head, rest = (path[0], path[1:]) if path else ("", ())
        if head in ("", "payload"):
            origin = Node(before, ("payload", *rest))
            yield Edge(origin, to, Kind.VALUE, sure=True, pipe=self.pipe.id, via=(step.pointer,))
        if head in ("", "entity"):
            for name in _taken(self._operation(step)):
                if not rest or rest[0] == name:
                    origin = Node(before, (name, *rest[1:]))
                    yield Edge(origin, to, Kind.VALUE, sure=True, pipe=self.pipe.id, via=(step.pointer,))
        for name in ("operation", "properties"):
            yield Edge(Node(before, (name,)), to, Kind.DECISION, sure=False, pipe=self.pipe.id, via=(step.pointer,))

    # --- values -------------------------------------------------------------------------------------------------------

    def _value(self, stage: int) -> Value:
        if stage not in self._values:
            self._values[stage] = self._source() if stage == 0 else self._transformed(stage - 1)
        return self._values[stage]

    def _incoming(self, node: Node) -> Node:
        """A property of what comes in, by the name it has before namespaces are added; any other as it is."""
        if node.place.kind != "source" or self.pipe.config.get("add_namespaces") is not True:
            return node
        prefix = f"{self.pipe.namespaces.property}:"
        return Node(node.place, tuple(name.removeprefix(prefix).removeprefix(ANY) for name in node.path))

    def _source(self) -> Value:
        if not self.reads_datasets:
            return entity_of(Place("source", self.pipe.id))
        source, kind = self.pipe.source, self.pipe.source["type"]
        named = [(one.name, one.pointer) for one in source_datasets(Part(source, self.pipe.source_at))]
        members = [entity_of(Place("dataset", name)).through(pointer) for name, pointer in named]
        deciding = [*self._equal(members), *self._subset(members)]
        if kind == "dataset":
            value = join(NOTHING, *members)
        elif kind == "merge":
            value = self._merged(members)
        else:
            # Entities of the same id come together, or are left out for each other.
            deciding += [member if kind == "diff_datasets" else member.step("_id") for member in members]
            value = join(NOTHING, *members)
        return value.decided_by({k: v for one in deciding for k, v in one.decisions().items()})

    def _merged(self, members: list[Value]) -> Value:
        ids = [part for member in members for part in (member.step("$ids"), member.step("_id").made())]
        own = {
            "$ids": join(NOTHING, *ids),
            "_id": join(NOTHING, *(member.step("_id") for member in members)),
            "_deleted": join(NOTHING, *(member.step("_deleted") for member in members)),
        }
        if self.pipe.source.get("strategy") == "list":
            return Value(fields={**own, "$merged": join(NOTHING, *members)})
        return join(Value(fields=own), *(member.filtered(_MERGED) for member in members))

    def _equal(self, members: list[Value]) -> Iterator[Value]:
        """The sides of the equality rules of a merge."""
        texts = [text for text in self.pipe.source.get("datasets") or () if type(text) is str]
        aliases = dict(zip((text.split()[-1] for text in texts if text.split()), members, strict=False))
        around = Surroundings(NOTHING, aliases=aliases)
        expressions = Expressions(self.pipe.namespaces)
        for name in ("equality", "equality_sets"):
            for rule in self.pipe.source.get(name) or ():
                for side in rule if type(rule) is list else ():
                    yield expressions.value(side, around)
        if self.pipe.source.get("type") == "merge":
            # What is deleted is equal to nothing, and the first id or all of them make the one of the whole.
            yield from (member.step(name) for member in members for name in ("_id", "$ids", "_deleted"))

    def _subset(self, members: list[Value]) -> Iterator[Value]:
        subset = self.pipe.source.get("subset")
        if subset is not None:
            yield Expressions(self.pipe.namespaces).value(subset, Surroundings(join(NOTHING, *members)))

    def _transformed(self, index: int) -> Value:
        step, before = self.pipe.transforms[index], entity_of(Place("pipe", self.pipe.id, index))
        after = self._one(step, index, before)
        trigger = step.config.get("trigger_on")
        if trigger is None:
            return after
        key = trigger.get("key", "_trigger") if type(trigger) is dict else "_trigger"
        spaces = self.pipe.namespaces
        decided = Expressions(spaces).value(f"_S.{key}", Surroundings(before)).decisions()
        return choose_target(dict.fromkeys(decided, (step.pointer,)), after, before)

    def _one(self, step: Step, index: int, before: Value) -> Value:
        kind, rules = step.config.get("type"), step.config.get("rules")
        if kind == "dtl" and type(rules) is dict and "default" in rules and self._is_sound(step):
            return Rules(rules, self.pipe.namespaces, f"{step.pointer}/rules").result(before)
        if kind == "emit_children":
            children = before.step("$children").through(step.pointer)
            children = children.decided_by(children.step("_id").decisions())
            return children.written("_deleted", join(children.step("_deleted"), before.step("_deleted")))
        if kind == "rest":
            return self._answered(step, index, before)
        return before.through(step.pointer).made(sure=False)

    def _is_sound(self, step: Step) -> bool:
        """Whether there is nothing wrong with the rules of a transform. Where they are only checked they are not compiled."""
        if step.compiled is not None or self._project.memory is None:
            return step.compiled is not None
        at = (self.pipe.document.file, f"{step.pointer}/")
        return not any(one.file == at[0] and (one.pointer or "").startswith(at[1]) for one in self._project.errors)

    def _answered(self, step: Step, index: int, before: Value) -> Value:
        """An entity with the answer on it. What a system answers may depend on everything that is sent to it."""
        request = Node(Place("request", self.pipe.id, index), ())
        answer = Value({Atom(request, exact=False, sure=False): (step.pointer,)})
        if step.config.get("replace_entity") is True:
            return answer
        operation = self._operation(step)
        names = [
            name
            for setting in ("response_property", "response_status_property", "response_headers_property")
            if type(name := step.config.get(setting, operation.get(setting))) is str
        ]
        if step.config.get("response_include_content_type") is True:
            names.append("content-type")
        value = before
        for name in names or ["response"]:
            value = value.written(name, answer)
        # The operation may give no entity at all.
        return value.decided_by({(request, False): (step.pointer,)})

    def _operation(self, step: Step) -> dict[str, Any]:
        system = self._project.systems.get(str(step.config.get("system")))
        own, shared = step.config.get("operations"), None if system is None else system.config.get("operations")
        for operations in (own, shared):
            found = operations.get(step.config.get("operation")) if type(operations) is dict else None
            if type(found) is dict:
                return found
        return {}


def _paths(value: Value, path: Path) -> Iterator[Path]:
    for name, inner in value.fields.items():
        yield (*path, name)
        yield from _paths(inner, (*path, name))


def _taken(operation: dict[str, Any]) -> list[str]:
    """The properties of an entity that the templates of an operation name."""
    found = _TAKEN.findall(json.dumps(operation, ensure_ascii=False).replace('\\"', '"'))
    return list(dict.fromkeys(next(name for name in names if name) for names in found if any(names)))
