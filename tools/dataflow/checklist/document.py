"""The checklist as facts: which flows a "X to Y Dataflow" document declares, and what it states of each, as typed rows.

Every reader gives these objects, whatever it reads: `rst` the documents themselves, `facts` our own copy of what ours states.
`line` is where a row stands in its file; two rows that say the same are equal wherever they stand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Dependence:
    """A condition of a property: it counts only where `property`, which stands beside it, has `value`."""

    value: str
    property: str


@dataclass(frozen=True, slots=True)
class Term:
    """A property as a table names it: a path (`order_line_items.unit_price`), empty where the side has none, and its conditions."""

    name: str
    when: tuple[Dependence, ...] = ()

    def __str__(self) -> str:
        return self.name + "".join(f" (Dependant on having {one.value} in {one.property})" for one in self.when)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every source record gets its target record."""

    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Condition:
    """Only source records that satisfy `text`, which is for people to read, take part."""

    text: str
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class LinkFirst:
    """Nothing is written to a target that is not linked, and none is made unless `CreateIfConnected` says so."""

    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class CreateIfConnected:
    """A target may be made when a record of one of the `datatypes` of `system` refers to the source and is itself in `into`."""

    system: str
    datatypes: tuple[str, ...]
    into: str
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A source and a target are the same thing when these two are equal."""

    source: Term
    target: Term
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class MergeKeys:
    """Any of `pairs` links. `existing`: it is said that a match is merged with; `create`: that without one a target is made."""

    pairs: tuple[KeyPair, ...] = ()
    existing: bool = False
    create: bool = False
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class KeepInSync:
    """Linked records stay in sync, regardless of where they are edited."""

    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Property:
    """The value of `source` arrives in `target`, whose type is `type`: as written, quotes taken off; `N/A` for an expression."""

    source: Term
    target: Term
    type: str
    line: int | None = field(default=None, compare=False)


Row = Coverage | Condition | LinkFirst | CreateIfConnected | MergeKeys | KeepInSync | Property
_Kind = TypeVar("_Kind", Coverage, Condition, LinkFirst, CreateIfConnected, MergeKeys, KeepInSync, Property)


@dataclass(frozen=True, slots=True)
class Flow:
    """One section. `source` and `target` are labels, a system name and a datatype: `Webcrm Users`, `Customerp Contact`."""

    source: str
    target: str
    rows: tuple[Row, ...] = ()
    line: int | None = field(default=None, compare=False)

    @property
    def title(self) -> str:
        return f"{self.source} to {self.target}"

    def states(self, kind: type[Row]) -> bool:
        return any(isinstance(row, kind) for row in self.rows)

    def of(self, kind: type[_Kind]) -> tuple[_Kind, ...]:
        """The rows of one kind, in the order written."""
        return tuple(row for row in self.rows if isinstance(row, kind))


@dataclass(frozen=True, slots=True)
class Document:
    """A whole checklist: the two systems of its title and its sections in the order written.

    A pair of labels may have several sections; all that they state holds.
    """

    source: str
    target: str
    sections: tuple[Flow, ...]
    generated: str | None = None

    @property
    def title(self) -> str:
        return f"{self.source} to {self.target} Dataflow"

    @property
    def flows(self) -> tuple[Flow, ...]:
        """One flow for each pair of labels, in the order first met, with the rows of all its sections."""
        found: dict[tuple[str, str], list[Flow]] = {}
        for section in self.sections:
            found.setdefault((section.source, section.target), []).append(section)
        return tuple(Flow(*pair, tuple(dict.fromkeys(_rows(parts))), parts[0].line) for pair, parts in found.items())


def _rows(sections: list[Flow]) -> Iterator[Row]:
    for section in sections:
        yield from section.rows
