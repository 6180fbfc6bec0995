"""A thread that keeps to the timetable of a node."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataflow.node.timetable import Timetable


class Ticker:
    """Looks at the clock when something is due, and whenever it is woken."""

    def __init__(self, timetable: Timetable) -> None:
        self._timetable = timetable
        self._woken = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._keep, name="timetable", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Something has changed that may make a pump due."""
        self._woken.set()

    def stop(self) -> None:
        """Let the pump that runs come to its end, and start no other one."""
        self._stopped = True
        self._woken.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._stopped:
            self._woken.clear()
            seconds = self._timetable.step()
            self._woken.wait(seconds)
