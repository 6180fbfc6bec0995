"""A receiver: takes entities that are posted to a pipe, instead of a pump that fetches them.

Rules: configuration-sources-http.rst; hub/json-push.rst; node-semantics, section 4.4. Whoever posts is told of every fault, so
nothing is put by for later.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from dataflow.errors import DtlError, PumpFailed
from dataflow.node.breaker import BreakerTripped, trips
from dataflow.node.delivery import Delivery
from dataflow.node.reading import batches
from dataflow.node.runs import PipeRun, failure_of
from dataflow.node.tally import Tally
from dataflow.node.target import batch_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataflow.dtl import Context
    from dataflow.dtl.values import Entity
    from dataflow.node.breaker import Breaker
    from dataflow.node.execution_log import ExecutionLog
    from dataflow.node.pipeline import Pipeline
    from dataflow.node.sink import DatasetSink
    from dataflow.node.sources.source import Surroundings
    from dataflow.node.target import Target
    from dataflow.node.tolerance import Tolerance


class Receiver:
    """Brings what is posted to the dataset of a pipe; `record` adds up what that did."""

    def __init__(
        self,
        pipeline: Pipeline,
        sink: DatasetSink,
        target: Target,
        around: Surroundings,
        context: Context,
        *,
        tolerance: Tolerance,
        log: ExecutionLog,
        breaker: Breaker,
    ) -> None:
        self.pipeline = pipeline
        self.record = PipeRun(pipeline.id)
        self.log = log
        self.breaker = breaker
        self._sink = sink
        self._target = target
        self._around = around
        self._clock = context.clock
        self._delivery = Delivery(pipeline, context, target, tolerance, None)
        self._batch = batch_size(pipeline.pipe)
        if pipeline.pipe.source.get("auto_populate_dataset") is not False or sink.populates == "onload":
            sink.dataset.populated = True

    def begin(self) -> None:
        """A new run of the node: counts start again."""
        self.record = PipeRun(self.pipeline.id)

    def receive(
        self,
        entities: Sequence[Entity],
        *,
        seen: set[str] | None = None,
        last: bool = False,
        completeness: int | None = None,
    ) -> int:
        """Take entities; how many versions were written.

        `seen` takes the ids of a full sync; after the `last` part of one, everything not seen is deleted. `completeness` is what
        the sender says about it, in nanoseconds; without it that is now. Raises PumpFailed or TransformFailed: what came before
        the fault is written, unless versions are locked; and BreakerTripped when nothing can be taken.
        """
        if self.breaker.tripped is not None:
            raise BreakerTripped(
                f"the circuit breaker of {self.breaker.dataset_id} has tripped; commit or roll it back"
            )
        began, tally = time.perf_counter(), Tally(tracks=seen is not None)
        failure = self.record.failure
        self._target.begin(full=seen is not None)
        try:
            # Where versions are locked all of it is taken, or nothing.
            for batch in batches(entities, max(1, len(entities)) if self._sink.locks else self._batch):
                for _ in self._delivery.deliver(batch, tally):
                    pass
            if seen is not None:
                seen |= tally.seen
            self._target.end(seen if last else None)
            self._sink.dataset.completeness = completeness or self._clock.now_ns()
            if last and self._sink.populates != "never":
                self._sink.dataset.populated = True
        except (DtlError, PumpFailed) as error:
            failure = failure_of(self.pipeline.pipe, error)
            if trips(error):
                self.breaker.trip(str(error), {})
            self._target.abort()
            raise
        finally:
            tally.written = self._target.written
            self._around.store.commit()
            self.record.ran(
                read=tally.read,
                written=tally.written,
                failed=tally.failed,
                seconds=time.perf_counter() - began,
                failure=failure,
            )
        return tally.written

    def assume_complete(self) -> None:
        """When a run starts, what has been posted is all there is, even where that is nothing."""
        if self._sink.dataset.completeness is None:
            self._sink.dataset.completeness = self._clock.now_ns()

    def decide(self, *, commit: bool) -> None:
        """Let through or drop what a tripped breaker holds back. Raises PumpFailed when it has not tripped."""
        self.breaker.decide(self.log, commit=commit)
        self._around.store.commit()
