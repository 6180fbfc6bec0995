"""When the pump of a pipe is due: by its interval, its cron expression, or a change of what it reads.

Rules: configuration-pump.rst; hub/features/scheduling-and-signalling.rst; configuration-metadata.rst (`use_signalling_internally`);
configuration-sources-dataset.rst (`supports_signalling`); tools/docs/decisions/0426-schedules.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataflow.cron import Cron, CronError
from dataflow.dtl import transit
from dataflow.effective import READING_DATASETS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.clock import Randomness
    from dataflow.pipe import Pipe

NANO = 1_000_000_000
HOUR = 3600.0
# Seconds between runs where the pump does not say, and by how much they vary.
_INTERNAL = (30.0, 1.5)
_ANY = (900.0, 45.0)


@dataclass(frozen=True)
class Schedule:
    """`interval` is seconds between runs, least and most; `cron` takes its place where there is one.

    `rescan` is when everything is due. `signals` says that a change of the source makes the pump due, `lasting` that a moment which
    was missed is made up for.
    """

    mode: str
    interval: tuple[float, float]
    cron: Cron | None
    rescan: Cron | None
    signals: bool
    at_startup: bool
    at_startup_if_not_populated: bool

    @classmethod
    def of(cls, pipe: Pipe, metadata: Mapping[str, Any]) -> Schedule:
        pump = pipe.pump
        seconds, cron = _number(pump.get("schedule_interval")), _cron(pump.get("cron_expression"))
        return cls(
            mode=str(pump.get("mode", "scheduled")),
            interval=_default(pipe) if seconds is None else (seconds, seconds),
            cron=cron,
            rescan=_cron(pump.get("rescan_cron_expression")),
            signals=_signals(pipe, metadata, explicit=cron is not None or (seconds is not None and seconds < HOUR)),
            at_startup=pump.get("run_at_startup") is True,
            at_startup_if_not_populated=pump.get("run_at_startup_if_not_populated") is True,
        )

    @property
    def lasting(self) -> bool:
        return self.cron is not None or self.interval[0] > HOUR

    @property
    def key(self) -> str:
        """The same for schedules with the same moments."""
        return self.cron.text if self.cron is not None else f"{self.interval[0]:g}-{self.interval[1]:g}"

    def after(self, ns: int, random: Randomness) -> int | None:
        """The next moment a pump is due that ran last at one; None when it never is again."""
        if self.cron is not None:
            return self.cron.after(ns)
        return ns + int(random.between(*self.interval) * NANO)


def _default(pipe: Pipe) -> tuple[float, float]:
    internal = pipe.source.get("type") == "dataset" and pipe.writes is not None
    middle, spread = _INTERNAL if internal else _ANY
    return middle - spread, middle + spread


def _signals(pipe: Pipe, metadata: Mapping[str, Any], *, explicit: bool) -> bool:
    """A pipe that says so itself; else one between datasets, unless its schedule is `explicit` about when it runs."""
    if pipe.source.get("type") not in READING_DATASETS:
        return False
    own = pipe.source.get("supports_signalling")
    if type(own) is bool:
        return own
    given = metadata.get("global_defaults")
    globally = given.get("use_signalling_internally", True) if type(given) is dict else True
    return globally is True and pipe.writes is not None and not explicit


def _cron(value: Any) -> Cron | None:
    try:
        return Cron(value) if type(value) is str else None
    except CronError:
        # The configuration says so, as a finding.
        return None


def _number(value: Any) -> float | None:
    value = transit.decode(value)
    return None if value is None or type(value) in (bool, str) else float(value)


def schedule_name(pipe_id: str) -> str:
    """When a pump is due stands under this name in the store; ids of pipes have no slash."""
    return f"{pipe_id}/schedule"
