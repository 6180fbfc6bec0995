"""Where a property comes from and goes to, as a tree of the places in between: datasets, requests, what comes in and goes out.

The stages within a pipe are one step; its rules are told, with file and line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dataflow.lineage.graph import elements, shown
from dataflow.lineage.value import ANY, Kind, Node, overlaps
from dataflow.lineage.ways import Rule, backward, forward, plain, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.lineage.graph import Lineage

_WORDS = {"source": "comes in at", "dataset": "dataset", "output": "given by", "request": "sent by"}


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
        return any((back, plain(node)) in self._told for back in (True, False))

    def _tree(self, node: Node, *, back: bool) -> Branch:
        root = _branch(node)
        todo = [(root, node)]
        self._told.add((back, plain(node)))
        while todo:
            branch, at = todo.pop(0)
            for way in (backward if back else forward)(self._lineage, at, decisions=self._decisions):
                other = way.end
                inner = _branch(other)
                inner.kind, inner.sure = way.kind, way.sure
                inner.rules = tuple(rules(way, self._lineage.project.pipes))
                branch.branches.append(inner)
                if (back, plain(other)) in self._told:
                    inner.note = "told elsewhere"
                elif inner.kind is Kind.DECISION:
                    # What decides about a decision is nearly everything, and tells nothing about the property asked for.
                    inner.note = "not followed"
                else:
                    self._told.add((back, plain(other)))
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


def _begins(path: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return len(path) >= len(wanted) and overlaps(path, wanted)


def _branch(node: Node) -> Branch:
    return Branch(node.place.kind, node.place.id, shown(node.path))
