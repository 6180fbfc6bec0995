"""webCRM's limit: so many requests in any 60 seconds. Rules: webCRM's API, limits; refused requests are not counted."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataflow.clock import Clock

WINDOW_NS = 60 * 1_000_000_000


class Throttle:
    def __init__(self, clock: Clock, limit: int | None) -> None:
        """A limit of None is no limit."""
        self._clock = clock
        self.limit = limit
        self._taken: deque[int] = deque()
        self._lock = threading.Lock()

    def take(self) -> int | None:
        """Count a request; when it is one too many, the whole seconds until there is room again."""
        limit = self.limit
        if limit is None:
            return None
        now = self._clock.now_ns()
        with self._lock:
            while self._taken and self._taken[0] <= now - WINDOW_NS:
                self._taken.popleft()
            if len(self._taken) < limit:
                self._taken.append(now)
                return None
            return -(-(self._taken[-limit] + WINDOW_NS - now) // 1_000_000_000)
