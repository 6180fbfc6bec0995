"""The ways a property takes through a pipe: from one place where entities are to the next, with the rules that do it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataflow.lineage.graph import shown
from dataflow.lineage.value import THERE, Kind, Node, overlaps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dataflow.lineage.graph import Lineage
    from dataflow.lineage.stages import Edge
    from dataflow.lineage.value import Place
    from dataflow.pipe import Pipe

_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule on the way: a transform, or the place where a pipe names what it reads."""

    file: str | None
    line: int
    pointer: str
    text: str


@dataclass(frozen=True, slots=True)
class Way:
    """`end` is the place beyond the pipe, `edges` lie between it and where the way begins, in the direction of the data."""

    end: Node
    edges: tuple[Edge, ...]

    @property
    def kind(self) -> Kind:
        return Kind.DECISION if any(edge.kind is Kind.DECISION for edge in self.edges) else Kind.VALUE

    @property
    def sure(self) -> bool:
        return all(edge.sure for edge in self.edges)

    @property
    def steps(self) -> tuple[tuple[str, str], ...]:
        """(pipe, pointer) of every rule, once, in the order of the way."""
        return tuple(dict.fromkeys((edge.pipe, pointer) for edge in self.edges for pointer in edge.via))


def backward(lineage: Lineage, node: Node, *, decisions: bool = False) -> list[Way]:
    """What a property is made of, one pipe back; with `decisions` also what decides about it."""
    return _ways(node, lineage.edges, 1 if decisions else 0, back=True)


def forward(lineage: Lineage, node: Node, *, decisions: bool = False) -> list[Way]:
    """Where a property goes, one pipe on; with `decisions` also what it decides about."""
    return _ways(node, lineage.onward, 1 if decisions else 0, back=False)


def deciding(lineage: Lineage, node: Node) -> list[Way]:
    """What decides about a property, without what decides about the whole entity: filters, joins of a merge."""
    whole = {_identity(way) for way in backward(lineage, Node(node.place, (THERE,)), decisions=True)}
    ways = backward(lineage, node, decisions=True)
    return [way for way in ways if way.kind is Kind.DECISION and _identity(way) not in whole]


def _identity(way: Way) -> tuple[object, ...]:
    return (way.end.place, shown(way.end.path), way.steps)


def rules(way: Way, pipes: dict[str, Pipe]) -> Iterator[Rule]:
    """The rules on a way, in its order."""
    for pipe, pointer in way.steps:
        yield rule_at(pipes[pipe], pointer)


def rule_at(pipe: Pipe, pointer: str) -> Rule:
    text = json.dumps(_at(pipe.document.value, pointer), ensure_ascii=False)
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
    return Rule(pipe.document.file, pipe.document.locate(pointer)[0], pointer, text)


def plain(node: Node) -> Node:
    """The same node for names with and without a mark for any namespace."""
    return Node(node.place, (shown(node.path),))


def _ways(node: Node, step: Callable[[Node], Iterable[Edge]], most: int, *, back: bool) -> list[Way]:
    """The next places from a node: the shortest way to each, and one of values first. None has more than `most` decisions in it."""
    found: dict[tuple[Place, str], Way] = {}
    for allowed in range(1 + most):
        todo: list[tuple[Node, tuple[Edge, ...], int]] = [(node, (), 0)]
        seen = {(plain(node), 0)}
        while todo:
            at, way, decided = todo.pop(0)
            for edge in step(at):
                other, decisions = (edge.origin if back else edge.to), decided + (edge.kind is Kind.DECISION)
                if decisions > allowed or (plain(other), decisions) in seen:
                    continue
                seen.add((plain(other), decisions))
                longer = (edge, *way) if back else (*way, edge)
                if other.place.kind == "pipe":
                    todo.append((other, longer, decisions))
                else:
                    found.setdefault((other.place, shown(other.path)), Way(other, longer))
    return _specific(list(found.values()))


def _specific(ways: list[Way]) -> list[Way]:
    """Without those to a property of which a part is there too."""

    def general(node: Node) -> bool:
        return any(
            way.end.place == node.place and len(way.end.path) > len(node.path) and overlaps(node.path, way.end.path)
            for way in ways
        )

    return [way for way in ways if not general(way.end)]


def _at(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        value = value[int(step)] if type(value) is list else value.get(step.replace("~1", "/").replace("~0", "~"))
    return value
