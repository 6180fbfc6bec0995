"""Entities that did not get through: they wait for the next run, and are dead after too many tries.

Rules: configuration-pump.rst (`max_write_errors_in_retry_dataset`, `max_retries_per_entity`, `dead_letter_dataset`,
`track_dead_letters`); hub/documentation/operations/pump-execution.rst (write-error); tools/docs/decisions/0420-write-errors.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataflow.errors import CallFailed
from dataflow.node.content import content_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataflow.dtl.values import Entity
    from dataflow.node.dataset import Dataset
    from dataflow.node.execution_log import ExecutionLog
    from dataflow.node.tolerance import Tolerance
    from dataflow.pipe import Pipe


def letters_name(pipe: Pipe) -> str | None:
    """The dataset for the dead letters of a pipe, where it wants them kept."""
    given = pipe.pump.get("dead_letter_dataset")
    if type(given) is str and given:
        return given
    return f"system:dead-letter:{pipe.id}" if pipe.pump.get("use_dead_letter_dataset") is True else None


class Retries:
    """Remembers by id which source entities wait and which are dead; what is to be known of them stands in the execution log."""

    def __init__(
        self, pipe: Pipe, tolerance: Tolerance, log: ExecutionLog, letters: Callable[[], Dataset | None]
    ) -> None:
        """`letters` opens the dataset of dead letters, and gives None when the pipe has none."""
        self._tolerance = tolerance
        self._log = log
        self._letters = letters
        self._tracks_letters = pipe.pump.get("track_dead_letters") is True
        self._waiting: dict[str, None] = {}
        self._dead: dict[str, None] = {}
        self._tried: set[str] = set()

    # --- memory -------------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """JSON that `restore` takes."""
        return {"waiting": list(self._waiting), "dead": list(self._dead)} if self.busy else {}

    def restore(self, state: dict[str, Any]) -> None:
        self._waiting = dict.fromkeys(state.get("waiting", ()))
        self._dead = dict.fromkeys(state.get("dead", ()))

    def clear(self) -> None:
        """Forget everything: nothing is tried again until it comes from the source once more."""
        self._waiting.clear()
        self._dead.clear()

    @property
    def busy(self) -> bool:
        """Whether there is anything to be remembered; if not, nobody has to ask about single entities."""
        return bool(self._waiting or self._dead)

    @property
    def waiting(self) -> int:
        """How many entities wait to be tried again."""
        return len(self._waiting)

    # --- during a run -------------------------------------------------------------------------------------------------

    def due(self) -> list[Entity]:
        """The entities that wait, as they were, longest waiting first. To be asked for at the beginning of a run."""
        self._tried = set()
        entries = [self._entry(entity_id) for entity_id in self._waiting]
        return [entry["entity"] for entry in entries if entry is not None]

    def passes_over(self, entity: Entity) -> bool:
        """Whether what the source gives is the very version that is dead, or that has been tried in this run already."""
        entity_id = entity.get("_id")
        if entity_id not in self._dead and entity_id not in self._tried:
            return False
        entry = self._entry(str(entity_id))
        return entry is not None and _version(entry["entity"]) == _version(entity)

    def keep(self, entity: Entity, error: Exception, *, again: bool = False) -> bool:
        """Remember an entity that failed; `again` when it had been waiting. False when there is no room, or it has no id."""
        entity_id = entity.get("_id")
        if type(entity_id) is not str:
            return False
        tolerance = self._tolerance.facing(error)
        others = len(self._waiting) - (entity_id in self._waiting)
        if others >= tolerance.queue:
            return False
        before = self._entry(entity_id) if again else None
        attempts = 0 if before is None else before["retry_attempts"] + 1
        dead = attempts >= tolerance.retries
        entry = _entry(entity, attempts, error, dead=dead)
        self._forget(entity_id)
        (self._dead if dead else self._waiting)[entity_id] = None
        self._tried.add(entity_id)
        entry = self._log.write_error(entry)
        letters = self._letters() if dead else None
        if letters is not None:
            letters.write({**entry, "_id": entity_id})
        return True

    def succeeded(self, entity: Entity) -> None:
        """An entity got through: whatever waited or was dead under its id is resolved."""
        entity_id = entity.get("_id")
        if type(entity_id) is not str:
            return
        was_dead = entity_id in self._dead
        before = self._entry(entity_id) if was_dead or entity_id in self._waiting else None
        if before is None:
            return
        self._forget(entity_id)
        resolved = {**before, "retryable": False, "resolved": True, "dead": False}
        if _version(before["entity"]) != _version(entity):
            resolved["resolved_entity"] = entity
        resolved = self._log.write_error(resolved)
        letters = self._letters() if was_dead and self._tracks_letters else None
        if letters is not None and letters.latest(entity_id) is not None:
            letters.write({**resolved, "_id": entity_id, "_deleted": True})

    def discard(self) -> None:
        """Drop what waits; it does not become dead."""
        self._waiting.clear()
        self._log.note("pump-discard-retries")

    def _forget(self, entity_id: str) -> None:
        self._waiting.pop(entity_id, None)
        self._dead.pop(entity_id, None)

    def _entry(self, entity_id: str) -> Entity | None:
        return self._log.newest(f"write-error:{entity_id}")


def _entry(entity: Entity, attempts: int, error: Exception, *, dead: bool) -> Entity:
    message = str(error)
    # 0 is for a target system that did not answer, 1 for one that did not want the entity.
    unanswered = isinstance(error, CallFailed) and error.status is None
    return {
        "_id": f"write-error:{entity['_id']}",
        "error_code": 0 if unanswered else 1,
        "retry_attempts": attempts,
        "retryable": not dead,
        "resolved": False,
        "dead": dead,
        "entity": entity,
        "traceback": message,
        "original_traceback": message,
        "original_error_message": message,
    }


def _version(entity: Entity) -> str:
    """What tells versions of an entity apart."""
    return content_of(str(entity.get("_id")), entity.get("_deleted") is True, entity).hash
