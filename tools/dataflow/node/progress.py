"""How far a pump has come: what it keeps in the store between its runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dataflow.dtl import transit

if TYPE_CHECKING:
    from dataflow.dtl.values import Value


@dataclass
class Progress:
    """`marker` is where the source goes on, None from the start; `hopped` are the offsets of the datasets hopped to.

    `complete` says that a run came to its end since, `runs` how many there were. With `owes` a full run could not delete what it
    had not seen, because some entity did not get through: that has to be made up for.
    """

    marker: Value = None
    complete: bool = False
    hopped: dict[str, int] = field(default_factory=dict)
    runs: int = 0
    owes: bool = False

    @classmethod
    def of(cls, state: dict[str, Any]) -> Progress:
        """Out of what `as_json` gave, or nothing."""
        return cls(
            transit.decode(state.get("marker")),
            state.get("complete", False),
            state.get("hopped", {}),
            state.get("runs", 0),
            state.get("owes", False),
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "marker": transit.encode(self.marker),
            "complete": self.complete,
            "hopped": self.hopped,
            "runs": self.runs,
            "owes": self.owes,
        }
