"""A pump: one run of one pipe, and the memory of how far it has come.

A run first tries again what failed before. Then it takes what is new in the source, batch by batch; when a dataset has changed that
rules hop to with dependency tracking, those read before that depend on the change are run again. Nothing else makes a pipe run
again: no hop with `track-dependencies: false`, no `lookup-entity`, and never its own sink.

Rules: hub/documentation/service-configuration/pipes/configuration-pump.rst, hub/features/dependency-tracking.rst,
hub/features/deletion-tracking.rst, hub/features/completeness-feature.rst; node-semantics, sections 1.4, 1.6 and 5.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from dataflow.dtl import transit
from dataflow.errors import DtlError, PumpFailed
from dataflow.node.breaker import trips
from dataflow.node.completeness import Completeness
from dataflow.node.delivery import Delivery
from dataflow.node.dependencies import Dependencies
from dataflow.node.outlook import Outlook, State
from dataflow.node.progress import Progress
from dataflow.node.reading import Reading, asks_outside, batches
from dataflow.node.runs import Failure, PipeRun, failure_of, trace_of
from dataflow.node.sync import Rescans, Sync, SyncType
from dataflow.node.tally import Tally
from dataflow.node.target import batch_size, checkpoint_interval, saves_effects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dataflow.dtl import Context
    from dataflow.dtl.values import Entity, Value
    from dataflow.node.breaker import Breaker
    from dataflow.node.execution_log import ExecutionLog
    from dataflow.node.pipeline import Pipeline
    from dataflow.node.retries import Retries
    from dataflow.node.sources.source import Surroundings
    from dataflow.node.target import Target
    from dataflow.node.tolerance import Tolerance


class Pump:
    """Runs a pipe that writes to a dataset or to a sink outside; `record` adds up what its runs did."""

    def __init__(
        self,
        pipeline: Pipeline,
        target: Target,
        around: Surroundings,
        context: Context,
        *,
        tolerance: Tolerance,
        log: ExecutionLog,
        retries: Retries,
        breaker: Breaker | None = None,
    ) -> None:
        """`breaker` is that of the dataset the pipe writes, None for a sink outside."""
        pipe = pipeline.pipe
        self.pipeline = pipeline
        self.record = PipeRun(pipeline.id)
        self.log = log
        self.retries = retries
        self.breaker = breaker
        self._target = target
        self._sink = pipeline.sink
        self._around = around
        self._context = context
        self._dependencies = Dependencies(pipeline, around, context)
        self._completeness = Completeness(around.datasets, around.store)
        self._reading = Reading(pipeline.source, tolerance, log, context.clock)
        self._delivery = Delivery(pipeline, context, target, tolerance, retries)
        self._rescans = Rescans(pipe.pump, pipe.source)
        self._batch = batch_size(pipe)
        self._checkpoint = checkpoint_interval(pipe)
        self._saves_effects = saves_effects(pipe)
        self._outlook = Outlook(pipeline, around)
        self._restore(around.store.state(pipeline.id) or {})
        self._failed_at: State | None = None
        self._asked = False
        self._may_retry = True
        if self._sink is not None and self._sink.populates == "onload":
            self._sink.dataset.populated = True

    # --- memory -------------------------------------------------------------------------------------------------------

    def _restore(self, known: dict[str, Any]) -> None:
        self._at = Progress.of(known)
        self.retries.restore(known.get("retries", {}))

    def _memory(self) -> dict[str, Any]:
        known = self._at.as_json()
        return {**known, "retries": self.retries.state()} if self.retries.busy else known

    def _save(self) -> None:
        """Let last what is written, together with how far the pump has come.

        That is done during a run too, where whoever goes on from there comes to the same end: not while ids are gathered for
        deletion tracking, not while writes are held back, and not between entities that were posted together.
        """
        self._around.store.keep(self.pipeline.id, self._memory())
        self._around.store.commit()
        self.pipeline.took_effect = False

    # --- whether to run -----------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """A new run of the node: counts start again, what failed before is tried again, and what is outside is read once."""
        self.record = PipeRun(self.pipeline.id)
        self._failed_at = None
        self._asked = False
        self._may_retry = True

    def waits(self) -> str | None:
        """Why the pipe cannot run yet, or None."""
        if self.breaker is not None and self.breaker.tripped is not None:
            return f"waits for a decision about {self.breaker.dataset_id}, whose circuit breaker has tripped"
        return self._outlook.waits()

    def pending(self) -> bool:
        """Whether a run would find something to do."""
        state = self._outlook.state()
        if self._failed_at is not None:
            return state != self._failed_at
        if self.retries.waiting and self._may_retry:
            return True
        if self._at.owes and not self.retries.waiting:
            return True
        if asks_outside(self.pipeline.source):
            return not self._asked
        return not self._at.complete or state != State(self._at.marker, self._at.hopped)

    def backlog(self) -> tuple[int, dict[str, int]]:
        """How many versions of the source, and of each dataset hopped to, no run has taken in yet."""
        return self._outlook.backlog(self._at)

    def rewind(self, marker: Value = None) -> None:
        """Go on from a marker of the source the next time; from the start, as if there had been no run, without one."""
        before = self._at.marker
        self._at.marker, self._at.complete, self._failed_at = marker, False, None
        if marker is None:
            self._at.hopped = {}
            self.retries.clear()
        self.log.note(
            "pump-offset-set",
            is_reset=marker is None,
            original_pipe_offset=_text(before),
            pipe_offset=_text(marker),
        )
        self._save()

    def skip(self) -> None:
        """Go on from the end of the source the next time, as if everything there is had been taken in."""
        state = self._outlook.state()
        self.rewind(state.end)
        self._at.hopped, self._at.complete = state.hopped, True
        self._save()

    def discard_retries(self) -> None:
        """What waits to be tried again is not."""
        self.retries.discard()
        self._save()

    @property
    def last_seen(self) -> Value:
        """The marker in the source up to which everything is taken in."""
        return self._at.marker

    # --- running ------------------------------------------------------------------------------------------------------

    def run(self, *, rescan: bool = False, finish: Callable[[], None] | None = None) -> int:
        """One run, of everything with `rescan`; how many versions or entities were written.

        A failure is recorded, and what was written before it stays. What `finish` keeps in the store lasts together with the run.
        """
        began, started = time.perf_counter(), self._context.clock.now_ns()
        tally, before = Tally(), self._memory()
        failure: Failure | None = None
        if self._sink is not None and self._sink.populates == "initially":
            self._sink.dataset.populated = True
        self._at.runs += 1
        self._asked, self._may_retry = True, False
        state = self._outlook.state()
        full = rescan or (self._at.owes and not self.retries.waiting)
        sync = self._rescans.next(self.pipeline.source, self._at.marker, self._at.runs, full=full)
        self.log.started(sync.type)
        try:
            self._target.begin(full=sync.type is SyncType.FULL)
            self._delivery.again(tally)
            self._work(tally, state, sync)
            self._target.end(tally.seen if tally.tracks and not tally.failed else None)
            if sync.type is SyncType.FULL:
                self._at.owes = tally.tracks and tally.failed > 0
            if self._sink is not None and not self.pipeline.completed_by:
                self._sink.dataset.completeness = started
        except (DtlError, PumpFailed) as error:
            failure = failure_of(self.pipeline.pipe, error)
            self._break_off(error, tally, sync, before)
        tally.written = self._target.written
        self._failed_at = state if failure else None
        if failure is None:
            self.log.completed(tally)
        else:
            self.log.failed(tally, failure.message, trace_of(failure))
        if finish is not None:
            finish()
        self._save()
        self.record.ran(
            read=tally.read,
            written=tally.written,
            failed=tally.failed,
            seconds=time.perf_counter() - began,
            failure=failure,
        )
        return tally.written

    def _work(self, tally: Tally, state: State, sync: Sync) -> None:
        if state.error is not None:
            raise state.error
        source, known = self.pipeline.source, sync.since
        if sync.type is SyncType.FULL:
            self._at.complete = False
            tally.tracks = self._target.tracks()
            self._at.hopped = state.hopped
            self._take(self._reading.entities(known, tally), tally)
            if tally.read == 0 and self.pipeline.pipe.source.get("if_source_empty") == "fail":
                raise PumpFailed("the source gave no entities, and if_source_empty is fail")
            self._dependencies.prepare()
        else:
            if self._at.marker is None:
                # Nothing has been read that a change of what it hopped to could concern.
                self._at.hopped = state.hopped
            self._take(self._reading.entities(known, tally), tally)
            if state.hopped != self._at.hopped:
                self._take(self._dependencies.again(self._at.hopped, known), tally, advancing=False)
        # A log may have grown since; how far a source outside goes is only known now that it is read.
        self._at.marker = source.end() if asks_outside(source) else state.end
        self._at.hopped, self._at.complete = state.hopped, True

    def _take(self, entities: Iterable[Entity], tally: Tally, *, advancing: bool = True) -> None:
        source = self.pipeline.source
        final = tally.tracks or (self.breaker is not None and self.breaker.staging)
        for number, batch in enumerate(batches(entities, self._batch), 1):
            # Known only now that something has been read.
            going_on = advancing and source.continues and source.in_order
            for entity in self._delivery.deliver(batch, tally):
                if going_on and entity.get("_updated") is not None:
                    self._at.marker = entity["_updated"]
            due = number % self._checkpoint == 0 or (self._saves_effects and self.pipeline.took_effect)
            if due and going_on and not final:
                self._save()

    def _break_off(self, error: DtlError | PumpFailed, tally: Tally, sync: Sync, before: dict[str, Any]) -> None:
        """A run has failed: where the next one goes on."""
        ended = sync.type is SyncType.FULL and self._at.complete
        self._at.complete = False
        if self.breaker is not None and trips(error):
            self.breaker.trip(str(error), before)
        if tally.tracks or ended:
            # Nobody knows any more what this run has produced, so what is to be deleted has to be found out anew.
            self._at.marker = None
        self._target.abort()

    # --- afterwards ---------------------------------------------------------------------------------------------------

    def settle(self) -> bool:
        """Pass on that the source is populated and complete, once all of it is taken in; says whether that changed anything."""
        if self._sink is None or self.pending() or not self._at.complete:
            return False
        dataset = self._sink.dataset
        before = dataset.populated
        if self._sink.populates == "always":
            dataset.populated = True
        elif self._sink.populates == "if-source-populated":
            dataset.populated = before or self.pipeline.source.populated()
        inherited = self._completeness.inherit(dataset, self.pipeline.reads, self.pipeline.completed_by)
        return inherited or before != dataset.populated

    def decide(self, *, commit: bool) -> None:
        """Let through or drop what a tripped breaker holds back. Raises PumpFailed when it has not tripped."""
        assert self.breaker is not None
        self._restore(self.breaker.decide(self.log, commit=commit) or self._memory())
        self._failed_at = None
        self._save()


def _text(marker: Value) -> str:
    return "" if marker is None else transit.dumps(marker)
