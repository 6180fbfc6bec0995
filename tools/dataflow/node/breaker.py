"""Circuit breakers: writes of a run that turns out to write too much are held back until somebody has decided about them.

Rules: hub/features/circuit-breakers.rst; configuration-sinks-dataset.rst (`circuit_breaker_threshold_factor`, `_count`);
hub/dtl/dtl-functions-transforms.rst (`trip!`); tools/docs/decisions/0422-circuit-breakers.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.dtl import transit
from dataflow.dtl.applying import TripCircuitBreaker
from dataflow.errors import PumpFailed
from dataflow.node.dataset import NOTHING, Dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from dataflow.clock import Clock
    from dataflow.dtl.values import Entity
    from dataflow.node.execution_log import ExecutionLog
    from dataflow.node.store import Store
    from dataflow.pipe import Pipe

# Versions of one run that are held back in memory.
IN_MEMORY = 5_000


class BreakerTripped(PumpFailed):
    """A run has written more than its circuit breaker lets through."""


def uncommitted_name(dataset_id: str) -> str:
    """What is held back stands under this name in the store; ids of datasets have no slash."""
    return f"{dataset_id}/uncommitted"


class Breaker:
    """The breaker of one dataset. With a threshold, and once the dataset is populated, the writes of a run are staged."""

    def __init__(self, pipe: Pipe, dataset: Dataset, store: Store, clock: Clock) -> None:
        wanted = pipe.sink if pipe.sink.get("type") == "dataset" else {}
        self._factor = _threshold(wanted.get("circuit_breaker_threshold_factor"))
        self._count = _threshold(wanted.get("circuit_breaker_threshold_count"))
        self._dataset = dataset
        self._store = store
        self._clock = clock
        self._name = uncommitted_name(dataset.id)
        state = store.state(self._name) or {}
        self._tripped: str | None = state.get("tripped")
        self._before: dict[str, Any] = state.get("before", {})
        self._staged: Staged | None = None

    @property
    def dataset_id(self) -> str:
        return self._dataset.id

    @property
    def tripped(self) -> str | None:
        """Why the breaker has tripped; None when it has not."""
        return self._tripped

    @property
    def staging(self) -> bool:
        """Whether the run under way may still be undone."""
        return self._staged is not None

    def begin(self) -> Dataset | Staged:
        """A run begins; what it has to write to."""
        limits = [self._count] if self._count is not None else []
        if self._factor is not None:
            limits.append(self._factor * self._dataset.size)
        if not limits or not self._dataset.populated:
            return self._dataset
        # Most runs write little and are let through, and until then nobody asks for it but this process.
        own = Dataset(self._dataset.id, self._clock)
        self._staged = Staged(self._dataset, own, max(limits), self._kept)
        return self._staged

    def _kept(self, own: Dataset) -> Dataset:
        """What is held back in memory, brought to the store."""
        kept = Dataset(self._dataset.id, self._clock, log=self._store.log(self._name))
        for version in own.since(NOTHING, history=True):
            kept.write(version)
        return kept

    def release(self) -> None:
        """The run is over and has not tripped: what it wrote stands."""
        if self._staged is not None:
            self._publish(self._staged.since())
            self._staged = None

    def trip(self, message: str, before: dict[str, Any]) -> None:
        """Refuse every run until there has been a decision; `before` is what the pump was before the run."""
        staged = self._staged is not None
        if self._staged is not None:
            self._staged.keep()
            self._staged = None
        self._tripped = message
        # Where nothing was held back nothing is undone, and so the pump does not go back either.
        self._before = before if staged else {}
        self._store.keep(self._name, {"tripped": message, "before": self._before})

    def uncommitted(self) -> Iterator[Entity]:
        """What is held back, with the offsets it would get."""
        if self._tripped is not None:
            for number, entity in enumerate(self._store.log(self._name).since(NOTHING, history=True), 1):
                yield {**entity, "_updated": self._dataset.offset + number}

    def decide(self, log: ExecutionLog, *, commit: bool) -> dict[str, Any]:
        """Let through what is held back, or drop it; what the pump has to be again, empty when it goes on from where it is.

        Raises PumpFailed when the breaker has not tripped.
        """
        if self._tripped is None:
            raise PumpFailed(f"the circuit breaker of {self.dataset_id} has not tripped")
        self._tripped = None
        log.note("circuit-breaker-commit" if commit else "circuit-breaker-rollback")
        if commit:
            self._publish(self._store.log(self._name).since(NOTHING, history=True))
            return {}
        self._store.forget(self._name)
        return self._before

    def _publish(self, versions: Iterable[Entity]) -> None:
        for version in versions:
            self._dataset.write(version)
        self._store.forget(self._name)


class Staged:
    """A dataset as it would be: writes go to a log of their own, until there are more than `limit`.

    That log is in memory as long as it is short; `kept` brings it to the store.
    """

    def __init__(self, dataset: Dataset, own: Dataset, limit: float, kept: Callable[[Dataset], Dataset]) -> None:
        self.id = dataset.id
        self._dataset = dataset
        self._own = own
        self._limit = limit
        self._bring = kept
        self._in_memory = True

    def since(self) -> Iterator[Entity]:
        """Every version written, in order."""
        return self._own.since(NOTHING, history=True)

    def keep(self) -> None:
        """What was written is to outlast this process."""
        if self._in_memory:
            self._own = self._bring(self._own)
            self._in_memory = False

    def newest(self, entity_id: str) -> Entity | None:
        return self._own.newest(entity_id) or self._dataset.newest(entity_id)

    def differs(self, entity: Entity) -> bool:
        return self._layer(entity.get("_id")).differs(entity)

    def write(self, entity: Entity) -> bool:
        """As `Dataset.write`. Raises BreakerTripped too."""
        if entity.get("_filtered") is True and type(entity.get("_id")) is str:
            return self.delete(entity["_id"])
        content = self._own.content(entity)
        if self._layer(content.id) is self._dataset and self._dataset.has(content):
            return False
        return self._counted(self._own.put(content))

    def delete(self, entity_id: str, **marks: Any) -> bool:
        newest = self.newest(entity_id)
        if newest is None or newest["_deleted"]:
            return False
        return self._counted(self._own.write({**newest, **marks, "_deleted": True}))

    def delete_unseen(self, seen: Collection[str], **marks: Any) -> int:
        unseen = [entity_id for entity_id in self._dataset.living() if entity_id not in seen]
        return sum(self.delete(entity_id, **marks) for entity_id in unseen)

    def _layer(self, entity_id: Any) -> Dataset:
        """Where the latest version of an entity is; an id that is none is left to the own log to refuse."""
        known = type(entity_id) is str and self._own.newest_offset(entity_id) is None
        return self._dataset if known and self._dataset.newest_offset(entity_id) is not None else self._own

    def _counted(self, written: bool) -> bool:
        count = self._own.offset + 1
        if count > IN_MEMORY:
            self.keep()
        if count > self._limit:
            raise BreakerTripped(
                f"the circuit breaker has tripped: {count} writes to {self.id}, and {self._limit:g} are let through; "
                "commit or roll back what is held back"
            )
        return written


def _threshold(value: Any) -> float | None:
    value = transit.decode(value)
    return None if value is None or type(value) in (bool, str) else float(value)


def trips(error: BaseException) -> bool:
    """Whether a failure trips the breaker: too much was written, or the rules of the pipe wanted it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, (BreakerTripped, TripCircuitBreaker)):
            return True
        cause = cause.__cause__
    return False
