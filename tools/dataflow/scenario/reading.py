"""Records read through the mappings: which property is which, and what a value is once the way a system writes it is set aside."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from dataflow.scenario.normal import NORMAL, Sight

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dataflow.generate.mapping import Flow, Member, Row
    from dataflow.generate.mapping import Mapping as Concept
    from dataflow.scenario.tables import Tables


class Reading:
    """`environment` gives the variables of the profile, among them the tenant's own names for configured fields."""

    def __init__(self, concepts: Mapping[str, Concept], environment: Mapping[str, Any], tables: Tables) -> None:
        self.concepts = dict(concepts)
        self.environment = environment
        self.tables = tables

    @cached_property
    def members(self) -> dict[str, Member]:
        return {name: member for concept in self.concepts.values() for name, member in concept.members.items()}

    @property
    def flows(self) -> Iterator[Flow]:
        return (flow for concept in self.concepts.values() for flow in concept.flows)

    def concept_of(self, member: str) -> Concept:
        return next(concept for concept in self.concepts.values() if member in concept.members)

    def properties(self, row: Row, system: str) -> tuple[str, ...]:
        """The row's property names on one side, with the tenant's own names for configured fields."""
        return tuple(self.named(name) for name in row.properties(system))

    def named(self, name: str) -> str:
        """A property name of a mapping; one that is a variable is what the profile says."""
        if name.startswith("$ENV(") and name.endswith(")"):
            return str(self.environment.get(name[5:-1], name))
        return name

    def normal(self, row: Row, member: str, values: Mapping[str, Any]) -> Any:
        """The normal form a row's property has in a record of a member; None for nothing. A reference is the id it holds."""
        who = self.members[member]
        properties = self.properties(row, who.system)
        return NORMAL[row.kind](Sight(values, properties, who, self.tables)) if properties else None

    def left_out(self, member: str, values: Mapping[str, Any]) -> bool:
        """The vendor's own organisation and what is under it take no part (design: coverage, the one exception)."""
        where = self.members[member].leave_out
        own = self.environment.get("webcrm-own-organisation")
        return where is not None and own is not None and str(values.get(where)) == str(own)
