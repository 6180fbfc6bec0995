"""Time and randomness: the one place both come from, so that a run can be repeated exactly."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random


class Clock:
    """Wall-clock time in nanoseconds since the epoch, UTC."""

    def now_ns(self) -> int:
        return time.time_ns()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class FixedClock(Clock):
    """A clock that stands still until it is told to move; sleeping moves it."""

    def __init__(self, now_ns: int = 1_732_406_400_000_000_000) -> None:
        self._now = now_ns

    def now_ns(self) -> int:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self._now += int(seconds * 1_000_000_000)


class Randomness:
    """Source of random UUIDs; seeded, it gives the same sequence every time."""

    def __init__(self, seed: int | None = None) -> None:
        self._seed = seed

    @cached_property
    def _random(self) -> random.Random:
        import random

        return random.Random(self._seed)

    def uuid4(self) -> str:
        import uuid

        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def between(self, least: float, most: float) -> float:
        return self._random.uniform(least, most)


def timestamp(ns: int) -> str:
    """A moment as text that sorts by time: always six digits after the point."""
    seconds, rest = divmod(ns, 1_000_000_000)
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
