"""Who reads and writes what: pipes, datasets and systems as a directed graph in the direction data takes."""

from __future__ import annotations

import graphlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from dataflow.references import hop_datasets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dataflow.project import Project

__all__ = ["Edge", "Graph", "Node", "build", "hop_datasets"]

PIPE, DATASET, SYSTEM = "pipe", "dataset", "system"


class Node(NamedTuple):
    """`kind` is "pipe", "dataset" or "system"."""

    kind: str
    id: str


class Edge(NamedTuple):
    """Data goes from `tail` to `head`, as a pipe's "source" or "sink", through a "hop", or from or to a "system"."""

    tail: Node
    head: Node
    kind: str


@dataclass(frozen=True)
class Graph:
    """Nodes and edges, sorted; a dataset nobody writes is a node as well."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def readers(self, dataset: str) -> tuple[str, ...]:
        """The pipes that read a dataset or hop to it."""
        return tuple(dict.fromkeys(edge.head.id for edge in self.edges if edge.tail == (DATASET, dataset)))

    def writers(self, dataset: str) -> tuple[str, ...]:
        return tuple(edge.tail.id for edge in self.edges if edge.head == (DATASET, dataset))

    def components(self) -> tuple[tuple[str, ...], ...]:
        """Pipes in the order of the flow; those that feed each other in a circle stand together.

        Within a circle the order is that of sources alone, because a hop only looks something up.
        """
        pipes = [node.id for node in self.nodes if node.kind == PIPE]
        sources = self._followers(("source",))
        circles = _ordered(pipes, self._followers(("source", "hop")))
        return tuple(tuple(pipe for part in _ordered(circle, sources) for pipe in part) for circle in circles)

    def order(self) -> tuple[str, ...]:
        """Every pipe in the order of the flow."""
        return tuple(pipe for component in self.components() for pipe in component)

    def neighbours(self, pipe: str) -> Graph:
        """A pipe with its datasets and systems, the pipes that write what it reads, and those that read what it writes."""
        own = Node(PIPE, pipe)
        edges = {edge for edge in self.edges if own in edge[:2]}
        read = {edge.tail for edge in edges if edge.tail.kind == DATASET}
        written = {edge.head for edge in edges if edge.head.kind == DATASET}
        edges |= {edge for edge in self.edges if edge.head in read or edge.tail in written}
        nodes = {own} | {node for edge in edges for node in edge[:2]}
        return Graph(tuple(sorted(nodes)), tuple(sorted(edges)))

    def _followers(self, kinds: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """For each pipe the pipes that take what it writes, through edges of these kinds."""
        takers: dict[Node, set[str]] = {}
        for edge in self.edges:
            if edge.kind in kinds:
                takers.setdefault(edge.tail, set()).add(edge.head.id)
        followers: dict[str, frozenset[str]] = {}
        for edge in self.edges:
            if edge.kind == "sink":
                followers[edge.tail.id] = frozenset(takers.get(edge.head, ()))
        return followers


def build(project: Project) -> Graph:
    """The graph of a package under its profile. Systems are those of every alternative, since a test profile has none."""
    nodes: set[Node] = set()
    edges: set[Edge] = set()
    for pipe in project.pipes.values():
        own = Node(PIPE, pipe.id)
        nodes.add(own)
        edges |= {Edge(Node(DATASET, name), own, "source") for name in pipe.reads}
        edges |= {Edge(Node(DATASET, name), own, "hop") for name in pipe.hops}
        if pipe.writes is not None:
            edges.add(Edge(own, Node(DATASET, pipe.writes), "sink"))
        for use, _ in pipe.systems:
            system = Node(SYSTEM, use.name)
            edges.add(Edge(own, system, "system") if use.kind == "write" else Edge(system, own, "system"))
    nodes |= {Node(SYSTEM, name) for name in project.systems}
    nodes |= {node for edge in edges for node in edge[:2]}
    return Graph(tuple(sorted(nodes)), tuple(sorted(edges)))


def _ordered(pipes: Iterable[str], followers: Mapping[str, frozenset[str]]) -> list[tuple[str, ...]]:
    """Strongly connected parts of the pipes in topological order; parts that could go first go by name."""
    parts = list(_strong(tuple(pipes), followers))
    part_of = {pipe: index for index, part in enumerate(parts) for pipe in part}
    before: dict[int, set[int]] = {index: set() for index in range(len(parts))}
    for pipe, index in part_of.items():
        for follower in followers.get(pipe, ()):
            if part_of.get(follower, index) != index:
                before[part_of[follower]].add(index)
    sorter = graphlib.TopologicalSorter(before)
    sorter.prepare()
    ordered = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=lambda index: parts[index])
        ordered += [parts[index] for index in ready]
        sorter.done(*ready)
    return ordered


def _strong(pipes: tuple[str, ...], followers: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, ...]]:
    """Tarjan's strongly connected components, without recursion."""
    known = frozenset(pipes)
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    waiting: set[str] = set()
    for root in pipes:
        work = [] if root in number else [(root, iter(sorted(followers.get(root, frozenset()) & known)))]
        while work:
            pipe, rest = work[-1]
            if pipe not in number:
                number[pipe] = low[pipe] = len(number)
                stack.append(pipe)
                waiting.add(pipe)
            for follower in rest:
                if follower not in number:
                    work.append((follower, iter(sorted(followers.get(follower, frozenset()) & known))))
                    break
                if follower in waiting:
                    low[pipe] = min(low[pipe], number[follower])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[pipe])
                if low[pipe] == number[pipe]:
                    part = stack[stack.index(pipe) :]
                    del stack[len(stack) - len(part) :]
                    waiting -= set(part)
                    yield tuple(sorted(part))
