"""The two directions of a flow: which system an edit comes from and which it must reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataflow.generate.mapping import Row


@dataclass(frozen=True, slots=True)
class Direction:
    """`source` and `target` are systems; `arrow` is how a row pointing from webCRM (left) to Customerp (right) shows it."""

    source: str
    target: str
    source_name: str
    target_name: str
    arrow: str

    @property
    def id(self) -> str:
        return f"to-{self.target}"


OUT = Direction("webcrm", "customerp", "webCRM", "Customerp", "→")
BACK = Direction("customerp", "webcrm", "Customerp", "webCRM", "←")

_WAYS = {"both": (OUT, BACK), "crm": (OUT,), "erp": (BACK,)}


def directions(row: Row) -> tuple[Direction, ...]:
    """The ways a row may go."""
    return _WAYS[row.way]
