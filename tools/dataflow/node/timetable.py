"""The timetable of a node: which pump is due when, and running those that are.

Rules: hub/features/scheduling-and-signalling.rst; configuration-pump.rst (modes, `run_at_startup`, persisted moments);
tools/docs/decisions/0426-schedules.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataflow.node.schedule import NANO, Schedule, schedule_name

if TYPE_CHECKING:
    from dataflow.clock import Randomness
    from dataflow.node.live import LiveNode
    from dataflow.node.node import Node
    from dataflow.node.pump import Pump

# How many runs one look at the clock may lead to; pipes that signal each other in a circle would keep it busy for ever.
MOST = 10_000
# Seconds until the clock is looked at again where nothing is due sooner.
LONGEST = 60.0


@dataclass
class _Entry:
    """`due` and `rescan` are moments in nanoseconds, None for never.

    `inputs` are the offsets of the source at the latest run, None before the first one here.
    """

    schedule: Schedule
    due: int | None
    rescan: int | None
    inputs: tuple[int, ...] | None = None


class Timetable:
    """Of a node that stays up. Nothing happens by itself: somebody has to call `step` when it is time."""

    def __init__(self, live: LiveNode, random: Randomness) -> None:
        self._live = live
        self._random = random
        self._node: Node | None = None
        self._started_ns: int | None = None
        self._entries: dict[str, _Entry] = {}

    def step(self) -> float:
        """Run the pump that is due longest, if one is; seconds until there is more to do."""
        with self._live.using() as node:
            self._refresh(node)
            now = self._live.clock.now_ns()
            pipe_id = self._first_due(node, now)
            if pipe_id is None:
                return self._seconds(now)
            self._run(node, pipe_id, now)
        return 0.0

    def run_due(self) -> float:
        """Run everything that is due, and then what that makes due; seconds until there is more to do."""
        for _ in range(MOST):
            seconds = self.step()
            if seconds > 0:
                return seconds
        return 0.0

    def next_run(self, pipe_id: str) -> int | None:
        """When a pump is due next; None when no schedule runs it, or the node is in use and there has been no time to find out."""
        with self._live.glimpse() as node:
            if node is not None:
                self._refresh(node)
        entry = self._entries.get(pipe_id)
        return None if entry is None else entry.due

    # --- entries ------------------------------------------------------------------------------------------------------

    def _refresh(self, node: Node) -> None:
        """Follow the node: a pipe whose schedule has not changed stays due when it was."""
        started, now = self._live.started_ns, self._live.clock.now_ns()
        if node is self._node and started == self._started_ns:
            return
        # A node that gets its first pipes starts with them.
        startup = started != self._started_ns
        before = {} if startup else self._entries
        self._entries = {}
        for pipe in node.pipes:
            pump, schedule = node.pump(pipe.id), Schedule.of(pipe, node.metadata)
            if pump is None or schedule.mode != "scheduled":
                continue
            entry, known = self._entry(pipe.id, schedule, now), before.get(pipe.id)
            if known is not None and known.schedule.key == schedule.key:
                entry.due = known.due
            if startup and _at_startup(pump, schedule):
                entry.due = now
            self._entries[pipe.id] = entry
            # So that a node that is started again and again does not put it off for ever.
            self._keep(pipe.id, entry)
        self._live.store.commit()
        self._node = node
        self._started_ns = started if node.pipes else None

    def _entry(self, pipe_id: str, schedule: Schedule, now: int) -> _Entry:
        due = schedule.after(now, self._random)
        kept = self._live.store.state(schedule_name(pipe_id)) or {}
        if kept.get("key") == schedule.key and kept.get("due") is not None:
            due = kept["due"] if due is None else min(due, kept["due"])
        rescan = None if schedule.rescan is None else schedule.rescan.after(now)
        return _Entry(schedule, due, rescan)

    # --- running ------------------------------------------------------------------------------------------------------

    def _first_due(self, node: Node, now: int) -> str | None:
        """The pump that is due longest; of those that are due at the same moment the first in the order of the pipes."""
        chosen: str | None = None
        earliest = now
        for pipe_id, entry in self._entries.items():
            pump = node.pump(pipe_id)
            if pump is None or pipe_id in self._live.disabled:
                continue
            moments = [moment for moment in (entry.due, entry.rescan) if moment is not None]
            if entry.schedule.signals and self._signalled(node, pump, entry):
                moments.append(now)
            if moments and (min(moments) < earliest or (chosen is None and min(moments) == earliest)):
                chosen, earliest = pipe_id, min(moments)
        return chosen

    def _signalled(self, node: Node, pump: Pump, entry: _Entry) -> bool:
        """Whether what a pump reads has changed since it ran last, and it can run."""
        inputs = node.inputs(pump.pipeline.id)
        if inputs == entry.inputs or pump.waits() is not None:
            return False
        if entry.inputs is None and pump.backlog()[0] == 0:
            entry.inputs = inputs
            return False
        return True

    def _run(self, node: Node, pipe_id: str, now: int) -> None:
        entry, pump = self._entries[pipe_id], node.pump(pipe_id)
        assert pump is not None
        rescan = entry.rescan is not None and entry.rescan <= now

        def finish() -> None:
            ended = self._live.clock.now_ns()
            entry.due = entry.schedule.after(ended, self._random)
            if rescan and entry.schedule.rescan is not None:
                entry.rescan = entry.schedule.rescan.after(ended)
            self._keep(pipe_id, entry)

        def settled() -> None:
            # Whoever comes after this run may have nothing but what lasts with it.
            pump.settle()
            finish()

        if pump.waits() is None:
            entry.inputs = node.inputs(pipe_id)
            with self._live.running(pipe_id):
                pump.run(rescan=rescan, finish=settled)
        else:
            finish()
        self._live.store.commit()

    def _keep(self, pipe_id: str, entry: _Entry) -> None:
        if entry.schedule.lasting:
            self._live.store.keep(schedule_name(pipe_id), {"key": entry.schedule.key, "due": entry.due})

    def _seconds(self, now: int) -> float:
        moments = [
            moment
            for pipe_id, entry in self._entries.items()
            for moment in (entry.due, entry.rescan)
            if moment is not None and pipe_id not in self._live.disabled
        ]
        return min([LONGEST, *(max(0.0, (moment - now) / NANO) for moment in moments)])


def _at_startup(pump: Pump, schedule: Schedule) -> bool:
    sink = pump.pipeline.sink
    unpopulated = sink is not None and not sink.dataset.populated
    return schedule.at_startup or (schedule.at_startup_if_not_populated and unpopulated)
