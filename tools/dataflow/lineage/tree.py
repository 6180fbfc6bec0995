"""Where a property comes from and goes to, as a tree of the places in between: datasets, requests, what comes in and goes out.

The stages within a pipe are one step; its rules are told, with file and line.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dataflow.lineage.graph import elements, shown
from dataflow.lineage.value import ANY, Kind, Node, overlaps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dataflow.lineage.graph import Lineage
    from dataflow.lineage.stages import Edge
    from dataflow.lineage.value import Place

_LONGEST = 120
_WORDS = {"source": "comes in at", "dataset": "dataset", "output": "given by", "request": "sent by"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule on the way: a transform, or the place where a pipe names what it reads."""

    file: str | None
    line: int
    text: str


@dataclass
class Branch:
    """A property at a place. `kind` and `sure` are of the way to the branch it hangs on, `rules` those on it; `inputs` or
    `outputs` is what lies beyond. `note` says why it ends here.
    """

    place: str
    component: str
    path: str
    kind: Kind = Kind.VALUE
    sure: bool = True
    rules: tuple[Rule, ...] = ()
    note: str | None = None
    branches: list[Branch] = field(default_factory=list)

    @property
    def label(self) -> str:
        return f"{_WORDS[self.place]} {self.component}"


class Trees:
    """Draws trees of one lineage; what a tree has told the next one does not tell again."""

    def __init__(self, lineage: Lineage, *, decisions: bool = False) -> None:
        self._lineage = lineage
        self._decisions = decisions
        self._told: set[tuple[bool, Node]] = set()

    def origins(self, node: Node) -> Branch:
        return self._tree(node, back=True)

    def destinations(self, node: Node) -> Branch:
        return self._tree(node, back=False)

    def roots(self, name: str) -> Iterator[Node]:
        """Where rules name a property: what comes in first, then what is written, given and sent."""
        wanted = elements(name)
        places = sorted(self._lineage.places, key=lambda place: (place.kind != "source", place.kind == "request"))
        for place in dict.fromkeys(places):
            known: dict[str, tuple[str, ...]] = {}
            for path in self._lineage.named(place):
                if _begins(path, wanted):
                    cut = path[: len(wanted)]
                    known[shown(cut)] = min(
                        cut, known.get(shown(cut), cut), key=lambda names: sum(ANY in n for n in names)
                    )
            yield from (Node(place, path) for path in known.values())

    def told(self, node: Node) -> bool:
        """Whether a tree has had a node in it."""
        return any((back, _plain(node)) in self._told for back in (True, False))

    def _tree(self, node: Node, *, back: bool) -> Branch:
        root = _branch(node)
        todo = [(root, node)]
        self._told.add((back, _plain(node)))
        while todo:
            branch, at = todo.pop(0)
            for other, way in self._ways(at, back=back):
                inner = _branch(other)
                inner.kind = Kind.DECISION if any(edge.kind is Kind.DECISION for edge in way) else Kind.VALUE
                inner.sure = all(edge.sure for edge in way)
                inner.rules = tuple(self._rules(way if not back else way[::-1]))
                branch.branches.append(inner)
                if (back, _plain(other)) in self._told:
                    inner.note = "told elsewhere"
                elif inner.kind is Kind.DECISION:
                    # What decides about a decision is nearly everything, and tells nothing about the property asked for.
                    inner.note = "not followed"
                else:
                    self._told.add((back, _plain(other)))
                    todo.append((inner, other))
        if back:
            self._pruned(root)
        return root

    def _pruned(self, branch: Branch) -> None:
        """Leave out what leads to a property that the pipe which would write it never writes."""
        for inner in branch.branches:
            self._pruned(inner)
        branch.branches = [
            inner
            for inner in branch.branches
            if inner.branches or inner.note or inner.place == "source" or not self._lineage.is_written(inner.component)
        ]

    def _ways(self, node: Node, *, back: bool) -> list[tuple[Node, list[Edge]]]:
        """The next places from a node, each with the edges that lead there; the shortest way, and one of values first.

        No way has two decisions in it.
        """
        step: Callable[[Node], Iterable[Edge]] = self._lineage.edges if back else self._lineage.onward
        found: dict[tuple[Place, str], tuple[Node, list[Edge]]] = {}
        for most in range(1 + self._decisions):
            todo: list[tuple[Node, list[Edge], int]] = [(node, [], 0)]
            seen = {(_plain(node), 0)}
            while todo:
                at, way, decided = todo.pop(0)
                for edge in step(at):
                    other, decisions = (edge.origin if back else edge.to), decided + (edge.kind is Kind.DECISION)
                    if decisions > most or (_plain(other), decisions) in seen:
                        continue
                    seen.add((_plain(other), decisions))
                    if other.place.kind == "pipe":
                        todo.append((other, [*way, edge], decisions))
                    else:
                        found.setdefault((other.place, shown(other.path)), (other, [*way, edge]))
        return _specific(list(found.values()))

    def _rules(self, way: list[Edge]) -> Iterator[Rule]:
        told: set[tuple[str, str]] = set()
        for edge in way:
            for pointer in edge.via:
                if (edge.pipe, pointer) not in told:
                    told.add((edge.pipe, pointer))
                    document = self._lineage.project.pipes[edge.pipe].document
                    text = json.dumps(_at(document.value, pointer), ensure_ascii=False)
                    text = text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
                    yield Rule(document.file, document.locate(pointer)[0], text)


def _specific(ways: list[tuple[Node, list[Edge]]]) -> list[tuple[Node, list[Edge]]]:
    """Without those to a property of which a part is there too."""
    nodes = [node for node, _ in ways]

    def general(node: Node) -> bool:
        return any(
            other.place == node.place and len(other.path) > len(node.path) and overlaps(node.path, other.path)
            for other in nodes
        )

    return [(node, way) for node, way in ways if not general(node)]


def _begins(path: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return len(path) >= len(wanted) and overlaps(path, wanted)


def _plain(node: Node) -> Node:
    """The same node for names with and without a mark for any namespace."""
    return Node(node.place, (shown(node.path),))


def _branch(node: Node) -> Branch:
    return Branch(node.place.kind, node.place.id, shown(node.path))


def _at(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        value = value[int(step)] if type(value) is list else value.get(step.replace("~1", "/").replace("~0", "~"))
    return value
