"""The way of source entities through a pipe to its target: in batches, and one by one when a batch fails.

Rules: configuration-pipes.rst ("Batching"); configuration-pump.rst (`batch_retries`, `fallback_to_single_entities_on_batch_fail`,
`max_consecutive_write_errors`, `write_retry_delay`, `max_seconds_per_entity`); tools/docs/decisions/0420-write-errors.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.errors import DtlError, NotRunHere, PumpFailed
from dataflow.node.breaker import BreakerTripped, trips
from dataflow.node.sink import StaleEntities

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dataflow.dtl import Context
    from dataflow.dtl.values import Entity
    from dataflow.node.pipeline import Pipeline
    from dataflow.node.retries import Retries
    from dataflow.node.tally import Tally
    from dataflow.node.target import Target
    from dataflow.node.tolerance import Tolerance


class TooSlow(PumpFailed):
    """The transforms took longer than the pump allows."""


# Failures of the run as a whole: to go on with single entities would not help.
_FINAL = (BreakerTripped, StaleEntities, TooSlow)


class Delivery:
    """Delivers for one pump; `retries` is None where whoever gives the entities is told of every fault (receivers)."""

    def __init__(
        self, pipeline: Pipeline, context: Context, target: Target, tolerance: Tolerance, retries: Retries | None
    ) -> None:
        self._pipeline = pipeline
        self._context = context
        self._target = target
        self._tolerance = tolerance
        self._retries = retries
        self._failures = 0

    def again(self, tally: Tally) -> None:
        """Try once more what did not get through before. Raises as `deliver` does."""
        self._failures = 0
        if self._retries is None:
            return
        for entity in self._retries.due():
            try:
                self._through([entity], tally)
            except (DtlError, PumpFailed) as error:
                self._failed(entity, error, tally, again=True)
                self._check(error)
            else:
                self._succeeded([entity])

    def deliver(self, batch: list[Entity], tally: Tally) -> Iterator[Entity]:
        """Bring a batch to the target; gives every entity that is dealt with: written, or put by for the next run.

        Raises DtlError or PumpFailed when the run has to end. All of an entity is worked out before any of it is written, so that
        one that fails leaves nothing behind.
        """
        wanted = self._wanted(batch, tally)
        if not wanted:
            yield from batch
            return
        try:
            self._whole(wanted, tally)
        except _FINAL:
            tally.culprit = wanted[0]
            raise
        except (DtlError, PumpFailed) as error:
            if len(wanted) > 1 and not self._tolerance.singles:
                raise
            if len(wanted) == 1:
                tally.read += 1
                self._failed(wanted[0], error, tally)
                yield from batch
                self._check(error)
                return
        else:
            tally.read += len(wanted)
            self._succeeded(wanted)
            yield from batch
            return
        chosen = set(map(id, wanted))
        for entity in batch:
            if id(entity) in chosen:
                yield from self._single(entity, tally)
            else:
                yield entity

    def _single(self, entity: Entity, tally: Tally) -> Iterator[Entity]:
        tally.read += 1
        try:
            self._through([entity], tally)
        except (DtlError, PumpFailed) as error:
            self._failed(entity, error, tally)
            yield entity
            self._check(error)
        else:
            self._succeeded([entity])
            yield entity

    def _wanted(self, batch: list[Entity], tally: Tally) -> list[Entity]:
        """The batch without what has been given up, or has failed in this run already."""
        retries = self._retries
        if retries is None or not retries.busy:
            return batch
        wanted: list[Entity] = []
        for entity in batch:
            if retries.passes_over(entity):
                tally.read += 1
                # What came of it while it still got through is not deleted.
                tally.seen.add(entity["_id"])
            else:
                wanted.append(entity)
        return wanted

    # --- attempts -----------------------------------------------------------------------------------------------------

    def _whole(self, batch: list[Entity], tally: Tally) -> None:
        """The batch at once, and several times where that may help."""
        results = self._transformed(batch)
        for attempt in range(self._tolerance.batch_retries + 1):
            try:
                self._target.write(results)
                break
            except PumpFailed as error:
                answer = self._tolerance.facing(error)
                if len(batch) < 2 or not self._target.bulk or attempt >= answer.batch_retries:
                    raise
                self._context.clock.sleep(answer.write_delay)
        self._note(results, tally)

    def _through(self, batch: list[Entity], tally: Tally) -> None:
        results = self._transformed(batch)
        self._target.write(results)
        self._note(results, tally)

    def _transformed(self, batch: list[Entity]) -> list[Entity]:
        together, context = self._pipeline.together, self._context
        slowest = self._tolerance.slowest
        if slowest is None:
            return together(batch, context)
        began = context.clock.now_ns()
        results = together(batch, context)
        seconds = (context.clock.now_ns() - began) / 1_000_000_000 / len(batch)
        if seconds > slowest:
            first = batch[0].get("_id")
            message = f'{seconds:g} seconds per entity, and max_seconds_per_entity is {slowest:g}; the batch begins with "{first}"'
            raise TooSlow(message)
        return results

    def _note(self, results: Iterable[Entity], tally: Tally) -> None:
        if tally.tracks:
            tally.seen.update(one["_id"] for one in results if one.get("_filtered") is not True)

    # --- what comes of them -------------------------------------------------------------------------------------------

    def _succeeded(self, entities: Iterable[Entity]) -> None:
        self._failures = 0
        if self._retries is not None and self._retries.busy:
            for entity in entities:
                self._retries.succeeded(entity)

    def _failed(self, entity: Entity, error: DtlError | PumpFailed, tally: Tally, *, again: bool = False) -> None:
        """Put an entity by for the next run. Raises the error when that cannot be done."""
        tally.culprit = entity
        tally.failed += 1
        self._failures += 1
        final = isinstance(error, (*_FINAL, NotRunHere)) or trips(error)
        if final or self._retries is None or not self._retries.keep(entity, error, again=again):
            raise error

    def _check(self, error: DtlError | PumpFailed) -> None:
        """End the run, or wait a little, after an entity was put by."""
        answer = self._tolerance.facing(error)
        if self._failures >= answer.consecutive:
            raise error
        if answer.write_delay:
            self._context.clock.sleep(answer.write_delay)
