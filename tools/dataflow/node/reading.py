"""Reading a source, and trying again when that fails.

Rules: configuration-pump.rst (`max_read_retries`, `read_retry_delay`); configuration-sources.rst (continuation support).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.errors import DtlError, NotRunHere, PumpFailed
from dataflow.node.sources.fixed import Fixed
from dataflow.node.sources.source import Outside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dataflow.clock import Clock
    from dataflow.dtl.values import Entity, Value
    from dataflow.node.execution_log import ExecutionLog
    from dataflow.node.sources.source import Source
    from dataflow.node.tally import Tally
    from dataflow.node.tolerance import Tolerance


def asks_outside(source: Source) -> bool:
    """Whether there is no telling what a source has before it is read, which is done once in every run of the node."""
    return not source.datasets and not isinstance(source, (Fixed, Outside))


class Reading:
    """Reads for one pump."""

    def __init__(self, source: Source, tolerance: Tolerance, log: ExecutionLog, clock: Clock) -> None:
        self._source = source
        self._tolerance = tolerance
        self._log = log
        self._clock = clock

    def entities(self, since: Value, tally: Tally) -> Iterator[Entity]:
        """The entities of the source after a marker, all of them when it is None. Raises PumpFailed when it keeps failing.

        A source that gives its entities in order goes on after the last one, any other begins again.
        """
        tries = 0
        while True:
            try:
                for entity in self._source.read() if since is None else self._source.read(since):
                    yield entity
                    if self._source.continues and self._source.in_order and entity.get("_updated") is not None:
                        since = entity["_updated"]
                return
            except NotRunHere:
                raise
            except PumpFailed as error:
                answer = self._tolerance.facing(error)
                tally.read_errors += 1
                self._log.read_error(str(error))
                if tries >= answer.read_retries:
                    raise
                tries += 1
                self._clock.sleep(answer.read_delay)


def batches(entities: Iterable[Entity], size: int) -> Iterator[list[Entity]]:
    """Entities in lists of a size. What was read before a fault comes before the fault."""
    batch: list[Entity] = []
    fault: DtlError | PumpFailed | None = None
    try:
        for entity in entities:
            batch.append(entity)
            if len(batch) == size:
                yield batch
                batch = []
    except (DtlError, PumpFailed) as error:
        fault = error
    if batch:
        yield batch
    if fault is not None:
        raise fault
