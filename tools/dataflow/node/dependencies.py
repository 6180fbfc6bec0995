"""Dependency tracking: which entities of its source a pipe has to run again because what its rules hop to has changed.

Every version that came into a hopped dataset after the tracked offset is taken, and the one before it, and the joins are walked
backwards, by indexes, to the entities of the source. Where that way is not known, everything is run again.
Rules: hub/features/dependency-tracking.rst, hub/dtl/caveats.rst; node-semantics, section 5.6; decision 0410.
"""

from __future__ import annotations

from collections import deque
from functools import cached_property
from typing import TYPE_CHECKING

from dataflow.node.backward import Backward
from dataflow.node.sources.source import LogSource

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping

    from dataflow.dtl import Context
    from dataflow.dtl.values import Entity
    from dataflow.node.backward import Path, Place
    from dataflow.node.dataset import Dataset
    from dataflow.node.pipeline import Pipeline
    from dataflow.node.sources.source import Surroundings

# More entities than this are not gathered: what leads back to so many is as good as everything.
MOST = 50_000
# From so many entities on, indexes are made at the end of the first run, and not when the first change waits for them.
LARGE = 10_000


class Dependencies:
    """Of one pipe; nothing is worked out before it is needed."""

    def __init__(self, pipeline: Pipeline, around: Surroundings, context: Context) -> None:
        self._pipeline = pipeline
        self._around = around
        self._context = context

    @cached_property
    def _backward(self) -> Backward:
        return Backward(self._pipeline, self._context)

    def again(self, tracked: Mapping[str, int], until: int) -> Iterable[Entity]:
        """The entities of the source, up to an offset, that changes after the tracked offsets can have an effect on.

        Latest versions, each once, in the order of the source.
        """
        source = self._pipeline.source
        ids = self._affected(source, tracked) if isinstance(source, LogSource) else None
        return source.again(until) if ids is None or not isinstance(source, LogSource) else source.some(ids, until)

    def prepare(self) -> None:
        """Make the indexes that lead back to a large source."""
        source = self._pipeline.source
        if self._pipeline.tracked and isinstance(source, LogSource) and source.length >= LARGE:
            for paths in self._backward.paths.values():
                for path in paths:
                    if path.source is not None:
                        source.holders(path.source.name, path.source.keys, "")

    def _affected(self, source: LogSource, tracked: Mapping[str, int]) -> set[str] | None:
        """Ids in the source; None for all."""
        walk = _Walk(source, self._around, self._backward)
        for dataset_id in sorted(self._pipeline.tracked):
            dataset, since = self._around.dataset(dataset_id), tracked.get(dataset_id)
            if since == dataset.offset:
                continue
            starts = self._backward.starts[dataset_id]
            if since is None or since > dataset.offset or starts is None:
                return None
            for version in _changes(dataset, since):
                for place in starts:
                    walk.back(place, version)
                if len(walk.found) > MOST:
                    return None
        return walk.found


def _changes(dataset: Dataset, since: int) -> Iterator[Entity]:
    """Every version after an offset, and before it the one it came after; deleted ones join nothing."""
    for version in dataset.since(since, history=True):
        before = version["_previous"]
        if before is not None and before <= since and not (earlier := dataset.version(before))["_deleted"]:
            yield earlier
        if not version["_deleted"]:
            yield version


class _Walk:
    """`found` are the ids in the source that were come to."""

    def __init__(self, source: LogSource, around: Surroundings, backward: Backward) -> None:
        self.found: set[str] = set()
        self._source = source
        self._around = around
        self._backward = backward
        # What was asked for, with the number of the evaluation it was asked from: fewer before leave more after.
        self._asked: dict[tuple[int, Hashable], int] = {}

    def back(self, start: Place, entity: Entity) -> None:
        todo = deque([(start, entity, 1)])
        while todo:
            place, entity, evaluation = todo.popleft()
            for path in self._backward.paths.get(place, ()):
                for key in path.wanted.keys(entity):
                    if self._asked.get((id(path), key), evaluation + 1) > evaluation:
                        self._asked[id(path), key] = evaluation
                        if path.source is not None:
                            self.found.update(self._source.holders(path.source.name, path.source.keys, key))
                        todo += self._step(place, path, key, evaluation)

    def _step(self, place: Place, path: Path, key: Hashable, evaluation: int) -> Iterator[tuple[Place, Entity, int]]:
        for origin in path.origins:
            same = origin.role.pointer == place.role.pointer
            for entity in self._holding(origin, path, key):
                yield origin, entity, evaluation if same else 1
        if path.feeds is not None and (path.most is None or evaluation < path.most):
            for entity in self._holding(path.feeds, path, key):
                yield path.feeds, entity, evaluation + 1

    def _holding(self, place: Place, path: Path, key: Hashable) -> Iterable[Entity]:
        dataset = self._around.dataset(self._backward.datasets[place])
        return dataset.index(path.known.name, path.known.keys).get(key, ())
