"""The joins of a pipe's rules the other way round: from the entities that are hopped to, back to those of the source.

Rules: hub/features/dependency-tracking.rst, hub/dtl/caveats.rst; node-semantics, section 5.6; decision 0410.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from dataflow.dtl.facts import Role
from dataflow.dtl.inverse import Side, side
from dataflow.errors import DtlError
from dataflow.node.namespacing import add_namespaces

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from dataflow.dtl import Context
    from dataflow.dtl.facts import Facts, Hop, Way
    from dataflow.dtl.values import Entity
    from dataflow.node.pipeline import Pipeline
    from dataflow.node.transforms.action import Action

SOURCE = Role("default")


class Place(NamedTuple):
    """An alias in the rules of a pipe: the number of the transform, and its role there."""

    action: int
    role: Role


@dataclass(frozen=True, slots=True)
class Path:
    """One step back: an entity that has a value by `wanted` comes from those that have it by `known` and stand in `origins`.

    `source` is `known` as a function of the entities of the pipe's source, when the step leads there. In a recursion it also leads
    to `feeds`, for at most `most` evaluations.
    """

    wanted: Side
    known: Side
    origins: frozenset[Place]
    source: Side | None
    feeds: Place | None
    most: int | None


class Backward:
    """`paths` lead back from every place; `datasets` are those the places stand for.

    `starts` are the places where dependencies are tracked, by dataset: None for a dataset with a place from which the way back is
    not known.
    """

    def __init__(self, pipeline: Pipeline, context: Context) -> None:
        self._pipeline = pipeline
        self._context = context
        self.paths: dict[Place, list[Path]] = {}
        self.datasets: dict[Place, str] = {}
        self.starts: dict[str, list[Place] | None] = {}
        lost: set[Place] = set()
        tracked: dict[Place, None] = {}
        for number, action in enumerate(pipeline.actions):
            for hop in action.hops:
                place = Place(number, hop.role)
                self.datasets[place] = hop.dataset
                if hop.tracked:
                    tracked[place] = None
                path = self._path(number, action, hop)
                if path is None:
                    lost.add(place)
                else:
                    self.paths.setdefault(place, []).append(path)
        self._lose(lost)
        for place in tracked:
            known = self.starts.setdefault(self.datasets[place], [])
            if place in lost:
                self.starts[self.datasets[place]] = None
            elif known is not None:
                known.append(place)

    def _lose(self, lost: set[Place]) -> None:
        """Add the places from which every way back leads through a lost one."""
        while True:
            more = {
                place
                for place, paths in self.paths.items()
                if place not in lost and any(path.origins & lost or path.feeds in lost for path in paths)
            }
            if not more:
                return
            lost |= more

    def _path(self, number: int, action: Action, hop: Hop) -> Path | None:
        if hop.way is None or action.rules is None:
            return None
        way, facts = hop.way, action.rules.facts
        wanted, known = self._sides(way)
        origins = _resolved(facts, way.origins)
        if wanted is None or known is None or None in origins:
            return None
        source = None
        if SOURCE in origins:
            source = self._of_source(number, known)
            if source is None:
                return None
        places = frozenset(Place(number, role) for role in origins if role is not None and role != SOURCE)
        feeds = None if way.feeds is None else Place(number, way.feeds)
        return Path(wanted, known, places, source, feeds, way.most)

    def _sides(self, way: Way) -> tuple[Side | None, Side | None]:
        pipe, context = self._pipeline.pipe, self._context
        wanted = side(way.wanted, context, subset=way.subset, namespaces=pipe.namespaces, pipe_id=pipe.id)
        return wanted, side(way.known, context, namespaces=pipe.namespaces, pipe_id=pipe.id)

    def _of_source(self, number: int, known: Side) -> Side | None:
        """The side as a function of what comes before the transforms before; None when they stand in the way."""
        between: list[Action] = []
        reads = known.reads
        for action in reversed(self._pipeline.actions[:number]):
            if action.passes(reads):
                continue
            if not action.steady:
                return None
            between.insert(0, action)
            reads = action.reads
        if not between and not self._pipeline.adds:
            return known
        namespaces = self._pipeline.pipe.namespaces
        added = [namespaces.identity, namespaces.property] if self._pipeline.adds else None
        text = json.dumps([known.name, added, namespaces.enabled, [action.config for action in between]])

        def of(entity: Entity) -> Sequence[Hashable]:
            entities = [add_namespaces(entity, namespaces) if added else entity]
            # What the transforms fail on comes to no hop.
            try:
                for action in between:
                    entities = [result for one in entities for result in _run(action, one, self._context)]
            except DtlError:
                return ()
            return [key for one in entities for key in known.keys(one)]

        return Side(f"{known.name} {blake2b(text.encode(), digest_size=16).hexdigest()}", of, reads)


def _run(action: Action, entity: Entity, context: Context) -> Iterable[Entity]:
    return (entity,) if entity.get("_filtered") is True else action.run(entity, context)


def _resolved(facts: Facts, roles: Iterable[Role]) -> set[Role | None]:
    """The aliases whose entities have one of the roles, SOURCE for those of the source; None among them for what is no entity."""
    found: set[Role | None] = set()
    todo: list[Role | None] = list(roles)
    seen: set[Role | None] = set()
    while todo:
        role = todo.pop()
        if role in seen:
            continue
        seen.add(role)
        if role is None or role.pointer:
            found.add(role)
        elif role.alias:
            todo += facts.of(role.rule).around
        else:
            found |= {SOURCE} if role == SOURCE else set()
            todo += facts.of(role.rule).given
    return found
