"""The time that a simulated system believes in: it can be moved, and be wrong."""

from __future__ import annotations

from dataflow.clock import Clock


class SimulatedClock(Clock):
    """Runs with the `inner` clock, the real time unless told otherwise, at a distance from it that can be changed."""

    def __init__(self, inner: Clock | None = None) -> None:
        self._inner = inner or Clock()
        self._ahead_ns = 0

    def now_ns(self) -> int:
        return self._inner.now_ns() + self._ahead_ns

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """Move the clock, backwards where `seconds` is negative."""
        self._ahead_ns += round(seconds * 1_000_000_000)

    def set(self, now_ns: int) -> None:
        """From now on it is this time; the clock runs on from there."""
        self._ahead_ns = now_ns - self._inner.now_ns()

    @property
    def ahead(self) -> float:
        """Seconds by which this clock is ahead of the inner one."""
        return self._ahead_ns / 1_000_000_000
