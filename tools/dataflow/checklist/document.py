"""The checklist as facts: which flows a "X to Y Dataflow" document declares, and what it states of each.

Every reader gives these objects, whatever it reads: `rst` the documents themselves, `facts` our own copy of what ours states.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Statement(StrEnum):
    """What a section can state of its flow."""

    EVERY = "every"  # every source record gets its target record
    KEEP = "keep"  # linked records stay in sync, regardless of where they are edited
    PROPERTIES = "properties"  # the listed properties are synchronised; an empty list obliges to none


@dataclass(frozen=True, slots=True)
class PropertyRow:
    """One row of a property table; `type` is the type of the target property as written, quotes taken off."""

    source: str
    target: str
    type: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """One section. `source` and `target` are labels, a system name and a datatype: `Webcrm Users`, `Customerp Contact`."""

    source: str
    target: str
    statements: frozenset[Statement]
    rows: tuple[PropertyRow, ...] = ()
    line: int | None = None

    @property
    def title(self) -> str:
        return f"{self.source} to {self.target}"


@dataclass(frozen=True, slots=True)
class Document:
    """A whole checklist: the two systems of its title and its flows in the order written."""

    source: str
    target: str
    flows: tuple[Flow, ...]
    generated: str | None = None

    @property
    def title(self) -> str:
        return f"{self.source} to {self.target} Dataflow"
