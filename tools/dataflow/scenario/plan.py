"""What the share pipes would do if they ran now: a dry run, which reads from both systems and writes to neither.

Each share is previewed over all desired states; where it would write, it stops, and what it has become until there says what would
have been sent. That is the pipe itself, not a second telling of its rules.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dataflow.dtl.values import as_list
from dataflow.scenario.normal import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dataflow.generate.mapping import Member
    from dataflow.node.node import Node
    from dataflow.scenario.reading import Reading

SUFFIX = "-share"


class Kind(StrEnum):
    """What would become of a record. `MATCH` links two records that exist; `CONFLICT` is for a human to decide."""

    INSERT = "insert"
    MATCH = "match"
    UPDATE = "update"
    DELETE = "delete"
    CONFLICT = "conflict"
    WAIT = "wait"
    REFUSED = "refused"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Change:
    """One property of a record, as it is and as it would be."""

    property: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Line:
    """One record of `member`, by the id of the entity in its share; `why` is the reason for what is not simply done."""

    kind: Kind
    member: str
    entity: str
    changes: tuple[Change, ...] = ()
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    lines: tuple[Line, ...] = field(default=())

    def counts(self) -> dict[str, int]:
        """How many records of each kind; kinds without any are left out."""
        found = Counter(line.kind.value for line in self.lines)
        return {kind.value: found[kind.value] for kind in Kind if found[kind.value]}

    def of(self, member: str) -> list[Line]:
        return [line for line in self.lines if line.member == member]

    @property
    def members(self) -> list[str]:
        return list(dict.fromkeys(line.member for line in self.lines))


def plan_of(node: Node, reading: Reading) -> Plan:
    """The plan of a node that has collected from both systems. Raises what a run raises, when a system does not answer."""
    lines: list[Line] = []
    for concept in reading.concepts.values():
        for member in concept.members.values():
            if member.parent is None:
                lines += _of_member(node, member)
    return Plan(tuple(lines))


def _of_member(node: Node, member: Member) -> Iterator[Line]:
    for entity in node.stream(f"{member.name}{SUFFIX}", "after-transforms", preview=True):
        seen = {name: readable(value) for name, value in entity.items()}
        yield _line(member, seen)
        for report in as_list(seen.get("$report")):
            if "matches nobody" in str(report) or "same" in str(report):
                yield Line(Kind.CONFLICT, member.name, str(seen["_id"]), why=str(report))


def readable(value: Any) -> Any:
    """A value as JSON without tags: numbers as numbers, moments and identifiers as text."""
    if type(value) is dict:
        return {name: readable(inner) for name, inner in value.items()}
    if type(value) is list:
        return [readable(inner) for inner in value]
    found = plain(value)
    return found if type(found) is not Decimal else int(found) if found == int(found) else float(found)


def _line(member: Member, seen: Mapping[str, Any]) -> Line:
    operation, payload = str(seen.get("$operation")), seen.get("payload")
    entity = str(seen["_id"])
    if seen.get("$error") is not None:
        return Line(Kind.REFUSED, member.name, entity, why=str(seen["$error"]))
    if operation == "discard-by-connector":
        return Line(Kind.WAIT, member.name, entity, why=str(seen.get("$discard")))
    if operation not in ("insert", "update", "delete"):
        why = None if operation == "discard-entity-not-changed" else operation
        return Line(Kind.UNCHANGED, member.name, entity, why=why)
    before = seen.get("$based_on") or {}
    sent = payload if isinstance(payload, dict) else {}
    changes = tuple(
        Change(name, before.get(name), value)
        for name, value in sent.items()
        if before.get(name) != value and name != member.pk
    )
    if operation == "update" and any(one.property in member.links and not one.before for one in changes):
        return Line(Kind.MATCH, member.name, entity, changes)
    return Line(Kind(operation), member.name, entity, changes)
