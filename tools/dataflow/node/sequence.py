"""Full syncs that come in several requests: which request may come next, and what the sync has brought so far.

Rules: hub/json-push.rst ("Requests", "Conflicts"). A sync whose first request never came is refused, because at its end
everything it did not bring is deleted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dataflow.errors import DataflowError


class SequenceConflict(DataflowError):
    """A request does not fit the sequence; its sender has to start again from the beginning."""


@dataclass(frozen=True, slots=True)
class Push:
    """The parameters of one request."""

    is_full: bool = False
    sequence_id: str | None = None
    request_id: str | None = None
    previous_request_id: str | None = None
    is_first: bool = False
    is_last: bool = False


@dataclass(slots=True)
class Sequence:
    """A full sync under way; `seen` are the ids it has brought."""

    id: str | None
    last_request: str | None = None
    seen: set[str] = field(default_factory=set)


class Sequences:
    """The full sync of each receiver. An incremental request does not touch it."""

    def __init__(self) -> None:
        self._active: dict[str, Sequence] = {}

    def admit(self, pipe_id: str, push: Push) -> Sequence | None:
        """The sync a request belongs to; None when it is incremental. Raises SequenceConflict."""
        active = self._active.get(pipe_id)
        same = active is not None and push.sequence_id is not None and push.sequence_id == active.id
        if not push.is_full:
            if same:
                raise SequenceConflict(f'sequence "{push.sequence_id}" is a full sync, and this request is not')
            return None
        if push.is_first:
            if same:
                raise SequenceConflict(f'sequence "{push.sequence_id}" has begun already')
            if push.previous_request_id is not None:
                raise SequenceConflict("the first request of a sequence has no previous request")
            return Sequence(push.sequence_id)
        if active is None or push.sequence_id != active.id:
            raise SequenceConflict("no request with is_first has begun this sequence")
        if push.previous_request_id != active.last_request:
            known = active.last_request
            raise SequenceConflict(f'the previous request was "{known}", not "{push.previous_request_id}"')
        return Sequence(active.id, active.last_request, set(active.seen))

    def done(self, pipe_id: str, push: Push, sequence: Sequence) -> None:
        """A request of a sync has been taken in: the next one may follow, or the sync is over."""
        if push.is_last:
            self._active.pop(pipe_id, None)
            return
        sequence.last_request = push.request_id
        self._active[pipe_id] = sequence

    def forget(self) -> None:
        self._active.clear()
