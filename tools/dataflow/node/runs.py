"""What happened in a run, as data: per pipe, and for the node as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dataflow.dtl.trace import located
from dataflow.errors import CallFailed, DataflowError, FindingsError, NotRunHere, TransformFailed

if TYPE_CHECKING:
    from dataflow.diagnostics import Diagnostic
    from dataflow.pipe import Pipe


class Status(StrEnum):
    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a pipe's run could not go on: the source entity it met, where known, and the findings, located in the pipe's file.

    `outside` says that nothing is wrong with the pipe but that it reaches where this node does not.
    """

    pipe: str
    message: str
    diagnostics: tuple[Diagnostic, ...]
    entity: str | None = None
    outside: bool = False


def failure_of(pipe: Pipe, error: DataflowError) -> Failure:
    """DF701 for an entity that broke a transform, the compiler's own findings, and DF702 for anything else."""
    if isinstance(error, FindingsError):
        return Failure(pipe.id, str(error), tuple(error.diagnostics))
    if isinstance(error, TransformFailed):
        text = f'{pipe.id}: entity "{error.entity_id}": {error.message}'
        trace = located(error.trace, pipe.document) or None
        found = pipe.document.diagnostic("DF701", text, error.where or "/transform", trace=trace)
        return Failure(pipe.id, error.message, (found,), error.entity_id)
    if isinstance(error, NotRunHere):
        found = pipe.document.diagnostic("DF702", f"{pipe.id}: {error}", error.where)
        return Failure(pipe.id, str(error), (found,), error.entity, outside=True)
    if isinstance(error, CallFailed):
        which = "" if error.entity is None else f'entity "{error.entity}": '
        found = pipe.document.diagnostic("DF702", f"{pipe.id}: {which}{error}", error.where or "")
        return Failure(pipe.id, str(error), (found,), error.entity)
    return Failure(pipe.id, str(error), (pipe.document.diagnostic("DF702", f"{pipe.id}: {error}"),))


def trace_of(failure: Failure) -> str:
    """The way to a fault as text, as far as it is known; the message alone otherwise."""
    steps = [step for diagnostic in failure.diagnostics for step in diagnostic.trace or ()]
    return "\n".join([*steps, failure.message])


@dataclass(slots=True)
class PipeRun:
    """What one pipe did: entities read, versions written, runs made, seconds spent; `reason` for anything but ok.

    `failed` entities did not get through in the latest run; those that the run could go on without are tried again in the next.
    """

    pipe: str
    status: Status = Status.SKIPPED
    reason: str | None = None
    read: int = 0
    written: int = 0
    runs: int = 0
    seconds: float = 0.0
    failure: Failure | None = None
    failed: int = 0

    def ran(self, *, read: int, written: int, seconds: float, failure: Failure | None = None, failed: int = 0) -> None:
        """Add one run."""
        self.runs += 1
        self.failed = failed
        self.read += read
        self.written += written
        self.seconds += seconds
        self.failure = failure
        self.status = Status.FAILED if failure else Status.OK
        self.reason = failure.message if failure else f"entities that failed: {failed}" if failed else None

    def as_json(self) -> dict[str, Any]:
        place: dict[str, Any] = {}
        if self.failure:
            place = {"entity": self.failure.entity, "pointer": self.failure.diagnostics[0].pointer}
        return {
            "pipe": self.pipe,
            "status": self.status.value,
            "reason": self.reason,
            "read": self.read,
            "written": self.written,
            "runs": self.runs,
            "seconds": round(self.seconds, 6),
            **place,
            **({"failed": self.failed} if self.failed else {}),
        }


@dataclass(slots=True)
class RunReport:
    """`pipes` by id, in the order they run in; `passes` over all of them until nothing changed."""

    pipes: dict[str, PipeRun] = field(default_factory=dict)
    passes: int = 0
    seconds: float = 0.0

    @property
    def written(self) -> int:
        return sum(run.written for run in self.pipes.values())

    @property
    def failures(self) -> list[Failure]:
        return [run.failure for run in self.pipes.values() if run.failure is not None]

    @property
    def ok(self) -> bool:
        return not self.failures

    def diagnostics(self) -> list[Diagnostic]:
        return [diagnostic for failure in self.failures for diagnostic in failure.diagnostics]

    def as_json(self) -> dict[str, Any]:
        return {
            "passes": self.passes,
            "seconds": round(self.seconds, 6),
            "written": self.written,
            "pipes": [run.as_json() for run in self.pipes.values()],
        }
