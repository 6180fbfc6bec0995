"""Where a pump delivers: the dataset of its pipe, or a sink outside.

Rules: configuration-sinks.rst, configuration-sinks-dataset.rst; node-semantics, sections 1.2, 1.6 and 4.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from dataflow.node.content import exported
from dataflow.node.dataset import NOTHING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from dataflow.dtl.values import Entity
    from dataflow.node.breaker import Breaker
    from dataflow.node.sink import DatasetSink
    from dataflow.node.sinks.sink import Sink
    from dataflow.pipe import Pipe

BATCH = 100
# Sinks that take their entities one by one unless the pipe says otherwise.
_SINGLES = frozenset({"rest"})


class Target(Protocol):
    """`written` counts what has gone out since `begin`; `bulk` says that it takes a batch as a whole, or not at all."""

    written: int
    bulk: bool

    def tracks(self) -> bool:
        """Whether a full run has to end with the deletion of what it has not produced."""

    def begin(self, *, full: bool) -> None:
        """A run starts. Raises PumpFailed."""

    def write(self, entities: Sequence[Entity]) -> None:
        """Take what came of a batch, filtered entities included. Raises PumpFailed."""

    def end(self, seen: Collection[str] | None) -> None:
        """The run came to its end; everything not `seen` is deleted unless that is None. Raises PumpFailed."""

    def abort(self) -> None:
        """The run broke off."""


class DatasetTarget:
    """Writes go through the breaker of the dataset."""

    bulk = False

    def __init__(self, sink: DatasetSink, breaker: Breaker) -> None:
        self.written = 0
        self._sink = sink
        self._breaker = breaker

    def tracks(self) -> bool:
        # What comes into an empty dataset leaves nothing behind that would have to be deleted.
        return self._sink.tracks_deletions and self._sink.dataset.offset != NOTHING

    def begin(self, *, full: bool) -> None:
        self.written = 0
        self._sink.into = self._breaker.begin()

    def write(self, entities: Sequence[Entity]) -> None:
        if self._sink.locks:
            self._sink.check_versions(entities)
        for entity in entities:
            self.written += self._sink.write(entity)

    def end(self, seen: Collection[str] | None) -> None:
        if seen is not None:
            self.written += self._sink.delete_unseen(seen)
        self._breaker.release()
        self._sink.into = self._sink.dataset

    def abort(self) -> None:
        self._breaker.release()
        self._sink.into = self._sink.dataset


class OutsideTarget:
    """Hands on what is not filtered, deleted entities included, in parts no larger than the sink wants."""

    bulk = True

    def __init__(self, pipe: Pipe, sink: Sink) -> None:
        self.written = 0
        self._sink = sink
        size = pipe.sink.get("batch_size")
        self._size = size if type(size) is int and size > 0 else None

    def tracks(self) -> bool:
        return False

    def begin(self, *, full: bool) -> None:
        self.written = 0
        self._sink.begin(full=full)

    def write(self, entities: Sequence[Entity]) -> None:
        outgoing = [exported(entity) for entity in entities if entity.get("_filtered") is not True]
        size = self._size or len(outgoing) or 1
        for start in range(0, len(outgoing), size):
            part = outgoing[start : start + size]
            self._sink.write(part)
            self.written += len(part)

    def end(self, seen: Collection[str] | None) -> None:
        self._sink.end()

    def abort(self) -> None:
        self._sink.abort()


def batch_size(pipe: Pipe) -> int:
    """How many entities of the source make a batch."""
    given = pipe.config.get("batch_size")
    if type(given) is int and given > 0:
        return given
    return 1 if pipe.sink.get("type") in _SINGLES else BATCH


def checkpoint_interval(pipe: Pipe) -> int:
    """After how many batches the offset is saved while a run goes on, whatever came of them."""
    given = pipe.config.get("checkpoint_interval")
    if type(given) is int and given > 0:
        return given
    return 1 if batch_size(pipe) == 1 and pipe.writes is None else 100


def saves_effects(pipe: Pipe) -> bool:
    """Whether the offset is also saved after each batch that may have changed something outside.

    The documented interval of batches of one is one; but what only went from dataset to dataset is lost together with the offset,
    and done again, so that saving it each time would only wait for the disk.
    """
    return batch_size(pipe) == 1 and "checkpoint_interval" not in pipe.config
