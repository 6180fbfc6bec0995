"""Lineage: which property of which dataset, request or incoming entity goes into which other, as a graph to ask questions of.

Nothing is run. "yes" and "no" are what the rules say; where they do not say it, for what a system answers or under a name that
is only known in a run, the answer is "unknown".
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from dataflow.diagnostics import did_you_mean
from dataflow.dtl import paths
from dataflow.errors import UsageError
from dataflow.lineage.stages import Edge, Stages
from dataflow.lineage.value import ANY, THERE, Kind, Node, Place, overlaps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dataflow.lineage.value import Path
    from dataflow.project import Project


class Verdict(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """`route` leads from the source property to the target property, one edge per stage; it is empty when the verdict is "no"."""

    verdict: Verdict
    route: tuple[Edge, ...] = ()

    def __str__(self) -> str:
        return str(self.verdict)


def of(project: Project) -> Lineage:
    """The lineage of a package under its profile. Pipes are gone through when somebody asks for what they do."""
    return Lineage(project)


class Lineage:
    """Components are named by their ids: a dataset, or a pipe for what it writes, gives or gets."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._stages = {pipe.id: Stages(pipe, project) for pipe in project.pipes.values()}
        self._edges: dict[Node, tuple[Edge, ...]] = {}
        self._goes: dict[Node, tuple[Edge, ...]] = {}

    @cached_property
    def _writers(self) -> dict[str, list[Stages]]:
        found: dict[str, list[Stages]] = {}
        for stages in self._stages.values():
            if stages.pipe.writes is not None:
                found.setdefault(stages.pipe.writes, []).append(stages)
        return found

    # --- questions ----------------------------------------------------------------------------------------------------

    def carries(self, source: tuple[str, str], target: tuple[str, str]) -> Answer:
        """Whether the value of a property, each (component, path), goes into another one. What only decides about it does not.

        A source that is a pipe which gets its entities from outside is what comes in there.
        """
        return self._answer(source, target, lambda edge: edge.kind is Kind.VALUE)

    def affects(self, source: tuple[str, str], target: tuple[str, str]) -> Answer:
        """Whether one property can make a difference to another, as a part of it or by deciding about it."""
        return self._answer(source, target, lambda edge: True)

    def origins(self, component: str, path: str) -> list[Edge]:
        """What a property is made of, one stage back, with the rules that do it."""
        return list(self.edges(self.target(component, path)))

    def destinations(self, component: str, path: str) -> list[Edge]:
        """Where a property goes, one stage on. Raises UsageError as `target`."""
        return list(self.onward(self.source(component, path)))

    def requests(self, pipe: str) -> Iterator[Node]:
        """What a pipe sends to systems: of each call the payload below "payload", and what templates take below "entity"."""
        return (Node(place, ()) for place in self._stages[pipe].requests)

    # --- nodes --------------------------------------------------------------------------------------------------------

    def source(self, component: str, path: str) -> Node:
        """A property as it comes in at a pipe, or stands in a dataset. Raises UsageError for an unknown component."""
        stages = self._stages.get(component)
        if stages is not None and not stages.reads_datasets:
            return Node(Place("source", component), elements(path, any_namespace=False))
        return self.target(component, path)

    def target(self, component: str, path: str) -> Node:
        """A property of a dataset, or of what a pipe writes or gives. Raises UsageError for an unknown component."""
        stages = self._stages.get(component)
        if component in self.project_datasets:
            writers = self._writers.get(component, [])
            return Node(
                Place("dataset", component), elements(path, any_namespace=any(w.has_namespaced(path) for w in writers))
            )
        if stages is not None:
            return Node(stages.output, elements(path, any_namespace=stages.has_namespaced(path)))
        known = [*self._stages, *self.project_datasets]
        hint = did_you_mean(component, known)
        raise UsageError(f'there is no pipe or dataset "{component}"' + (f"; {hint}" if hint else ""))

    @cached_property
    def project_datasets(self) -> frozenset[str]:
        """Every dataset that a pipe reads or writes."""
        read = {one.name for pipe in self.project.pipes.values() for one in pipe.datasets if one.kind != "completeness"}
        return frozenset(read | set(self._writers))

    def is_made(self, component: str, path: str) -> bool:
        """Whether a pipe writes a property, be it a constant. Of what no pipe writes nothing is known, so that it may be."""
        node = self.target(component, path)
        writers = self._writers.get(component) or [self._stages[component]] if component in self._stages else []
        return not writers or any(stages.makes(node.path) for stages in writers)

    def is_written(self, dataset: str) -> bool:
        """Whether a pipe writes a dataset."""
        return dataset in self._writers

    @property
    def places(self) -> Iterator[Place]:
        """Where there are entities: what comes in, what is written, given or sent."""
        for stages in self._stages.values():
            if not stages.reads_datasets:
                yield Place("source", stages.pipe.id)
            yield stages.output
            yield from stages.requests

    def named(self, place: Place) -> Iterable[Path]:
        """The properties at a place that rules write, or that others are made of."""
        return self._named.get(place, {})

    # --- edges --------------------------------------------------------------------------------------------------------

    def edges(self, node: Node) -> tuple[Edge, ...]:
        """What a property is made of and decided by, one stage back."""
        if node not in self._edges:
            self._edges[node] = tuple(self._found(node))
        return self._edges[node]

    def _found(self, node: Node) -> Iterable[Edge]:
        place, path = node
        if place.kind == "dataset":
            return [edge for stages in self._writers.get(place.id, ()) for edge in stages.given(path)]
        if place.kind == "source":
            return ()
        stages = self._stages[place.id]
        if place.kind == "output":
            return stages.given(path)
        if place.kind == "request":
            return stages.sent(place.stage, path)
        return stages.within(place.stage, path)

    def onward(self, node: Node) -> tuple[Edge, ...]:
        """Where a property goes, one stage on."""
        if node not in self._goes:
            self._goes[node] = tuple(self._following(node))
        return self._goes[node]

    def _following(self, node: Node) -> Iterator[Edge]:
        told: set[Node] = set()
        place, path = node
        names = [None, _bare(path)] if path else [name for at, name in self._onward if at == place]
        for edge in (edge for name in names for edge in self._onward.get((place, name), ())):
            if not overlaps(edge.origin.path, path):
                continue
            for way in self._narrowed(edge, path):
                if way.to not in told:
                    told.add(way.to)
                    yield way

    def _narrowed(self, edge: Edge, path: Path) -> Iterator[Edge]:
        """An edge from all of a property, for the part of it that a path is."""
        rest = path[len(edge.origin.path) :]
        if not rest or not edge.exact:
            yield edge
            return
        for way in self._directly(Node(edge.to.place, (*edge.to.path, *rest))):
            deeper = way.origin.place == edge.origin.place and len(way.origin.path) > len(edge.origin.path)
            if deeper and overlaps(way.origin.path, path):
                yield way

    def _directly(self, node: Node) -> Iterable[Edge]:
        if node.place.kind == "pipe":
            return self._stages[node.place.id].directly(node.place.stage, node.path)
        return self.edges(node)

    @cached_property
    def _onward(self) -> dict[tuple[Place, str | None], list[Edge]]:
        """The edges between properties that rules name, by place and name (None for the whole entity) of where they begin."""
        found: dict[tuple[Place, str | None], list[Edge]] = {}
        for place, named in self._named.items():
            for path in dict.fromkeys([(), *named]):
                for edge in self._directly(Node(place, path)):
                    found.setdefault((edge.origin.place, _bare(edge.origin.path)), []).append(edge)
        return found

    @cached_property
    def _every_place(self) -> list[Place]:
        places = list(self.places)
        for stages in self._stages.values():
            places += [Place("pipe", stages.pipe.id, stage) for stage in range(stages.last + 1)]
        return places

    @cached_property
    def _named(self) -> dict[Place, dict[Path, None]]:
        """The properties that rules write or that others are made of, by place."""
        named: dict[Place, dict[Path, None]] = {}
        todo = deque(
            Node(place, path)
            for place in self._every_place
            for path in (self._stages[place.id].written(place.stage) if place.kind == "pipe" else ())
        )
        while todo:
            node = todo.popleft()
            known = named.setdefault(node.place, {})
            if node.path not in known:
                known[node.path] = None
                todo.extend(edge.origin for edge in self.edges(node))
        return named

    # --- searching ----------------------------------------------------------------------------------------------------

    def _answer(self, source: tuple[str, str], target: tuple[str, str], follows: Callable[[Edge], bool]) -> Answer:
        start, end = self.source(*source), self.target(*target)
        for verdict, sure in ((Verdict.YES, True), (Verdict.UNKNOWN, False)):
            route = self._route(start, end, lambda edge, sure=sure: follows(edge) and (edge.sure or not sure))  # type: ignore[misc]
            if route is not None:
                return Answer(verdict, route)
        return Answer(Verdict.NO)

    def _route(self, start: Node, end: Node, follows: Callable[[Edge], bool]) -> tuple[Edge, ...] | None:
        """A shortest way back from `end` to `start`, as edges in the direction of the data."""
        came: dict[Node, Edge | None] = {end: None}
        todo = deque([end])
        while todo:
            node = todo.popleft()
            if node.place == start.place and overlaps(node.path, start.path):
                return tuple(_way(node, came))
            for edge in self.edges(node):
                if edge.origin not in came and follows(edge):
                    came[edge.origin] = edge
                    todo.append(edge.origin)
        return None


def _bare(path: Path) -> str | None:
    """The first name of a path without its namespace."""
    return path[0].rpartition(":")[2] if path else None


def _way(node: Node, came: dict[Node, Edge | None]) -> Iterator[Edge]:
    edge = came[node]
    while edge is not None:
        yield edge
        edge = came[edge.to]


def elements(text: str, *, any_namespace: bool = True) -> Path:
    """The elements of a path as users write it; a name without a namespace may stand for that name in any.

    Raises UsageError for a path that cannot be read.
    """
    found = paths.split(text) if text else []
    if found is None or "" in found:
        raise UsageError(f'"{text}" is no path; write a name with dots in it in single quotes')
    exact = not any_namespace
    return tuple(name if exact or ":" in name or name[:1] in ("_", "$") else ANY + name for name in found)


def shown(path: Path) -> str:
    """A path as users write it; the whole entity is "(whole)"."""
    names = (name.removeprefix(ANY) for name in path if name != THERE)
    return ".".join(f"'{name}'" if "." in name else name for name in names) or "(whole)"
