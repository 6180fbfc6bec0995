"""The scheduler: runs pipes along the flow of data until nothing changes any more.

Rules: sesam-py 2.11, `run` (run until done); node-semantics, section 5.8. A pipe of mode "off" never runs; mode "manual" only means
that no schedule starts it (hub/documentation/service-configuration/pipes/configuration-pump.rst).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from dataflow.errors import FindingsError
from dataflow.node.runs import RunReport, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dataflow.node.pump import Pump

# What sesam-py sends as `max_runs`.
MAX_PASSES = 100


class Scheduler:
    """Runs `pumps`, group by group in the given order; a group comes to rest before the next one starts."""

    def __init__(
        self,
        pumps: Mapping[str, Pump],
        order: Sequence[Sequence[str]],
        *,
        max_passes: int = MAX_PASSES,
        watch: Callable[[Pump], None] | None = None,
    ) -> None:
        """`watch` is called after every run of a pump; what it raises ends the work."""
        self._pumps = pumps
        self._groups = [[pumps[i] for i in group if i in pumps] for group in order]
        self._max_passes = max_passes
        self._watch = watch

    def run(self) -> RunReport:
        """Run until a whole pass changes nothing. Raises FindingsError (DF703) when that does not happen in `max_passes`."""
        started = time.perf_counter()
        report = RunReport()
        for pump in self._pumps.values():
            pump.begin()
        while self._pass():
            report.passes += 1
            if report.passes >= self._max_passes:
                raise self._restless([pump for group in self._groups for pump in group])
        for group in self._groups:
            for pump in group:
                pump.record.reason = self._reason(pump)
                report.pipes[pump.pipeline.id] = pump.record
        report.seconds = time.perf_counter() - started
        return report

    def _pass(self) -> bool:
        changed = False
        for group in self._groups:
            for _ in range(self._max_passes):
                moved = [self._step(pump) for pump in group]
                if not any(moved):
                    break
                changed = True
            else:
                raise self._restless(group)
        return changed

    def _step(self, pump: Pump) -> bool:
        """Let a pump run if it can and has to; says whether anything is different now."""
        ran = False
        if not _is_off(pump) and pump.waits() is None and pump.pending():
            pump.run()
            ran = True
            if self._watch is not None:
                self._watch(pump)
        return pump.settle() or ran

    def _reason(self, pump: Pump) -> str | None:
        record = pump.record
        if record.status is not Status.SKIPPED:
            return record.reason
        return "pump.mode is off" if _is_off(pump) else pump.waits() or "nothing has changed"

    def _restless(self, pumps: Sequence[Pump]) -> FindingsError:
        busy = [pump for pump in pumps if pump.pending()] or list(pumps)
        names = ", ".join(pump.pipeline.id for pump in busy[:5])
        latest = max(busy, key=lambda pump: pump.record.written)
        fault = f"after {self._max_passes} passes there is still something to do for {names}"
        written = f"{latest.pipeline.id} wrote {latest.record.written} versions"
        hint = f"{written}: look for a value that its own consequences change again"
        return FindingsError([latest.pipeline.pipe.document.diagnostic("DF703", fault, hint=hint)])


def _is_off(pump: Pump) -> bool:
    return pump.pipeline.pipe.pump.get("mode") == "off"
