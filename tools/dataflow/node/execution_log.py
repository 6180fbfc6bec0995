"""The log of a pump: a dataset that says what its runs did and what failed.

Rules: hub/documentation/operations/pump-execution.rst; configuration-pump.rst (`log_events_noop_runs` and what follows it);
tools/docs/decisions/0421-execution-log.md. Messages take the place of stack traces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow import __version__
from dataflow.clock import timestamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.clock import Clock, Randomness
    from dataflow.dtl.values import Entity
    from dataflow.node.dataset import Dataset
    from dataflow.node.tally import Tally
    from dataflow.pipe import Pipe

_NANO = 1_000_000_000
STARTED, COMPLETED, FAILED = "pump-started", "pump-completed", "pump-failed"


def log_name(pipe_id: str) -> str:
    return f"system:pump_execution:{pipe_id}"


class ExecutionLog:
    """Runs in which nothing happened leave no trace, unless the pump wants them to."""

    def __init__(self, pipe: Pipe, open_log: Callable[[str], Dataset], clock: Clock, random: Randomness) -> None:
        """`open_log` gives the dataset of a name; it is asked when there is something to write."""
        self._pipe = pipe
        self._open = open_log
        self._clock = clock
        self._random = random
        self._pending: Entity | None = None
        self._place: int | None = None
        self._retryable = False
        self._began = 0

    # --- runs ---------------------------------------------------------------------------------------------------------

    def started(self, sync: str) -> None:
        """A run begins: full, partial or incremental. That is written when there turns out to be something to tell."""
        self._began = self._clock.now_ns()
        self._pending = {
            **self._event(STARTED),
            "start_time": timestamp(self._began),
            "sync_type": sync,
            "pump_definition": self._pipe.id,
        }
        self._place = None
        self._retryable = False

    def completed(self, tally: Tally) -> None:
        """The run came to its end."""
        if self._place is None and not self._wanted(tally):
            return
        self._finish(COMPLETED, tally)

    def failed(self, tally: Tally, message: str, trace: str) -> None:
        """The run broke off; `trace` is what is known of the way to the fault."""
        more: Entity = {"reason_why_stopped": message, "traceback": trace, "original_error_message": message}
        if tally.culprit is not None:
            more["exception_entity"] = tally.culprit
        self._finish(FAILED, tally, node_build_info={"version": f"dataflow {__version__}"}, **more)

    def _finish(self, name: str, tally: Tally, **more: Any) -> None:
        begun = self._begun()
        self._write(
            {
                **self._event(name),
                "start_time": begun["start_time"],
                "end_time": self._now(),
                "total_time": str((self._clock.now_ns() - self._began) / _NANO),
                "sync_type": begun["sync_type"],
                "pump_definition": self._pipe.id,
                "pump_started_location": self._place,
                "retry_entities_exist": self._retryable,
                "entities_succeeded": tally.written,
                "entities_failed": tally.failed,
                "metrics": {
                    "entities": {
                        "changes_last_run": tally.written,
                        "entities_last_run": tally.read,
                        "read_errors_last_run": tally.read_errors,
                        "write_errors_last_run": tally.failed,
                    }
                },
                **more,
            }
        )

    def _wanted(self, tally: Tally) -> bool:
        """Whether a run without errors is worth an entry."""
        pump = self._pipe.pump
        changes_only = pump.get("log_events_noop_runs_changes_only") is not False
        if (tally.written if changes_only else tally.read) or pump.get("log_events_noop_runs") is True:
            return True
        seconds = pump.get("notification_granularity")
        if type(seconds) is not int:
            return False
        last = self.newest(COMPLETED)
        return last is None or self._clock.now_ns() - int(last["_ts"]) * 1000 > seconds * _NANO

    # --- errors -------------------------------------------------------------------------------------------------------

    def read_error(self, message: str) -> None:
        """The source could not be read; it is tried again, or the run fails."""
        self._begun()
        self._write(
            {
                **self._event("read-error"),
                "_id": f"read-error:{self._random.uuid4()}",
                "error_code": 0,
                "event_time": self._now(),
                "traceback": message,
                "original_traceback": message,
                "original_error_message": message,
            }
        )

    def write_error(self, entry: Entity) -> Entity:
        """An entity that did not get through, or what became of it later (see `dataflow.node.retries`); the entry as it stands."""
        self._begun()
        self._retryable = self._retryable or entry["retryable"] is True
        whole = {**entry, **self._event("write-error"), "_id": entry["_id"], "event_time": self._now()}
        self._write(whole)
        return whole

    # --- everything else ----------------------------------------------------------------------------------------------

    def note(self, event: str, **properties: Any) -> None:
        """Something that happened to the pump outside of its runs."""
        self._write({**self._event(event), "event_time": self._now(), **properties})

    def newest(self, entry_id: str) -> Entity | None:
        return self._open(log_name(self._pipe.id)).newest(entry_id)

    def _event(self, name: str) -> Entity:
        return {"_id": name, "event_type": name, "pipe": self._pipe.id}

    def _begun(self) -> Entity:
        """The entry of the run under way, which is written now if it is not there yet."""
        assert self._pending is not None
        if self._place is None:
            self._place = self._write(self._pending)
        return self._pending

    def _write(self, entry: Entity) -> int:
        """Where the entry stands now."""
        log = self._open(log_name(self._pipe.id))
        log.write(entry)
        newest = log.newest(entry["_id"])
        return -1 if newest is None else int(newest["_updated"])

    def _now(self) -> str:
        return timestamp(self._clock.now_ns())
