"""What a pump would find if it ran now.

Rules: node-semantics, sections 1.4 and 5; hub/dtl/dtl-functions-hops.rst (populated datasets).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dataflow.errors import DtlError, PumpFailed
from dataflow.node.dataset import NOTHING
from dataflow.node.reading import asks_outside

if TYPE_CHECKING:
    from dataflow.dtl.values import Value
    from dataflow.node.pipeline import Pipeline
    from dataflow.node.progress import Progress
    from dataflow.node.sources.source import Surroundings


@dataclass(frozen=True)
class State:
    """How far the source and the datasets hopped to have come, or why that cannot be told."""

    end: Value
    hopped: dict[str, int]
    error: DtlError | PumpFailed | None = field(default=None, compare=False)


class Outlook:
    """That of one pipe."""

    def __init__(self, pipeline: Pipeline, around: Surroundings) -> None:
        self._pipeline = pipeline
        self._around = around

    def state(self) -> State:
        # Changes of what rules hop to are only tracked for datasets (features/dependency-tracking.rst).
        tracked = () if asks_outside(self._pipeline.source) else self._pipeline.tracked
        hopped = {i: self._around.dataset(i).offset for i in tracked}
        try:
            return State(self._pipeline.source.end(), hopped)
        except (DtlError, PumpFailed) as error:
            return State(None, hopped, error)

    def waits(self) -> str | None:
        """Why the pipe cannot run yet, or None."""
        datasets = self._around.datasets
        beside = self._pipeline.hopped | self._pipeline.looked_up
        waiting = sorted(i for i in beside if i in datasets and not datasets[i].populated)
        if waiting:
            return f"waits for {', '.join(waiting)} to be populated"
        return self._pipeline.source.waits()

    def backlog(self, progress: Progress) -> tuple[int, dict[str, int]]:
        """How many versions of the source, and of each dataset hopped to, no run has taken in yet."""
        state = self.state()
        known = progress.marker if type(progress.marker) is int else NOTHING
        ahead = state.end - known if self._pipeline.source.datasets and type(state.end) is int else 0
        behind = {i: offset - progress.hopped.get(i, NOTHING) for i, offset in state.hopped.items()}
        return max(0, ahead), {i: count for i, count in behind.items() if count > 0}
