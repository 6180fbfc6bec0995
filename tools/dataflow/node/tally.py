"""What one run of a pump counts, and the ids it has to know at its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataflow.dtl.values import Entity


@dataclass(slots=True)
class Tally:
    """`read` entities of the source were handled, `written` versions or entities went out, `failed` entities did not get through.

    `seen` takes the ids that were produced where the run `tracks` them; `culprit` is the entity that ended the run.
    """

    read: int = 0
    written: int = 0
    failed: int = 0
    read_errors: int = 0
    tracks: bool = False
    seen: set[str] = field(default_factory=set)
    culprit: Entity | None = None
