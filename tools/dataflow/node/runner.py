"""Runs of all pipes, one at a time: started, watched, stopped, and told about line by line.

Rules: sesam-py 2.11, `run` (run-all-pipes and what goes with it); node-semantics, section 5.8. As there, a pipe that fails does not
make the run fail, unless the caller wants input pipes checked.
"""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dataflow.clock import timestamp
from dataflow.errors import DataflowError
from dataflow.node.runs import RunReport, Status
from dataflow.node.scheduler import MAX_PASSES

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.node.live import LiveNode
    from dataflow.node.pump import Pump

MAX_SECONDS = 900.0


class RunState(StrEnum):
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    UNKNOWN = "not-running"


class RunBusy(DataflowError):
    """There is a run already."""


class RunStopped(DataflowError):
    """Somebody stopped the run, or its time was over."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a caller may ask for; `reset` empties the datasets first, those of receivers only with `delete_received`."""

    max_passes: int = MAX_PASSES
    max_seconds: float = MAX_SECONDS
    reset: bool = True
    delete_received: bool = True
    check_inputs: bool = False


@dataclass(frozen=True, slots=True)
class LogLine:
    timestamp: str
    level: str
    text: str


@dataclass
class Run:
    """One run; `log` grows while it is under way."""

    token: str
    state: RunState = RunState.RUNNING
    reason: str | None = None
    report: RunReport | None = None
    log: list[LogLine] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)


class Runner:
    """Knows the latest run, under way or not."""

    def __init__(self, live: LiveNode) -> None:
        self._live = live
        self._latest: Run | None = None
        self._starting = threading.Lock()
        self._last_line_ns = 0

    @property
    def running(self) -> bool:
        return self._latest is not None and not self._latest.done.is_set()

    def run(self, options: RunOptions) -> Run:
        """Run everything and wait for it. Raises RunBusy."""
        run = self._begin()
        self._execute(run, options)
        return run

    def start(self, options: RunOptions) -> str:
        """Run everything in a thread of its own; gives the token to ask with. Raises RunBusy."""
        run = self._begin()
        threading.Thread(target=self._execute, args=(run, options), name="run-all-pipes", daemon=True).start()
        return run.token

    def state(self, token: str) -> RunState:
        run = self._latest
        return run.state if run is not None and run.token == token else RunState.UNKNOWN

    def stop(self, seconds: float = 30.0) -> bool:
        """Stop the run that is under way, waiting for it as long; says whether none is under way any more."""
        run = self._latest
        if run is None or run.done.is_set():
            return True
        run.stop.set()
        return run.done.wait(seconds)

    def log(self, since: str = "", token: str | None = None) -> list[LogLine]:
        """The lines of the latest run, or of the run with that token, after a timestamp."""
        run = self._latest
        if run is None or (token is not None and token != run.token):
            return []
        return [line for line in list(run.log) if line.timestamp > since]

    def _begin(self) -> Run:
        with self._starting:
            if self.running:
                raise RunBusy("a run of all pipes is under way; stop it first")
            self._latest = Run(uuid.uuid4().hex)
            return self._latest

    def _execute(self, run: Run, options: RunOptions) -> None:
        try:
            with self._live.using():
                self._say(run, "INFO", "Running all pipes")
                if options.reset:
                    self._live.delete_datasets(received=options.delete_received)
                self._work(run, options)
        except DataflowError as error:
            run.state, run.reason = RunState.FAILED, str(error)
        except Exception as error:
            run.state, run.reason = RunState.FAILED, f"internal error: {type(error).__name__}: {error}"
            raise
        finally:
            level = "INFO" if run.state is RunState.SUCCESS else "ERROR"
            self._say(run, level, f"Finished: {run.state}" + (f": {run.reason}" if run.reason else ""))
            run.done.set()

    def _work(self, run: Run, options: RunOptions) -> None:
        watch = self._watch(run, time.monotonic() + options.max_seconds, options.max_seconds)
        node = self._live.state.node
        report = run.report = node.run(max_passes=options.max_passes, watch=watch)
        failed = [pipe for pipe, record in report.pipes.items() if record.status is Status.FAILED]
        inputs = {pipe.id for pipe in node.pipes if not pipe.reads}
        for pipe in failed:
            self._say(run, "WARNING", f"{pipe} failed: {report.pipes[pipe].reason}")
        run.reason = f"failed: {', '.join(failed)}" if failed else None
        broken_inputs = options.check_inputs and not inputs.isdisjoint(failed)
        run.state = RunState.FAILED if broken_inputs else RunState.SUCCESS

    def _watch(self, run: Run, deadline: float, seconds: float) -> Callable[[Pump], None]:
        def watch(pump: Pump) -> None:
            record = pump.record
            self._say(run, "INFO", f"{record.pipe}: read {record.read}, written {record.written}, run {record.runs}")
            if run.stop.is_set():
                raise RunStopped("stopped on request")
            if time.monotonic() > deadline:
                raise RunStopped(f"not finished after {seconds:g} seconds")

        return watch

    def _say(self, run: Run, level: str, text: str) -> None:
        # Strictly increasing, because readers ask for what is later than the last line they have.
        self._last_line_ns = max(self._live.clock.now_ns(), self._last_line_ns + 1000)
        run.log.append(LogLine(timestamp(self._last_line_ns), level, text))


def outcome(run: Run, *, statistics: bool = False) -> dict[str, Any]:
    """The answer to whoever waited for a run."""
    answer: dict[str, Any] = {"status": run.state.value}
    if run.reason:
        answer["additional_info"] = run.reason
    if statistics and run.report is not None:
        answer["run_statistics"] = run.report.as_json()
    return answer
