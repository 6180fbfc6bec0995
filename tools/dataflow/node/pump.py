"""A pump: one run of one pipe, and the memory of how far it has come.

A run takes what is new in the source, entity by entity, each one written before the next is read; when a dataset has changed that
rules hop to with dependency tracking, those read before that depend on the change are run again. Nothing else makes a pipe run
again: no hop with `track-dependencies: false`, no `lookup-entity`, and never its own sink.

Rules: hub/documentation/service-configuration/pipes/configuration-pump.rst, hub/features/dependency-tracking.rst,
hub/features/deletion-tracking.rst, hub/features/completeness-feature.rst; node-semantics, sections 1.4, 1.6 and 5.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dataflow.dtl import transit
from dataflow.errors import DtlError, PumpFailed
from dataflow.node.dataset import NOTHING
from dataflow.node.dependencies import Dependencies
from dataflow.node.runs import Failure, PipeRun, failure_of
from dataflow.node.sources.fixed import Fixed
from dataflow.node.sources.source import Outside

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataflow.dtl import Context
    from dataflow.dtl.values import Entity, Value
    from dataflow.node.pipeline import Pipeline
    from dataflow.node.sink import DatasetSink
    from dataflow.node.sources.source import Source, Surroundings

# Entities read between two moments at which what is written is made to last, as in a node: 100 batches of 100.
CHECKPOINT = 10_000


def asks_outside(source: Source) -> bool:
    """Whether there is no telling what a source has before it is read, which is done once in every run of the node."""
    return not source.datasets and not isinstance(source, (Fixed, Outside))


class Pump:
    """Runs a pipe that writes to a dataset; `record` adds up what its runs did."""

    def __init__(self, pipeline: Pipeline, sink: DatasetSink, around: Surroundings, context: Context) -> None:
        self.pipeline = pipeline
        self.record = PipeRun(pipeline.id)
        self._sink = sink
        self._around = around
        self._context = context
        self._dependencies = Dependencies(pipeline, around, context)
        known = around.store.state(pipeline.id) or {}
        self._marker: Value = transit.decode(known.get("marker"))
        self._complete: bool = known.get("complete", False)
        self._hopped: dict[str, int] = known.get("hopped", {})
        self._failed_at: State | None = None
        self._asked = False
        if sink.populates == "onload" or pipeline.is_receiver:
            sink.dataset.populated = True

    # --- whether to run -----------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """A new run of the node: counts start again, what failed before is tried again, and what is outside is read once."""
        self.record = PipeRun(self.pipeline.id)
        self._failed_at = None
        self._asked = False

    def waits(self) -> str | None:
        """Why the pipe cannot run yet, or None."""
        waiting = sorted(
            i
            for i in self.pipeline.hopped | self.pipeline.looked_up
            if i in self._around.datasets and not self._around.datasets[i].populated
        )
        if waiting:
            return f"waits for {', '.join(waiting)} to be populated"
        return self.pipeline.source.waits()

    def pending(self) -> bool:
        """Whether a run would find something to do."""
        state = self._state()
        if self._failed_at is not None:
            return state != self._failed_at
        if asks_outside(self.pipeline.source):
            return not self._asked
        return not self._complete or state != State(self._marker, self._hopped)

    def _state(self) -> State:
        # Changes of what rules hop to are only tracked for datasets (features/dependency-tracking.rst).
        tracked = () if asks_outside(self.pipeline.source) else self.pipeline.tracked
        hopped = {i: self._around.dataset(i).offset for i in tracked}
        try:
            return State(self.pipeline.source.end(), hopped)
        except (DtlError, PumpFailed) as error:
            return State(None, hopped, error)

    def backlog(self) -> tuple[int, dict[str, int]]:
        """How many versions of the source, and of each dataset hopped to, no run has taken in yet."""
        state = self._state()
        # Only offsets can be counted with.
        end = state.end if self.pipeline.source.datasets and state.end is not None else -1
        known = self._marker if self.pipeline.source.datasets and self._marker is not None else -1
        behind = {i: offset - self._hopped.get(i, -1) for i, offset in state.hopped.items()}
        return max(0, end - known), {i: count for i, count in behind.items() if count > 0}

    def rewind(self, marker: Value = None) -> None:
        """Go on from a marker of the source the next time; from the start, as if there had been no run, without one."""
        self._marker, self._complete, self._failed_at = marker, False, None
        if marker is None:
            self._hopped = {}
        self._save()

    @property
    def last_seen(self) -> Value:
        """The marker of the source up to which everything is taken in: of datasets an offset."""
        return self._marker

    # --- running ------------------------------------------------------------------------------------------------------

    def run(self) -> int:
        """One run; how many versions were written. A failure is recorded, and what was written before it stays."""
        started = time.perf_counter()
        tally = Tally()
        failure: Failure | None = None
        if self._sink.populates == "initially":
            self._sink.dataset.populated = True
        state = self._state()
        self._asked = True
        try:
            self._work(tally, state)
        except (DtlError, PumpFailed) as error:
            failure = failure_of(self.pipeline.pipe, error)
        self._failed_at = state if failure else None
        self._save()
        self.record.ran(read=tally.read, written=tally.written, seconds=time.perf_counter() - started, failure=failure)
        return tally.written

    def _work(self, tally: Tally, state: State) -> None:
        if state.error is not None:
            raise state.error
        source, known = self.pipeline.source, self._marker
        if known is None or not source.continues:
            # What comes into an empty dataset leaves nothing behind that a deletion would have to be tracked for.
            tally.tracks = self._sink.dataset.offset != NOTHING
            self._hopped = state.hopped
            self._take(source.read(), tally)
            if tally.read == 0 and self.pipeline.pipe.source.get("if_source_empty") == "fail":
                raise PumpFailed("the source gave no entities, and if_source_empty is fail")
            if tally.tracks:
                tally.written += self._sink.delete_unseen(tally.seen)
            self._dependencies.prepare()
        else:
            self._take(source.read(known), tally)
            if state.hopped != self._hopped:
                self._take(self._dependencies.again(self._hopped, known), tally, advancing=False)
        # A log may have grown since; how far a source outside goes is only known now that it is read.
        self._marker = source.end() if asks_outside(source) else state.end
        self._hopped, self._complete = state.hopped, True

    def _take(self, entities: Iterable[Entity], tally: Tally, *, advancing: bool = True) -> None:
        source = self.pipeline.source
        for entity in entities:
            tally.read += 1
            # All of an entity is worked out before any of it is written, so that one that fails leaves nothing behind.
            for result in self.pipeline.outputs(entity, self._context):
                tally.written += self._sink.write(result)
                if tally.tracks and result.get("_filtered") is not True:
                    tally.seen.add(result["_id"])
            # Where ids are gathered for deletion tracking, a run that breaks off has to begin again.
            known = source.continues and source.in_order and entity.get("_updated") is not None
            if advancing and known and not tally.tracks:
                self._marker = entity["_updated"]
                if tally.read % CHECKPOINT == 0:
                    self._save()

    def _save(self) -> None:
        """Let last what is written, together with how far the pump has come.

        That is done during a run too, where whoever goes on from there comes to the same end: not while ids are gathered for
        deletion tracking, and not between entities that were posted together.
        """
        state = {"marker": transit.encode(self._marker), "complete": self._complete, "hopped": self._hopped}
        self._around.store.keep(self.pipeline.id, state)
        self._around.store.commit()

    # --- receiving ----------------------------------------------------------------------------------------------------

    def receive(self, entities: Iterable[Entity], *, seen: set[str] | None = None, last: bool = False) -> int:
        """Take entities that were posted; how many versions were written.

        `seen` takes the ids of a full sync; after the `last` part of one, everything not seen is deleted. Raises PumpFailed or
        TransformFailed; what came before the fault is written.
        """
        started = time.perf_counter()
        tally = Tally()
        tally.tracks = seen is not None
        failure = self.record.failure
        try:
            self._take(entities, tally)
            if seen is not None:
                seen |= tally.seen
            if seen is not None and last:
                tally.written += self._sink.delete_unseen(seen)
            self._sink.dataset.completeness = self._context.clock.now_ns()
        except (DtlError, PumpFailed) as error:
            failure = failure_of(self.pipeline.pipe, error)
            raise
        finally:
            self._save()
            self.record.ran(
                read=tally.read, written=tally.written, seconds=time.perf_counter() - started, failure=failure
            )
        return tally.written

    def assume_complete(self) -> None:
        """When a run starts, what has been posted is all there is, even where that is nothing."""
        if self._sink.dataset.completeness is None:
            self._sink.dataset.completeness = self._context.clock.now_ns()

    # --- afterwards ---------------------------------------------------------------------------------------------------

    def settle(self) -> bool:
        """Pass on that the source is populated and complete, once all of it is taken in; says whether that changed anything."""
        if self.pending() or not self._complete:
            return False
        dataset = self._sink.dataset
        before = dataset.populated, dataset.completeness
        if self._sink.populates == "always":
            dataset.populated = True
        elif self._sink.populates == "if-source-populated":
            dataset.populated = dataset.populated or self.pipeline.source.populated()
        completeness = self._completeness()
        dataset.completeness = dataset.completeness if completeness is None else completeness
        return before != (dataset.populated, dataset.completeness)

    def _completeness(self) -> int | None:
        """The least complete of what the pipe reads; None when that of any is unknown."""
        config = self.pipeline.pipe.config
        read = {*self.pipeline.source.datasets, *self.pipeline.hopped} - set(config.get("exclude_completeness", ()))
        read = set(config.get("include_completeness", read))
        if not read:
            return self._context.clock.now_ns() if self._sink.dataset.completeness is None else None
        found = [self._around.datasets[i].completeness for i in sorted(read) if i in self._around.datasets]
        known = [moment for moment in found if moment is not None]
        return min(known) if known and len(known) == len(found) else None


@dataclass(frozen=True)
class State:
    """How far the source and the datasets hopped to have come, or why that cannot be told."""

    end: Value
    hopped: dict[str, int]
    error: DtlError | PumpFailed | None = field(default=None, compare=False)


class Tally:
    """Counts of one run, and the ids it has produced where it `tracks` them."""

    def __init__(self) -> None:
        self.read = 0
        self.written = 0
        self.tracks = False
        self.seen: set[str] = set()
