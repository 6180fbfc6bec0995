"""What sources have in common that pull their entities from outside when they are read.

Rules: configuration-sources.rst (continuation); hub/features/dependency-tracking.rst.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from dataflow.dtl import transit
from dataflow.node.dataset import NOTHING
from dataflow.node.rest.places import calling
from dataflow.node.sources.continuation import Continuation, Strategy, strategy_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.dtl.values import Entity, Value
    from dataflow.pipe import Pipe


class Pulled(ABC):
    datasets: tuple[str, ...] = ()

    def __init__(self, pipe: Pipe, strategy: Strategy | None = None) -> None:
        """`strategy` is how the source goes on, where its configuration alone does not tell."""
        self._config = pipe.source
        self._where = pipe.source_at
        self._continuation = Continuation(strategy or strategy_of(pipe.source, supports_since=False))
        self.continues = self._continuation.strategy is not Strategy.NONE
        self.in_order = self._continuation.strategy is Strategy.CHRONOLOGICAL

    @abstractmethod
    def entities(self, since: Value) -> Iterator[Entity]:
        """What there is after a marker, everything without one. Raises PumpFailed, CallFailed."""

    def end(self) -> Value:
        return self._continuation.reached

    def read(self, since: Value = NOTHING) -> Iterator[Entity]:
        start = since if self.continues else None
        if self.continues and since == NOTHING:
            start = transit.decode(self._config.get("initial_since_value"))
        with calling(self._where):
            yield from self._continuation.following(self.entities(start), start, in_order=self.in_order)

    def again(self, until: Value) -> Iterator[Entity]:
        """Nothing: changes of what rules hop to are only tracked for datasets."""
        return iter(())

    def previous(self, entity: Entity) -> Entity | None:
        return None

    def populated(self) -> bool:
        return True

    def waits(self) -> str | None:
        return None
