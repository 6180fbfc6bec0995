"""Mappings: the property tables of the flows as objects. `mapping_file` reads them from `pipes/mappings/<concept>.yaml`.

A mapping names the members of one concept (a system's datatype each), the keys that match them and, per flow, the rows:
which property of webCRM is which property of Customerp, which way it goes and how its value is normalised. Everything else
is derived from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

WAYS = ("both", "crm", "erp")
TYPES = ("string", "integer", "decimal", "boolean", "date")
SYSTEMS = ("webcrm", "customerp")
NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Link:
    """A property of Customerp that holds the id of a record in webCRM: the link that lasts. `prefix` stands before the id."""

    to: str
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """One system's datatype of a concept. `name` is `<system>-<type>`, the namespace of its ids and the stem of its pipes."""

    name: str
    type: str
    pk: str
    updated: str
    insert: str
    rank: int
    alias: str
    insert_unless: str | None = None
    leave_out: str | None = None
    country: str | None = None
    children: str | None = None
    parent: str | None = None
    find: tuple[str, ...] = ()
    find_alike: bool = False
    became: str | None = None
    delete: bool = False
    secrets: tuple[str, ...] = ()
    links: dict[str, Link] = field(default_factory=dict)

    @property
    def system(self) -> str:
        return self.name.split("-", 1)[0]

    @property
    def other_system(self) -> str:
        return "customerp" if self.system == "webcrm" else "webcrm"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a flow's table: `webcrm` and `customerp` are property names, empty where the side has none.

    `pointer` and `line` say where in the mapping it stands; `flow` is the title of its table.
    """

    golden: str
    webcrm: tuple[str, ...]
    customerp: str | None
    type: str
    way: str
    kind: str
    flow: str
    webcrm_member: str
    customerp_member: str
    to: str | None = None
    once: bool = False
    on_insert: bool = False
    note: str = ""
    pointer: str = ""
    line: int = 0

    @property
    def owner(self) -> str | None:
        """The system whose value counts, or None when both may change it."""
        return {"crm": "webcrm", "erp": "customerp"}.get(self.way)

    def properties(self, system: str) -> tuple[str, ...]:
        """The row's properties on one side."""
        if system == "webcrm":
            return self.webcrm
        return (self.customerp,) if self.customerp else ()

    def member(self, system: str) -> str:
        return self.webcrm_member if system == "webcrm" else self.customerp_member


@dataclass(frozen=True, slots=True)
class Match:
    """A natural key: `row` is the golden whose normal form is compared, `within` the reference that must not differ."""

    key: str
    row: str
    kind: str
    within: str | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """One table of the checklist: a webCRM member, a Customerp member and their rows."""

    title: str
    webcrm: str
    customerp: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Mapping:
    """One concept: its members in merge order (webCRM first), its match keys and its flows."""

    concept: str
    file: str
    tie: str
    deletes: str
    members: dict[str, Member]
    match: tuple[Match, ...]
    flows: tuple[Flow, ...]

    @property
    def dataset(self) -> str:
        return f"global-{self.concept}"

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        return tuple(row for flow in self.flows for row in flow.rows)

    def side(self, system: str) -> Iterator[Member]:
        """The members of one system."""
        return (m for m in self.members.values() if m.system == system)

    def rows_of(self, member: Member) -> list[Row]:
        """The rows of the flows a member takes part in; of rows with the same golden and property the first stands for all."""
        seen: dict[tuple[str, tuple[str, ...]], Row] = {}
        for row in self.rows:
            if row.member(member.system) == member.name and row.properties(member.system):
                seen.setdefault((row.golden, row.properties(member.system)), row)
        return list(seen.values())

    def found_by(self) -> Row | None:
        """The row by whose property, which only Customerp decides, a record that was made in webCRM can be found there again."""
        searched = {prop for member in self.side("webcrm") for prop in member.find}
        return next((row for row in self.rows if row.way == "erp" and searched.intersection(row.webcrm)), None)

    def path(self, row: Row) -> str:
        """Where a row's golden value stands in an entity of the global."""
        return f"_S.{self.dataset}:{row.golden}"

    def owners(self, row: Row) -> list[str]:
        """The webCRM members whose presence makes a one-way row apply."""
        if row.kind == "contact-type":
            return [m.name for m in self.side("webcrm")]
        return [row.webcrm_member]
