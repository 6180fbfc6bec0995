"""What kind of run comes next: a full one, one with what is new, or one that goes back a little.

Rules: configuration-pump.rst (`rescan_run_count`, `partial_rescan_run_count`, `partial_rescan_delta`, "Rescans");
configuration-sources.rst (`initial_since_value`); tools/docs/decisions/0423-rescans.md.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dataflow.dtl import instant, transit
from dataflow.dtl.values import Datetime
from dataflow.node.dataset import NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataflow.dtl.values import Value
    from dataflow.node.sources.source import Source

_NANO = 1_000_000_000


class SyncType(StrEnum):
    FULL = "full"
    INCREMENTAL = "incremental"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Sync:
    """`since` is the marker to read from, None for the beginning."""

    type: SyncType
    since: Value = None


class Rescans:
    """When a pump goes back over what it has taken already, by the number of its runs."""

    def __init__(self, pump: Mapping[str, Any], source: Mapping[str, Any]) -> None:
        self._full = _count(pump.get("rescan_run_count"))
        self._partial = _count(pump.get("partial_rescan_run_count"))
        self._delta = _count(pump.get("partial_rescan_delta"))
        self._initial = source.get("initial_since_value")

    def next(self, source: Source, marker: Value, run: int, *, full: bool = False) -> Sync:
        """The run with this number, counted from 1; `full` when somebody wants it so.

        A source that starts somewhere (`initial_since_value`) never gives everything; one outside knows itself where that is.
        """
        if not source.continues:
            return Sync(SyncType.FULL)
        if marker is None or full or (self._full is not None and run % self._full == 0):
            if self._initial is None:
                return Sync(SyncType.FULL)
            return Sync(SyncType.INCREMENTAL, _offset(self._initial) if source.datasets else None)
        if self._partial is not None and self._delta is not None and run % self._partial == 0:
            return Sync(SyncType.PARTIAL, earlier(marker, self._delta))
        return Sync(SyncType.INCREMENTAL, marker)


def earlier(marker: Value, delta: int) -> Value:
    """A marker moved back: by that many for a number, by seconds for a time; anything else stays."""
    if type(marker) is int:
        return max(NOTHING, marker - delta)
    if isinstance(marker, Datetime):
        return Datetime(marker.ns - delta * _NANO)
    if type(marker) is str:
        with suppress(ValueError):
            return instant.text(instant.parse(marker).ns - delta * _NANO)
    return marker


def _count(value: Any) -> int | None:
    value = transit.decode(value)
    return value if type(value) is int and value > 0 else None


def _offset(value: Any) -> int:
    if type(value) is str and value.strip('"').isdecimal():
        return int(value.strip('"'))
    return value if type(value) is int else NOTHING
